// The composition root: the only file that names concrete stores, hosts and engines. Faces get what createCore returns.
import path from 'node:path';
import { AirgapError, isAirgapError } from './errors.js';
import { eventsVersion } from './events.js';
import { openFar } from './far/far.js';
import type { Host } from './hosts/host.js';
import { createLocalHost } from './hosts/local.js';
import { localHostName, openHost } from './hosts/open-host.js';
import { createPatientHost } from './hosts/patient-host.js';
import { listConfigHosts, resolveTarget } from './hosts/resolve-target.js';
import type { Platform } from './oci/platform.js';
import type { Receipt } from './receipt/receipt.js';
import { createReceiptStore } from './receipt/receipt-store.js';
import type { ConnectOptions, Core, KnownHost, SendOptions } from './runs/api.js';
import { cleanHost } from './runs/clean.js';
import { demo } from './runs/demo.js';
import { type DoctorParts, doctorHere, doctorHost } from './runs/doctor.js';
import { clientId, type Environment, readEnvironment } from './runs/environment.js';
import { inspectImage, listImages } from './runs/local-images.js';
import type { SendParts } from './runs/prepare-host.js';
import { rollbackFiles } from './runs/rollback.js';
import { type Run, type RunContext, startRun } from './runs/run.js';
import { send } from './runs/send.js';
import { createDockerArchiveStore, createOciArchiveStore } from './stores/archive.js';
import { createDockerStore } from './stores/docker.js';
import { createDockerCli } from './stores/docker-cli.js';
import { createOciLayoutStore } from './stores/oci-layout.js';
import { parseSource, type Source } from './stores/source.js';
import type { Store } from './stores/store.js';
import { openCompressor } from './streams/codec.js';
import { openSpool } from './streams/spool.js';
import { toolVersion } from './version.js';

/** The core that lives in these environment variables' folders and talks to the engine they name. */
export function createCore(env: NodeJS.ProcessEnv): Core {
  const environment = readEnvironment(env);
  const receipts = createReceiptStore(path.join(environment.stateDirectory, 'receipts'));
  const tool = `airgap ${toolVersion()}`;
  const local = createLocalHost(env);
  const dockerCli = createDockerCli(local, 'docker');
  const docker = createDockerStore({
    host: local,
    cacheDirectory: path.join(environment.cacheDirectory, 'configs'),
    readsFolder: true,
  });
  const spoolAt = (directory?: string) =>
    openSpool({ directory: directory ?? path.join(environment.cacheDirectory, 'spool') });

  const parts: Omit<SendParts, 'receipts'> = {
    environment,
    tool,
    openImage: async (source, options) => {
      const { platform, signal } = options;
      const parsed = parseSource(source);
      const store = openStore(parsed, docker);
      return await store.open(parsed.name, { ...(platform === undefined ? {} : { platform }), signal });
    },
    openHost: (name, options, context) => connect(name, options.connect, context),
    openFar: (host, options) => openFar(host, options),
    openSpool: spoolAt,
  };
  const connect = async (
    name: string,
    connectOptions: ConnectOptions,
    { ask, signal }: RunContext,
  ): Promise<Host> => createPatientHost(await openHost(name, connectOptions, { ask, signal, env }));

  return {
    send: (options) =>
      reported(tool, options.dryRun === true ? 'plan' : 'send', async (context, done) => {
        const save = async (receipt: Receipt): Promise<void> => {
          done.push(receipt);
          await receipts.write(receipt);
        };
        const list = async () => (await receipts.list()).receipts;
        return await send({ ...parts, receipts: { list, save } }, options, context);
      }),
    images: () => listImages([docker]),
    inspect: async (source: string, platform?: Platform) => {
      const parsed = parseSource(source);
      const image = await openStore(parsed, docker).open(
        parsed.name,
        platform === undefined ? {} : { platform },
      );
      return inspectImage(image, (await listImages([docker])).images);
    },
    doctor: (host, options) =>
      reported(tool, 'doctor', async (context) => {
        const doctor = doctorParts({ host, options, context, environment, local });
        return host === undefined
          ? await doctorHere(doctor)
          : await doctorHost(doctor, host, options.engine, context);
      }),
    clean: (host, options) =>
      reported(tool, 'clean', async (context) => {
        const opened = await connect(host, options.connect, context);
        try {
          const client = await clientId(environment.stateDirectory);
          const far = await openFar(opened, {
            hostName: host,
            client,
            ...(options.stage === undefined ? {} : { stage: options.stage }),
          });
          return await cleanHost(far, { host, all: options.all, ask: context.ask });
        } finally {
          await opened.close();
        }
      }),
    rollback: (host = localHostName, { connect: how, stage, receipt, force }) =>
      reported(tool, 'rollback', async (context) => {
        const opened = await connect(host, how, context);
        try {
          const client = await clientId(environment.stateDirectory);
          const far = await openFar(opened, {
            hostName: host,
            client,
            ...(stage === undefined ? {} : { stage }),
          });
          const { user } = await far.probe({ engine: 'docker', sudo: 'no' });
          // A number of the list of receipts, or the beginning of an ID.
          const known = receipt === undefined ? undefined : await receipts.find(receipt);
          return await rollbackFiles(far, {
            hostName: host,
            user: user.name,
            receipt: known?.id ?? receipt,
            force,
            ask: context.ask,
          });
        } finally {
          await opened.close();
        }
      }),
    demo: () =>
      reported(tool, 'demo', async (context, done) => {
        const result = await demo(createCore, context);
        done.push(...result.receipts);
        return result;
      }),
    spoolEntries: async (directory) => {
      const spool = await spoolAt(directory);
      const entries = await spool.rows();
      await spool.close();
      return { directory: spool.directory, entries, limitBytes: spool.limitBytes };
    },
    spoolPrune: async ({ directory, all }) => {
      const spool = await spoolAt(directory);
      const bytes = await spool.prune({ all });
      await spool.close();
      return bytes;
    },
    hosts: async (options) => knownHosts(options, env, (await receipts.list()).receipts),
    receipts: async () => (await receipts.list()).receipts,
    receipt: (idOrNumber) => receipts.find(idOrNumber),
  };

  function doctorParts(given: {
    host: string | undefined;
    options: Pick<SendOptions, 'connect' | 'engine' | 'stage' | 'spool'>;
    context: RunContext;
    environment: Environment;
    local: Host;
  }): DoctorParts {
    const { host, options, context } = given;
    const { stage } = options;
    return {
      environment,
      engineVersion: async () =>
        (await dockerCli.run(['version', '--format', '{{.Server.Version}}'], {})).trim(),
      hasProgram: async (name) =>
        await local.exec([name, '-V']).then(
          (exec) => {
            exec.kill();
            exec.stdout.resume();
            exec.stderr.resume();
            exec.exit.catch(() => undefined);
            return true;
          },
          () => false,
        ),
      codecName: async () => {
        const compressor = await openCompressor('zstd');
        await compressor.close();
        return compressor.by;
      },
      openSpool: () => spoolAt(options.spool),
      openHost: () => connect(host ?? '', options.connect, context),
      openFar: (opened, client) =>
        openFar(opened, { hostName: host ?? opened.name, client, ...(stage === undefined ? {} : { stage }) }),
    };
  }
}

