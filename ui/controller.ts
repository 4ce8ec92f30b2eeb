// What the screen does in the world: asks the core, starts runs, answers questions, saves. It reads the state, and changes it
// by events alone.
import { text } from '../src/text/text.js';
import { understood } from '../src/views/answer.js';
import { span } from '../src/views/line.js';
import { createBrowse } from './browse.js';
import { createFields } from './fields.js';
import { createJobs } from './jobs.js';
import type { ActionId } from './keys.js';
import { createLayerReader } from './layers.js';
import { createLookout } from './lookout.js';
import { createOptions } from './options.js';
import { type Asking, type Parts, told } from './parts.js';
import { createPatience } from './patience.js';
import { createPlanner } from './planner.js';
import { createRunner } from './runner.js';
import { saveField } from './save.js';
import type { AppState, Field } from './state/app-state.js';
import { commandLine, commandsOf, forTargets } from './state/command.js';
import { fileParts } from './state/extras.js';
import { leftOf } from './state/jobs.js';
import { isBrowsing, listOf, shownIds } from './state/lists.js';
import { receiptTarget, repeatOf } from './state/repeat.js';
import { shownExtras, shownReceipts, shownTargets } from './state/rows.js';
import { typedName } from './state/targets.js';

export interface Controller {
  /** Begins to fill the lists. */
  open(): void;
  /** After an action has changed the state: what must be done besides. */
  perform(action: ActionId): void;
  /** After any change: whatever the state now wants to know. */
  settle(): void;
  answer(): void;
  decline(): void;
  confirmed(): void;
  fieldDone(): void;
  /** What is left of runs that were paused, stopped or have failed, as commands. */
  left(): readonly string[];
  /** Stops what runs, cleanly. Resolves when it has stopped. */
  close(): Promise<void>;
}

