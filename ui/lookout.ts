// Looks around in the background, so that lists fill while a person reads: images, containers, hosts, drives, receipts; what
// hosts hold; what is inside of the images that were chosen.
import type { ConnectOptions } from '../src/runs/api.js';
import type { RegistryWay } from '../src/runs/local-api.js';
import { text } from '../src/text/text.js';
import { span } from '../src/views/line.js';
import { follow } from './follow.js';
import { type Parts, type Questions, told } from './parts.js';
import { createRegistryProbe, type RegistryProbe } from './registries.js';
import type { Target } from './state/app-state.js';
import { optionWords } from './state/command.js';
import { chosenSources } from './state/rows.js';
import {
  folderTarget,
  knownTarget,
  localName,
  localTarget,
  registryTargets,
  savedTarget,
  typedName,
} from './state/targets.js';

export interface Lookout {
  open(): void;
  /** Asks for everything anew. */
  again(): void;
  /** Looks at whatever the state now shows and nobody has looked at. */
  settle(): void;
  /** `asking`: questions are put to the person; else whatever needs an answer fails, and says so. */
  probe(id: string, options: { readonly asking: boolean }): Promise<void>;
  inspect(id: string): Promise<void>;
  /** Of registries among the targets: who one is there. */
  readonly registries: Pick<RegistryProbe, 'logIn' | 'logOut'>;
  close(): void;
}

// More hosts than this are looked at when somebody asks: each is a connection.
const mostProbed = 20;
const probesAtOnce = 3;