/** The store of a source: adding one is a line here. */
function openStore({ transport, path: place = '' }: Source, docker: Store): Store {
  switch (transport) {
    case 'docker-daemon':
      return docker;
    case 'oci':
      return createOciLayoutStore({ path: place });
    case 'oci-archive':
      return createOciArchiveStore({ path: place });
    case 'docker-archive':
      return createDockerArchiveStore({ path: place });
  }
}

/** A run whose first event is run.started and whose last is run.finished or run.failed, with the receipts so far. */
function reported<T>(
  tool: string,
  command: string,
  body: (context: RunContext, done: Receipt[]) => Promise<T>,
): Run<T> {
  return startRun(async (context) => {
    const startedAt = Date.now();
    const done: Receipt[] = [];
    const durationMs = (): number => Date.now() - startedAt;
    context.emit({ type: 'run.started', version: eventsVersion, command, tool });
    try {
      const result = await body(context, done);
      context.emit({ type: 'run.finished', receipts: done, durationMs: durationMs() });
      return result;
    } catch (error) {
      const cancelled = context.signal.aborted && !isAirgapError(error, 'CANCELLED');
      const told = cancelled ? new AirgapError('CANCELLED', { resumable: true }, { cause: error }) : error;
      if (isAirgapError(told)) {
        context.emit({ type: 'run.failed', error: told.toJSON(), receipts: done, durationMs: durationMs() });
      }
      throw told;
    }
  });
}

async function knownHosts(
  options: ConnectOptions,
  env: NodeJS.ProcessEnv,
  receipts: readonly Receipt[],
): Promise<KnownHost[]> {
  const hosts = new Map<string, KnownHost>();
  for (const name of await listConfigHosts(options, env)) {
    const address = await resolveTarget(name, options, env).then(
      (target) => target.address,
      () => undefined,
    );
    hosts.set(name, { name, address, from: 'config' });
  }
  for (const { host, address, id, startedAt } of receipts.toReversed()) {
    const lastReceipt = { id, startedAt };
    const before = hosts.get(host);
    hosts.set(
      host,
      before === undefined
        ? { name: host, address, from: 'receipt', lastReceipt }
        : { ...before, lastReceipt },
    );
  }
  return [...hosts.values()];
}
