// What a key means at this moment: an answer, a letter of a field or of the filter, or an action of the screen.
import { printable } from '../src/text/format.js';
import type { Controller } from './controller.js';
import { type ActionId, actionOf } from './keys.js';
import type { Picture } from './screens/screen.js';
import type { AppState } from './state/app-state.js';
import type { AppEvent } from './state/events.js';
import { listOf } from './state/lists.js';

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
  if (state.field !== undefined) {
    const leave = (): void => dispatch({ type: 'field', field: undefined });
    typeInto(press, around, { enter: controller.fieldDone, leave });
  } else if (state.confirm !== undefined) {
    if (name === 'y' || name === 'Y' || (name === 'ctrl+c' && state.confirm.what === 'quit'))
      controller.confirmed();
    else dispatch({ type: 'confirm', confirm: undefined });
  } else if (state.questions.length > 0) {
    typeInto(press, around, { enter: controller.answer, leave: controller.decline });
  } else if (listOf(state)?.typing === true && name !== 'up' && name !== 'down') {
    const end = (keep: boolean) => (): void => dispatch({ type: 'filter.end', keep });
    typeInto(press, around, { enter: end(true), leave: end(false) });
  } else act(press, around);
}

function typeInto(
  { name, text }: Press,
  { dispatch }: Around,
  on: { readonly enter: () => void; readonly leave: () => void },
): void {
  const isPasted = [...text].length > 1;
  if (name === 'enter') on.enter();
  else if (name === 'esc' || name === 'ctrl+c') on.leave();
  // Terminals do not agree on which of the two their Backspace is.
  else if (name === 'backspace' || name === 'delete') dispatch({ type: 'erased' });
  else if (name === text || name === 'space' || name === 'paste' || isPasted) {
    // A secret may hold anything that can be typed; what cannot be seen was not typed.
    const typed = [...text].filter((sign) => printable(sign) === sign).join('');
    if (typed !== '') dispatch({ type: 'typed', text: typed });
  }
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