export function createLookout({ doors, state, dispatch }: Parts, { ask, withdraw }: Questions): Lookout {
  /** Targets that were looked at, and images that were opened: an image may be called as a host is. */
  const lookedAt = new Set<string>();
  const opened = new Set<string>();
  let remembering: Promise<unknown> = Promise.resolve();
  const running = new Set<{ cancel(): void }>();
  let probing = 0;
  let inspecting: Promise<void> = Promise.resolve();
  let closed = false;

  const complain = (error: unknown): void => {
    const { message, code, hint = '' } = told(error);
    dispatch({ type: 'notice', notice: [span('error', message), ` [${code}] `, span('dim', hint)] });
  };

  const load = async (shown?: (count: number) => void): Promise<void> => {
    const core = await doors.core;
    const images = core.images().then(
      (value) => {
        dispatch({ type: 'images', images: { is: 'ready', value } });
        shown?.(value.images.length);
      },
      (error: unknown) => dispatch({ type: 'images', images: { is: 'failed', error: told(error) } }),
    );
    const receipts = core.receipts().then(
      (value) => {
        dispatch({ type: 'receipts', receipts: { is: 'ready', value } });
        return value;
      },
      (error: unknown) => {
        dispatch({ type: 'receipts', receipts: { is: 'failed', error: told(error) } });
        return [];
      },
    );
    const hosts = core.hosts({}).then(
      (known) => known.map(knownTarget),
      () => [],
    );
    // A list that cannot be read is told: whoever added to it would miss it.
    const saved = core.targets().then(
      (list) => list.filter(({ kind }) => kind !== 'host').map(savedTarget),
      (error: unknown) => {
        complain(error);
        return [];
      },
    );
    // A drive that was added, too, is one row.
    const show = (all: readonly Target[]): void =>
      dispatch({ type: 'targets', targets: [...new Map(all.map((target) => [target.id, target])).values()] });
    // Bundles are imported here, too; people mostly want another machine.
    const added = await saved;
    const folders = added.filter(({ kind }) => kind === 'folder');
    const pushedTo = registryTargets(added, await receipts);
    const quick = [...(await hosts), localTarget(), ...pushedTo, ...folders];
    show(quick);
    // An engine that hangs holds back containers and drives, and nothing else.
    const places = await core.places();
    dispatch({ type: 'places', places });
    show([
      ...quick.filter(({ kind }) => kind !== 'folder'),
      ...places.drives.map(({ path, freeBytes }) => folderTarget(path, 'drive', freeBytes)),
      ...folders,
    ]);
    await images;
  };

  /** As the sends that follow will: by the options of the plan. What is wrong with them, the plan tells. */
  const howToReach = async (wanted?: string): Promise<{ connect: ConnectOptions; engine?: string }> => {
    const words = ['send', 'x', 'x', ...optionWords(state(), 'send', wanted)];
    const parsed = await doors.parse(words).catch(() => undefined);
    if (parsed?.command !== 'send') return { connect: {} };
    const { connect, engine } = parsed.options;
    return { connect, ...(engine === undefined ? {} : { engine }) };
  };
  const probe = async (id: string, { asking }: { readonly asking: boolean }): Promise<void> => {
    const target = state().targets.find((one) => one.id === id);
    if (target?.kind === 'folder') return await lookAt(target);
    if (target === undefined || target.probe.is === 'asking') return;
    lookedAt.add(id);
    if (target.kind === 'registry') return await registries.look(target, { asking });
    dispatch({ type: 'target.probe', id, probe: { is: 'asking' } });
    const host = target.name === localName ? undefined : target.name;
    const run = (await doors.core).passport(host, await howToReach(target.engine));
    running.add(run);
    try {
      const asked = asking
        ? (event: { id: string; runId: string; prompt: Parameters<typeof ask>[0]['prompt'] }) =>
            ask(event, (value) => run.answer(event.id, value))
        : undefined;
      const { passport, otherEngines } = await follow(run, asked === undefined ? {} : { asked });
      dispatch({ type: 'target.probe', id, probe: { is: 'ready', value: passport }, otherEngines });
      remember(target);
    } catch (error) {
      if (!closed) dispatch({ type: 'target.probe', id, probe: { is: 'failed', error: told(error) } });
    } finally {
      running.delete(run);
      withdraw(run.id);
    }
  };

  /** One after another: each reads the list and writes it anew. */
  const remember = (target: Target): void => {
    if (target.from !== 'typed') return;
    remembering = remembering
      .then(async () => (await doors.core).addTarget(typedName(target)))
      .catch(complain);
  };
  const howToPush = async (registry: string): Promise<RegistryWay> => {
    const parsed = await doors
      .parse(['push', 'x', registry, ...optionWords(state(), 'push')])
      .catch(() => undefined);
    if (parsed?.command !== 'push') return {};
    const { through, connect } = parsed.options;
    return through === undefined ? {} : { through, connect };
  };
  const registries = createRegistryProbe(
    { doors, state, dispatch },
    { ask, withdraw },
    { howToReach: howToPush, reached: remember },
  );

  const lookAt = async ({ id, name }: Target): Promise<void> => {
    lookedAt.add(id);
    const look = await (await doors.core).lookAtFolder(name);
    dispatch({ type: 'folder.look', id, look });
  };

  const inspect = async (id: string): Promise<void> => {
    const known = state().inspected.get(id);
    if (known?.is === 'ready' || (known?.is === 'waiting' && opened.has(id))) return;
    opened.add(id);
    dispatch({ type: 'inspected', id, image: { is: 'waiting' } });
    try {
      const value = await (await doors.core).inspect(id);
      dispatch({ type: 'inspected', id, image: { is: 'ready', value } });
    } catch (error) {
      dispatch({ type: 'inspected', id, image: { is: 'failed', error: told(error) } });
    }
  };

  const probeNext = (): void => {
    const next = state()
      .targets.slice(0, mostProbed)
      .find(
        ({ id, kind, probe: seen }) =>
          (kind === 'host' || kind === 'registry') && seen.is === 'none' && !lookedAt.has(id),
      );
    if (next === undefined || probing >= probesAtOnce || closed) return;
    probing += 1;
    void probe(next.id, { asking: false }).finally(() => {
      probing -= 1;
      probeNext();
    });
    probeNext();
  };

  return {
    open: () => void load(),
    again() {
      // A drive may hold other things by now.
      for (const { id, kind } of state().targets) if (kind === 'folder') lookedAt.delete(id);
      const { again, seen } = text().words.screen.images;
      // Rows that are there stay: who looks again mostly finds the same, and wants to see that it was looked.
      if (state().images.is !== 'ready') dispatch({ type: 'images', images: { is: 'waiting' } });
      dispatch({ type: 'notice', notice: [again] });
      void load((count) => dispatch({ type: 'notice', notice: [seen(count)] }));
    },
    settle() {
      // Nobody's host is knocked at before somebody looks at hosts.
      if (state().screen === 'targets') probeNext();
      // Passports are shown with targets, receipts that came home with the others, bundles with what can be sent.
      const { screen, imageTab } = state();
      if (screen === 'targets' || screen === 'history' || (screen === 'images' && imageTab === 'bundle')) {
        for (const target of state().targets)
          if (target.kind === 'folder' && !lookedAt.has(target.id)) void lookAt(target);
      }
      for (const { id, kind } of chosenSources(state())) {
        if (kind !== 'image' || opened.has(id) || state().inspected.has(id)) continue;
        opened.add(id);
        // One at a time: each asks the engine, and a person chooses faster than it answers.
        inspecting = inspecting.then(() => inspect(id));
      }
    },
    probe,
    inspect,
    registries,
    close() {
      closed = true;
      registries.close();
      for (const run of running) run.cancel();
    },
  };
}
