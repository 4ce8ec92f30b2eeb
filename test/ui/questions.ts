// Questions of runs: what is typed for one is never the answer to another, and never taken from a line that is being typed.
import test from 'ava';
import { plainLine } from '../../src/views/line.js';
import { drawScreen } from '../../ui/screens/screen.js';
import type { AppState, Question } from '../../ui/state/app-state.js';
import { comeUnasked } from '../../ui/state/asked.js';
import { reduce } from '../../ui/state/reduce.js';
import { readyState } from '../helpers/screen-states.js';

const password = (id: string, host: string): Question => ({
  id,
  runId: `run of ${host}`,
  prompt: { kind: 'password', host, user: 'root', label: 'Password:' },
});

const asked = (state: AppState, question: Question): AppState => reduce(state, { type: 'asked', question });
const typed = (state: AppState, text: string): AppState =>
  reduce(state, { type: 'edited', edit: { does: 'insert', text } });

/** After the moment that a question is seen before it takes an answer. */
const heard = (state: AppState): AppState => reduce(state, { type: 'listens', id: comeUnasked(state) ?? '' });

test('secret-for-another-host: a question that is withdrawn takes with it what was typed for it', (t) => {
  const first = typed(asked(readyState(), password('1', 'a')), 'secret of a');
  const both = asked(first, password('2', 'b'));
  t.is(both.answer.value, 'secret of a', 'another question does not take away what is being typed');
  const next = reduce(both, { type: 'withdrawn', runId: 'run of a' });
  t.is(next.questions[0]?.id, '2');
  t.is(next.answer.value, '');
  t.is(reduce(both, { type: 'withdrawn', runId: 'run of b' }).answer.value, 'secret of a');
  t.is(reduce(both, { type: 'answered', id: '1' }).answer.value, '');
});

test('a question waits until the line that is being typed is done', (t) => {
  const field = { purpose: 'target', value: 'web' } as const;
  const state = typed(asked({ ...readyState(), field }, password('1', 'a')), '9');
  t.is(state.field?.value, 'web9');
  t.is(state.answer.value, '');
  const shown = drawScreen(state, { columns: 79, rows: 23, ascii: false }).lines.map(plainLine).join('\n');
  t.regex(shown, /web9_/);
  t.notRegex(shown, /Password/);
});

test('what is asked and where one types is seen in 40 columns', (t) => {
  const question = { id: '1', runId: 'r', prompt: { kind: 'host-key', host: 'web1' } } as const;
  const prompt = { ...question.prompt, keyType: 'ssh-ed25519', fingerprint: 'SHA256:abc' };
  const state = heard(typed(asked(readyState(), { ...question, prompt }), 'yes'));
  const lines = drawScreen(state, { columns: 39, rows: 11, ascii: false }).lines.map(plainLine);
  t.regex(lines.join(' '), /Is that its key\?/);
  t.regex(lines.at(-1) ?? '', /yes_$/);
  const confirm = { what: 'cancel', subject: 'web1, web2 and some more hosts' } as const;
  const stop = drawScreen({ ...readyState(), confirm }, { columns: 39, rows: 11, ascii: false });
  t.regex(stop.lines.map(plainLine).join('\n'), /\[y\/N\]/);
});

test('help is scrolled by itself, and the list below it stays where it was', (t) => {
  const help = { ...readyState(), help: true };
  const down = reduce(help, { type: 'action', action: 'list.down', page: 10, last: 20 });
  t.is(down.helpScroll, 1);
  t.is(down.imageRows.cursor, help.imageRows.cursor);
});
