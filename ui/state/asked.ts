// What is typed, and what it is typed for: a field, a question, a filter. Pure.
import type { AppState } from './app-state.js';
import { withList } from './lists.js';
import { type Edit, edited, nothingTyped } from './typing.js';

/** The state with these questions. What was typed belongs to the question it was typed for, and to no other. */
export function withQuestions(state: AppState, questions: AppState['questions']): AppState {
  const isSame = questions[0]?.id === state.questions[0]?.id;
  return { ...state, questions, answer: isSame ? state.answer : nothingTyped };
}

/** The state after an edit of whatever takes text. */
export function withEdit(state: AppState, edit: Edit): AppState {
  const { field, questions, answer } = state;
  if (field !== undefined) return { ...state, field: { ...field, ...edited(field, edit) } };
  if (questions.length > 0) return { ...state, answer: edited(answer, edit) };
  return withList(state, { type: 'edit', edit });
}

/**
 * The question on the screen that nobody has called with a key, by a name; undefined if there is none. A key that was on its
 * way when it came must not answer it.
 */
export function comeUnasked({ field, confirm, questions }: AppState): string | undefined {
  if (field !== undefined) return undefined;
  if (confirm !== undefined) return confirm.what === 'overwrite' ? `overwrite ${confirm.subject}` : undefined;
  return questions[0] && `question ${questions[0].id}`;
}
