// What becomes of a line that was typed: a target, a file, an option, a name to save under. Whatever the command line would
// refuse is refused here, with the same words.
import path from 'node:path';
import { text } from '../src/text/text.js';
import type { Parts } from './parts.js';
import { specText } from './save.js';
import type { AppState, Field } from './state/app-state.js';
import { extraWords } from './state/extras.js';
import { savedTarget } from './state/targets.js';

export interface Fields {
  /** @returns what must be asked next. @throws {AirgapError} what the command line, the core or the disk says of it */
  done(field: Field): Promise<Field | undefined>;
}

interface FieldsOptions {
  readonly notice: (line: string) => void;
  /** A target has been added. */
  readonly added: (id: string) => void;
}

export function createFields({ doors, state, dispatch }: Parts, { notice, added }: FieldsOptions): Fields {
  const setOption = async (name: keyof AppState['options'], value: string): Promise<void> => {
    const command = name === 'sign' || name === 'split' ? 'export' : 'send';
    if (value !== '') await doors.parse([command, 'x', 'x', `--${name}`, value]);
    dispatch({ type: 'option', name, value: value === '' && name === 'compress' ? 'auto' : value });
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
    if (before !== undefined && before.id !== target.id) await core.forgetTarget(before.name);
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
    const { document, outside } = specText(state(), path.dirname(path.resolve(file)));
    const words = text().words.screen;
    if (await save(file, document))
      notice(outside.length === 0 ? words.saved(file) : words.savedWithout(file, outside));
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
    async done({ purpose, value, editing, source = '' }) {
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
        case 'save-spec':
          await saveSpec(typed);
          break;
        case 'save-json':
        case 'save-html':
          await saveReceipt(purpose, typed);
          break;
        default:
          await setOption(purpose, typed);
      }
      return undefined;
    },
  };
}
