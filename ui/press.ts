// What a key means at this moment: an answer, a letter of a field or of the filter, or an action of the screen.
import { text } from '../src/text/text.js';
import { span } from '../src/views/line.js';
import type { Controller } from './controller.js';
import { type ActionId, actionOf } from './keys.js';
import type { Picture } from './screens/screen.js';
import type { AppState } from './state/app-state.js';
import { comeUnasked } from './state/asked.js';
import type { AppEvent } from './state/events.js';
import { listOf } from './state/lists.js';
import { editOf, pastedLine, visible } from './state/typing.js';

export interface Press {
  /** As `keyName` tells it, or `paste`. */
  readonly name: string;
  /** What it would write; several characters where something was pasted. */
  readonly text: string;
}

/** What a key or a click is done to. */
export interface Around {
  readonly state: AppState;
  readonly dispatch: (event: AppEvent) => void;
  readonly controller: Controller;
  readonly picture: Picture;
}

/** A line that is being typed first, then the screen's own question, then those of runs, then the filter, then the screens. */
export function pressKey(press: Press, around: Around): void {
  const { state, dispatch, controller } = around;
  const { name } = press;
  if (state.notice !== undefined) dispatch({ type: 'notice', notice: undefined });
  const unasked = comeUnasked(state);
  // It was meant for what stood there before.
  if (unasked !== undefined && unasked !== state.listening) return;
  if (state.field !== undefined) {
    const leave = (): void => dispatch({ type: 'field', field: undefined });
    if (state.field.isChecking !== true) typeInto(press, around, { enter: controller.fieldDone, leave });
    else if (isLeaving(name)) leave();
  } else if (state.confirm !== undefined) {
    if (name === 'paste') return;
    if (name === 'y' || name === 'Y' || (name === 'ctrl+c' && state.confirm.what === 'quit'))
      controller.confirmed();
    else dispatch({ type: 'confirm', confirm: undefined });
  } else if (state.questions.length > 0) {
    typeInto(press, around, { enter: controller.answer, leave: controller.decline });
  } else if (listOf(state)?.typing === true && !movesList.has(name)) {
    const end = (keep: boolean) => (): void => dispatch({ type: 'filter.end', keep });
    typeInto(press, around, { enter: end(true), leave: end(false) });
  } else act(press, around);
}

/** Whether a line is being typed: a field, an answer, a filter. */
export function isTyped(state: AppState): boolean {
  return state.field !== undefined || state.questions.length > 0 || listOf(state)?.typing === true;
}

const movesList: ReadonlySet<string> = new Set(['up', 'down', 'pageup', 'pagedown']);
const isLeaving = (name: string): boolean => name === 'esc' || name === 'ctrl+c';

function typeInto(
  { name, text: typed }: Press,
  { dispatch }: Around,
  on: { readonly enter: () => void; readonly leave: () => void },
): void {
  const edit = editOf(name);
  const insert = (line: string): void => {
    if (line !== '') dispatch({ type: 'edited', edit: { does: 'insert', text: line } });
  };
  if (name === 'enter') on.enter();
  else if (isLeaving(name)) on.leave();
  else if (edit !== undefined) dispatch({ type: 'edited', edit });
  else if (name === 'paste') {
    const { line, lines, isCleaned } = pastedLine(typed);
    insert(line);
    const { pasted } = text().words.screen;
    const said = [...(lines > 1 ? [pasted.lines(lines)] : []), ...(isCleaned ? [pasted.cleaned] : [])];
    if (said.length > 0) dispatch({ type: 'notice', notice: [span('warn', said.join('  '))] });
  } else if (name === typed || name === 'space') insert(visible(typed));
}

function act({ name }: Press, around: Around): void {
  const { state, dispatch } = around;
  const action = actionOf(name, state.help ? 'inspect' : state.screen);
  // Help is read, and gone with any key that does not scroll it.
  if (state.help && action?.startsWith('list.') !== true) {
    dispatch({ type: 'action', action: 'app.help', page: 1, last: 0 });
    if (action !== 'app.stop') return;
  }
  if (action !== undefined) doAction(action, around);
}

/** Does it, whatever asked for it. */
export function doAction(action: ActionId, { dispatch, controller, picture }: Around): void {
  dispatch({ type: 'action', action, page: Math.max(1, picture.page - 2), last: picture.last });
  controller.perform(action);
}