/** `leave` ends the screen. */
export function createController(parts: Parts, leave: () => void): Controller {
  const { doors, state, dispatch } = parts;
  const answers = new Map<string, (value: string | undefined) => void>();
  /** Shows a question, and hands the answer to whoever asked. */
  const ask: Asking = (question, give) => {
    answers.set(question.id, give);
    dispatch({ type: 'asked', question });
  };
  const withdraw = (runId: string): void => {
    for (const { id } of state().questions.filter((one) => one.runId === runId)) answers.delete(id);
    dispatch({ type: 'withdrawn', runId });
  };
  const lookout = createLookout(parts, { ask, withdraw });
  const layers = createLayerReader(parts);
  const planner = createPlanner(parts, { ask, withdraw });
  const jobs = createJobs(parts, { ask, withdraw });
  const patience = createPatience(parts);

  const settleQuestion = (value: string | undefined): void => {
    const [question] = state().questions;
    if (question === undefined) return;
    answers.get(question.id)?.(value);
    answers.delete(question.id);
    dispatch({ type: 'answered', id: question.id });
  };
  const fields = createFields(parts, {
    notice: (line) => notice(line),
    // Whoever adds a host is there to answer its questions.
    added: (id) => void lookout.probe(id, { asking: true }),
  });
  const edit = (field: Field): void => dispatch({ type: 'field', field });
  const targetHere = (): ReturnType<typeof shownTargets>[number] | undefined =>
    shownTargets(state())[listOf(state())?.cursor ?? 0];
  const registryHere = (): ReturnType<typeof targetHere> => {
    const target = targetHere();
    if (target?.kind === 'registry') return target;
    complainOf(text().words.screen.targets.noLogin);
    return undefined;
  };
  const extraHere = (): ReturnType<typeof shownExtras>[number] | undefined =>
    isBrowsing(state()) ? undefined : shownExtras(state())[state().extraRows.cursor];
  const receiptHere = (): AppState['proof'] =>
    state().screen === 'proof' ? state().proof : shownReceipts(state())[state().historyRows.cursor];
  const notice = (line: string): void => dispatch({ type: 'notice', notice: [span('ok', line)] });
  const complain = (error: unknown): void => {
    const { message, code } = told(error);
    dispatch({ type: 'notice', notice: [span('error', message), ` [${code}]`] });
  };

  const complainOf = (line: string): void => dispatch({ type: 'notice', notice: [span('warn', line)] });
  const browse = createBrowse(parts, complain);
  const options = createOptions(parts);
  const runner = createRunner(parts, { planner, jobs, leave });

  const openRow = (): void => {
    const id = shownIds(state())[listOf(state())?.cursor ?? 0];
    if (id === undefined) return;
    if (isBrowsing(state())) browse.enter();
    else if (state().screen === 'options') options.choose();
    else if (id.startsWith('compose:')) {
      const file = state().places.composeFiles.find((one) => `compose:${one.path}` === id);
      notice(file?.problem ?? (file?.images ?? []).join('  '));
    } else if (state().screen === 'images') {
      dispatch({ type: 'inspect', id });
      void lookout.inspect(id);
    } else if (state().screen === 'targets') void lookout.probe(id, { asking: true });
    else if (state().screen === 'history') {
      const receipt = receiptHere();
      if (receipt !== undefined) dispatch({ type: 'proof', receipt });
    }
  };
  const repeat = (): void => {
    const receipt = receiptHere();
    if (receipt === undefined) return;
    const { bundle } = receipt;
    // What came on a drive lies on the drive: there is nothing here to send again.
    if (bundle !== undefined) {
      notice(text().words.screen.history.imported(bundle.name));
      return;
    }
    const { sources, extras, missing } = repeatOf(receipt, state());
    const target = receiptTarget(receipt, state());
    if (!state().targets.some(({ id }) => id === target.id))
      dispatch({ type: 'target.put', target, instead: undefined });
    dispatch({ type: 'repeat', sources, extras, targets: [target.id] });
    if (missing.length > 0) notice(text().words.screen.history.withoutFiles(missing));
    dispatch({ type: 'action', action: 'app.plan', page: 1, last: 0 });
  };

  const acts: Partial<Record<ActionId, () => void>> = {
    'images.again': () => lookout.again(),
    'list.open': openRow,
    'inspect.files': () => layers.read(),
    'targets.add': () => edit({ purpose: 'target', value: '' }),
    'targets.edit': () => {
      const target = targetHere();
      if (target?.from === 'typed') edit({ purpose: 'target', value: typedName(target), editing: target.id });
    },
    'targets.forget': () => {
      const target = targetHere();
      if (target?.from === 'typed')
        dispatch({ type: 'confirm', confirm: { what: 'forget', subject: typedName(target) } });
    },
    'targets.probe': () => {
      const target = targetHere();
      if (target !== undefined) void lookout.probe(target.id, { asking: true });
    },
    'targets.engine': () => {
      const target = targetHere();
      if ((target?.otherEngines ?? []).length === 0) complainOf(text().words.screen.targets.oneEngine);
      else if (target !== undefined && target.probe.is !== 'asking') {
        dispatch({ type: 'target.engine', id: target.id });
        void lookout.probe(target.id, { asking: true });
      }
    },
    'targets.login': () => {
      const target = registryHere();
      if (target !== undefined) void lookout.registries.logIn(target);
    },
    'targets.logout': () => {
      const target = registryHere();
      if (target !== undefined)
        dispatch({ type: 'confirm', confirm: { what: 'logout', subject: target.name } });
    },
    'list.toggle': () => {
      if (isBrowsing(state())) browse.choose();
      else if (state().screen === 'options') options.choose();
    },
    'extras.add': () => edit({ purpose: 'extra', value: '' }),
    'extras.browse': () => browse.open(),
    'extras.edit': () => {
      const extra = extraHere();
      const [flag, word = ''] = extra?.words ?? [];
      if (extra === undefined || extra.from !== 'typed') return;
      const { from, to, mode } = fileParts(word);
      const place = mode === undefined ? to : `${to}:${mode}`;
      if (flag === '--file') edit({ purpose: 'extra-place', value: place, source: from, editing: extra.id });
      else edit({ purpose: 'extra', value: flag === '--packages' ? `${word}/` : word, editing: extra.id });
    },
    'extras.remove': () => {
      const extra = extraHere();
      if (extra === undefined) return;
      // What was found here would be found again.
      if (extra.from !== 'typed') complainOf(text().words.screen.extras.found);
      else dispatch({ type: 'extra.remove', id: extra.id });
    },
    'extras.mode': () => {
      const extra = extraHere();
      if (extra?.words[0] !== '--file') return;
      const { from, to, mode = '' } = fileParts(extra.words[1] ?? '');
      edit({ purpose: 'extra-mode', value: mode, source: `${from}:${to}`, editing: extra.id });
    },
    'plan.copy': () => {
      const commands = commandsOf(state());
      if (commands.length === 0) complainOf(text().words.screen.plan.nothing);
      else
        void doors
          .copy(commands.map(commandLine).join('\n'))
          .then((to) => notice(text().words.screen.plan.copied[to]));
    },
    'plan.save': () => edit({ purpose: 'save-spec', value: 'bundle.yaml' }),
    'options.clear': () => options.clear(),
    'images.bundle': () => edit({ purpose: 'bundle', value: '' }),
    'proof.json': () => edit({ purpose: 'save-json', value: saveField(state().proof, 'json') }),
    'proof.html': () => edit({ purpose: 'save-html', value: saveField(state().proof, 'html') }),
    'history.repeat': repeat,
    ...runner.acts,
  };

  return {
    open() {
      lookout.open();
      options.open();
    },
    perform: (action) => acts[action]?.(),
    settle() {
      lookout.settle();
      layers.settle();
      planner.settle();
      patience.settle();
    },
    answer: () => {
      const [question] = state().questions;
      if (question !== undefined) settleQuestion(understood(question.prompt, state().answer.value));
    },
    decline: () => settleQuestion(undefined),
    confirmed() {
      const { confirm } = state();
      dispatch({ type: 'confirm', confirm: undefined });
      if (confirm !== undefined) runner.confirmed(confirm);
      if (confirm?.what === 'logout') {
        const target = state().targets.find(
          ({ kind, name }) => kind === 'registry' && name === confirm.subject,
        );
        if (target !== undefined) void lookout.registries.logOut(target);
      }
      if (confirm?.what === 'overwrite') {
        const { subject, content = '' } = confirm;
        doors
          .save(subject, content, 'over')
          .then(() => notice(text().words.screen.saved(subject)))
          .catch(complain);
      }
      const forgotten = state().targets.find(
        (target) => target.from === 'typed' && typedName(target) === confirm?.subject,
      );
      if (confirm?.what === 'forget' && forgotten !== undefined) {
        dispatch({ type: 'target.forget', id: forgotten.id });
        doors.core.then((core) => core.forgetTarget(typedName(forgotten))).catch(complain);
      }
    },
    fieldDone() {
      const { field } = state();
      if (field === undefined) return;
      const { refused: _, ...tried } = field;
      const checked: Field = { ...tried, isChecking: true };
      const show = (next: Field | undefined): void => dispatch({ type: 'field', field: next });
      show(checked);
      // Whoever has left the line in the meantime is not brought back to it.
      const isThere = (): boolean => state().field === checked;
      fields.done(field).then(
        (next) => isThere() && show(next),
        (error: unknown) => (isThere() ? show({ ...tried, refused: told(error) }) : complain(error)),
      );
    },
    left: () =>
      state().jobs.flatMap((job) => {
        const targets = leftOf(job);
        return targets.length === 0 ? [] : [commandLine(forTargets(job.command, targets))];
      }),
    close: async () => {
      planner.close();
      lookout.close();
      layers.close();
      patience.close();
      await jobs.stop();
    },
  };
}
