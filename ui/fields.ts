// What becomes of a line that was typed: a target, a file, an option, a name to save under. Whatever the command line would
// refuse is refused here, with the same words.
import { homedir } from 'node:os';
import path from 'node:path';
import { AirgapError } from '../src/errors.js';
import { text } from '../src/text/text.js';
import type { Parts } from './parts.js';
import { specText } from './save.js';
import type { Field } from './state/app-state.js';
import { extraWords } from './state/extras.js';
import { savedTarget, typedName } from './state/targets.js';

export interface Fields {
  /** @returns what must be asked next. @throws {AirgapError} what the command line, the core or the disk says of it */
  done(field: Field): Promise<Field | undefined>;
}

interface FieldsOptions {
  readonly notice: (line: string) => void;
  /** A target has been added. */
  readonly added: (id: string) => void;
}

/** What says by its beginning that it is an image; all else is a path. */
const isImage = (typed: string): boolean =>
  /^(?:docker:\/\/|(?:oci|oci-archive|docker-archive|docker-daemon|containers-storage|containerd(?:\+[^:/]*)?):)/.test(
    typed,
  );

export function createFields({ doors, state, dispatch }: Parts, { notice, added }: FieldsOptions): Fields {
  const setOption = async (option: Field['option'], value: string): Promise<void> => {
    if (option === undefined) return;
    const { flag, repeats, of } = option;
    const before = repeats ? (state().options.get(flag) ?? []) : [];
    const values = value === '' ? before : [...before, value];
    const [kind = 'send'] = of;
    if (value !== '') await doors.parse([kind, 'x', ...(kind === 'import' ? [] : ['x']), flag, value]);
    dispatch({ type: 'option', flag, values: values.length === 0 ? undefined : values });
  };
  const putTarget = async (typed: string, editing: string | undefined): Promise<void> => {
    if (typed === '') return;
    const core = await doors.core;
    const before = state().targets.find(({ id }) => id === editing);
    const found = await core.checkTarget(typed);
    // A host may be a slip of the pen: it is remembered once it has answered.
    if (found.kind === 'folder') await core.addTarget(typed);
    const target = savedTarget(found);
    dispatch({ type: 'target.put', target, instead: editing });
    added(target.id);
    if (before !== undefined && before.id !== target.id) await core.forgetTarget(typedName(before));
  };
  /** Opened: what is not there is told while the line can still be corrected. */
  const putImage = async (typed: string): Promise<void> => {
    await doors.parse(['export', 'x', typed]);
    dispatch({ type: 'image.put', id: typed, image: await (await doors.core).inspect(typed) });
  };
  const addExtra = async (words: readonly string[], instead: string | undefined): Promise<void> => {
    await doors.parse(['export', 'x', ...words]);
    dispatch({ type: 'extra.add', words, from: 'typed', instead });
  };
  /** Nothing is written over before somebody has said so. */
  const save = async (file: string, content: string): Promise<boolean> => {
    const isSaved = await doors.save(file, content, 'new');
    if (!isSaved) dispatch({ type: 'confirm', confirm: { what: 'overwrite', subject: file, content } });
    return isSaved;
  };
  const saveSpec = async (file: string): Promise<void> => {
    const { document, outside, unsaid } = specText(state(), path.dirname(file));
    if (await save(file, document)) notice(text().words.screen.savedSpec(file, outside, unsaid));
  };
  const saveReceipt = async (purpose: 'save-json' | 'save-html', file: string): Promise<void> => {
    const receipt = state().proof;
    if (receipt === undefined) return;
    // Only this loads the QR code's library.
    const { receiptPage } = await import('../src/views/receipt-page.js');
    const content =
      purpose === 'save-html' ? receiptPage(receipt) : `${JSON.stringify(receipt, undefined, 2)}\n`;
    if (await save(file, content)) notice(text().words.screen.saved(file));
  };

  return {
    async done({ purpose, value, editing, option, source = '' }) {
      const typed = value.trim();
      switch (purpose) {
        case 'target':
          await putTarget(typed, editing);
          break;
        case 'extra': {
          if (typed === '') break;
          const words = extraWords(typed);
          // A file alone: where it goes is a line of its own.
          if (words === undefined) return { purpose: 'extra-place', value: '/', source: typed };
          await addExtra(words, editing);
          break;
        }
        case 'extra-place':
          await addExtra(['--file', `${source}:${typed}`], editing);
          break;
        case 'extra-mode':
          await addExtra(['--file', typed === '' ? source : `${source}:${typed}`], editing);
          break;
        case 'bundle':
          if (isImage(typed)) await putImage(typed);
          else if (typed !== '')
            dispatch({ type: 'bundle.put', bundle: await (await doors.core).lookAtBundle(typed) });
          break;
        case 'option':
          await setOption(option, typed);
          break;
        case 'save-spec':
        case 'save-json':
        case 'save-html': {
          if (typed === '') throw new AirgapError('USAGE', { problem: text().words.screen.noName });
          // As a shell would have read it; said whole, since nobody remembers where airgap was started.
          const file = path.resolve(typed.replace(/^~(?=\/|$)/, homedir()));
          if (purpose === 'save-spec') await saveSpec(file);
          else await saveReceipt(purpose, file);
        }
      }
      return undefined;
    },
  };
}
