// The composition root: the only file that names concrete stores, hosts and engines. Faces get what createCore returns.
import path from 'node:path';
import { openBundle } from './bundle/reader.js';
import { checkKey, signManifest } from './bundle/signature.js';
import { AirgapError, isAirgapError } from './errors.js';
import { eventsVersion } from './events.js';
import { openFar } from './far/far.js';
import { importProgram } from './far/program.js';
import type { Host } from './hosts/host.js';
import { createLocalHost } from './hosts/local.js';
import { checkHost, localHostName, openHost } from './hosts/open-host.js';
import { createPatientHost } from './hosts/patient-host.js';
import { listConfigHosts, resolveTarget } from './hosts/resolve-target.js';
import type { Platform } from './oci/platform.js';
import type { Receipt } from './receipt/receipt.js';
import { createReceiptStore, type ReceiptStore } from './receipt/receipt-store.js';
import type { CommitOptions, ConnectOptions, Core, SendOptions } from './runs/api.js';
import { cleanHost } from './runs/clean.js';
import { demo } from './runs/demo.js';
import { type DoctorParts, doctorHere, doctorHost } from './runs/doctor.js';
import { clientId, type Environment, knownClientId, readEnvironment } from './runs/environment.js';
import { exportBundle } from './runs/export.js';
import { listKnownHosts } from './runs/known-hosts.js';
import { inspectImage, listAnyImages, listImages } from './runs/local-images.js';
import type { SendParts } from './runs/prepare-host.js';
import { rollbackFiles } from './runs/rollback.js';
import { type Run, type RunContext, startRun } from './runs/run.js';
import { send } from './runs/send.js';
import { showBundle } from './runs/show-bundle.js';
import { inState } from './runs/state-folder.js';
import { verify } from './runs/verify-bundle.js';
import { createDockerArchiveStore, createOciArchiveStore } from './stores/archive.js';
import { leftContainerImages, openContainer } from './stores/container.js';
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
  const receiptFiles = createReceiptStore(path.join(environment.stateDirectory, 'receipts'));
  const { stateDirectory } = environment;
  const receipts: ReceiptStore = {
    write: (receipt) => inState(stateDirectory, () => receiptFiles.write(receipt)),
    list: () => inState(stateDirectory, () => receiptFiles.list()),
    find: (wanted) => inState(stateDirectory, () => receiptFiles.find(wanted)),
  };
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
    openImage: async (source, { platform, base, commit = plainCommit, client, signal, cleanUp }) => {
      const parsed = parseSource(source);
      const { transport, name = '' } = parsed;
      if (transport === 'container')
        return await openContainer({ cli: dockerCli, docker, name, commit, client, signal, cleanUp });
      const isPlaced = base === undefined || parsed.path === undefined;
      const placed = isPlaced ? parsed : { ...parsed, path: path.resolve(base, parsed.path) };
      const store = openStore(placed, docker);
      return await store.open(parsed.name, { ...(platform === undefined ? {} : { platform }), signal });
    },
    checkSource: (source) => void parseSource(source),
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
        // Slips of the line first, before anything that takes time or makes something.
        for (const host of options.hosts)
          if (host !== localHostName) await checkHost(host, options.connect, env);
        return await send({ ...parts, receipts: { list, save } }, options, context);
      }),
    export: (options) =>
      reported(tool, 'export', (context) =>
        exportBundle(
          {
            tool,
            openImage: parts.openImage,
            checkSource: parts.checkSource,
            clientId: () => clientId(stateDirectory),
            local,
            readBundle: (place) => openBundle([place]),
            importProgram,
            checkKey: (key, path) => checkKey({ key, path }),
            sign: (rawManifest, key, path) =>
              signManifest({ rawManifest: Buffer.from(rawManifest), key, path }),
          },
          options,
          context,
        ),
      ),
    images: () => listAnyImages([docker]),
    inspect: async (source: string, platform?: Platform) => {
      const cleanUp: (() => Promise<void>)[] = [];
      try {
        const isContainer = parseSource(source).transport === 'container';
        const client = isContainer ? await clientId(environment.stateDirectory) : '';
        const { signal } = new AbortController();
        const asked = platform === undefined ? {} : { platform };
        const image = await parts.openImage(source, { ...asked, client, signal, cleanUp });
        return inspectImage(image, (await listImages([docker])).images);
      } finally {
        for (const step of cleanUp.reverse()) await step().catch(() => undefined);
      }
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
    verify: (options) => reported(tool, 'verify', async (context) => await verify(options, context)),
    show: (paths) => showBundle(paths),
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
    hosts: async (options) =>
      await listKnownHosts({
        aliases: await listConfigHosts(options, env),
        resolve: (name) => resolveTarget(name, options, env),
        receipts: (await receipts.list()).receipts,
      }),
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
      leftContainerImages: async () => {
        const client = await knownClientId(environment.stateDirectory);
        return client === undefined ? 0 : (await leftContainerImages(dockerCli, client)).length;
      },
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

const plainCommit: CommitOptions = { pause: true, changes: [] };

/** The store of a source: adding one is a line here. */
function openStore({ transport, path: place = '' }: Source, docker: Store): Store {
  switch (transport) {
    // A container's image is one of the same engine.
    case 'container':
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
