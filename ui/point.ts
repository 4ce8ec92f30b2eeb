// What the mouse means at this moment: a tab, a row, a step of the wheel. Whatever waits for an answer is not clicked away.
import { type Around, doAction } from './press.js';
import { listOf } from './state/lists.js';
import type { Mouse } from './terminal/mouse.js';

// As most programs of a terminal do.
const rowsOfWheel = 3;

export function pointMouse(mouse: Mouse, around: Around): void {
  const { state } = around;
  if (state.questions.length > 0 || state.confirm !== undefined || state.field !== undefined) return;
  const list = state.help ? undefined : listOf(state);
  if (mouse.is === 'wheel') {
    const action = mouse.by > 0 ? 'list.down' : 'list.up';
    // A list moves by its cursor, which a person follows; a text only by rows.
    const times = list === undefined ? rowsOfWheel : 1;
    for (let n = 0; n < times; n += 1) doAction(action, around);
    return;
  }
  if (state.help) doAction('app.help', around);
  else clickAt(mouse, around);
}

function clickAt({ column, row }: Extract<Mouse, { is: 'click' }>, around: Around): void {
  const { state, dispatch, picture } = around;
  const list = listOf(state);
  const tab = picture.tabs.find(({ from, to }) => row === 0 && from <= column && column < to);
  const at = picture.list === undefined ? -1 : row - picture.list.top;
  if (tab !== undefined) doAction(`app.${tab.name}`, around);
  else if (list !== undefined && picture.list !== undefined && at >= 0 && at < picture.list.count) {
    const clicked = picture.list.first + at;
    if (clicked !== list.cursor) dispatch({ type: 'row', row: clicked });
    else if (state.screen === 'history') doAction('list.open', around);
    else {
      doAction('list.toggle', around);
      // Choosing with the keyboard moves on; the mouse stays where it is.
      dispatch({ type: 'row', row: clicked });
    }
  }
}
