// The composition root: the only file that names concrete stores, hosts and engines. Faces get what createCore returns.
// A run is loaded when it is asked for: all of them with their libraries take longer to load than a small one to run.
import path from 'node:path';
import { checkKey, signManifest } from './bundle/signature.js';
import type { Far } from './far/facts.js';
import { openFar } from './far/far.js';
import { importProgram } from './far/program.js';
import type { Host } from './hosts/host.js';
import { createLocalHost, hasProgram, localHostName } from './hosts/local.js';
import { createPatientHost } from './hosts/patient-host.js';
import type { Image } from './image/image.js';
import type { Platform } from './oci/platform.js';
import type { Receipt } from './receipt/receipt.js';
import { isReceiptFile, readReceiptFile } from './receipt/receipt-file.js';
import type { ConnectOptions, Core, PassportResult, SendOptions } from './runs/api.js';
import { cleanHost } from './runs/clean.js';
import type { DoctorParts } from './runs/doctor.js';
import { clientId, type Environment, knownClientId, readEnvironment } from './runs/environment.js';
import type { ExportParts } from './runs/export.js';
import { listKnownHosts } from './runs/known-hosts.js';
import { createLocalCore } from './runs/local-core.js';
import { inspectImage, listAnyImages, listImages } from './runs/local-images.js';
import { makePassport } from './runs/passport.js';
import type { SendParts } from './runs/prepare-host.js';
import { bundleReport, reported } from './runs/reported.js';
import type { RunContext } from './runs/run.js';
import { listSpool, pruneSpool } from './runs/spool-rows.js';
import { openStateReceipts } from './runs/state-receipts.js';
import { leftContainerImages } from './stores/container.js';
import { createContainerdStores } from './stores/containerd.js';
import { createDockerStore } from './stores/docker.js';
import { createDockerCli } from './stores/docker-cli.js';
import { listContainers } from './stores/docker-containers.js';
import { engineVersion, runningImages } from './stores/near-engines.js';
import { createNearImages } from './stores/near-images.js';
import { parseSource } from './stores/source.js';
import { walkLayer } from './stores/walk-layer.js';
import { openCompressor } from './streams/codec.js';
import { openSpool } from './streams/spool.js';
import { toolVersion } from './version.js';

/** The core that lives in these environment variables' folders and talks to the engine they name. */
export function createCore(env: NodeJS.ProcessEnv): Core {
  const environment = readEnvironment(env);
  const { stateDirectory, cacheDirectory } = environment;
  const receipts = openStateReceipts(stateDirectory);
  const tool = `airgap ${toolVersion()}`;
  const local = createLocalHost(env);
  const dockerCli = createDockerCli(local, 'docker');
  const configs = path.join(cacheDirectory, 'configs');
  const docker = createDockerStore({ host: local, cacheDirectory: configs, readsFolder: true });
  const podman = createDockerStore({ host: local, program: 'podman', cacheDirectory: configs });
  const documentDirectory = path.join(cacheDirectory, 'documents');
  const containerd = createContainerdStores({ host: local, env, documentDirectory });
  const spoolAt = (directory?: string) =>
    openSpool({ directory: directory ?? path.join(cacheDirectory, 'spool') });

  const near = createNearImages({ env, cacheDirectory, engines: { docker, podman, containerd }, local });
  const parts: Omit<SendParts, 'receipts'> = {
    environment,
    tool,
    openImage: near.open,
    checkSource: (source) => void parseSource(source),
    runningImages: (engine) => runningImages(local, env, engine, containerd),
    openHost: (name, options, context) => connect(name, options.connect, context),
    openFar: (host, options) => openFar(host, options),
    openSpool: spoolAt,
  };
  const connect = async (
    name: string,
    connectOptions: ConnectOptions,
    { ask, signal }: RunContext,
  ): Promise<Host> => {
    const { openHost } = await import('./hosts/open-host.js');
    return createPatientHost(await openHost(name, connectOptions, { ask, signal, env }));
  };
  /** Connected, with the far program there; closed again whatever comes of it. */
  const onHost = async <T>(
    name: string,
    how: Pick<SendOptions, 'connect' | 'stage' | 'engine'>,
    context: RunContext,
    use: (far: Far, openAs: (client: string) => Promise<Far>) => Promise<T>,
  ): Promise<T> => {
    const host = await connect(name, how.connect, context);
    try {
      const openAs = (client: string): Promise<Far> =>
        openFar(host, { hostName: name, client, stage: how.stage, engine: how.engine });
      return await use(await openAs(await clientId(environment.stateDirectory)), openAs);
    } finally {
      await host.close();
    }
  };

  /** Opens an image only to look at it; one that a container was committed as goes again. */
  const lookInto = async <T>(
    source: string,
    { platform, signal }: { readonly platform: Platform | undefined; readonly signal: AbortSignal },
    use: (image: Image) => Promise<T>,
  ): Promise<T> => {
    const cleanUp: (() => Promise<void>)[] = [];
    try {
      const isContainer = parseSource(source).transport.endsWith('container');
      const client = isContainer ? await clientId(stateDirectory) : '';
      const asked = platform === undefined ? {} : { platform };
      return await use(await parts.openImage(source, { ...asked, client, signal, cleanUp }));
    } finally {
      for (const step of cleanUp.reverse()) await step().catch(() => undefined);
    }
  };

  const passportOf = (
    host: string,
    how: Pick<SendOptions, 'connect' | 'stage' | 'engine'>,
    context: RunContext,
  ): Promise<PassportResult> =>
    onHost(host, how, context, (far) =>
      makePassport({ far, hostName: host, engine: how.engine, ask: context.ask }),
    );

  const exportParts: ExportParts = {
    tool,
    openImage: parts.openImage,
    openIndex: near.openIndex,
    checkSource: parts.checkSource,
    runningImages: parts.runningImages,
    clientId: () => clientId(stateDirectory),
    local,
    attached: near.attached,
    readBundle: async (place) => (await import('./bundle/reader.js')).openBundle([place]),
    importProgram,
    checkKey: (key, path) => checkKey({ key, path }),
    sign: (rawManifest, key, path) => signManifest({ rawManifest: Buffer.from(rawManifest), key, path }),
  };

  /** The receipts of one run: saved, and kept for its last event. */
  const receiptsOf = (done: Receipt[]): SendParts['receipts'] => ({
    list: async () => (await receipts.list()).receipts,
    save: async (receipt) => {
      done.push(receipt);
      await receipts.write(receipt);
    },
  });

  const pushWith =
    (own: SendParts['receipts']): NonNullable<SendParts['push']> =>
    async (options, context) => {
      const { push } = await import('./runs/push.js');
      const { openStoredImage: openBundleImage } = await import('./stores/bundle-image.js');
      return await push({ ...parts, ...near, env, openBundleImage, receipts: own }, options, context);
    };

  const here = createLocalCore({
    ...parts,
    env,
    stateDirectory,
    checkHost: async (name) => (await import('./hosts/open-host.js')).checkHost(name, {}, env),
    containers: () => listContainers(dockerCli),
  });

  return {
    send: (options) =>
      reported(tool, options.dryRun === true ? 'plan' : 'send', async (context, done) => {
        // Slips of the line first, before anything that takes time or makes something.
        const { checkHost } = await import('./hosts/open-host.js');
        for (const host of options.hosts)
          if (host !== localHostName) await checkHost(host, options.connect, env);
        const { send } = await import('./runs/send.js');
        const own = receiptsOf(done);
        return await send({ ...parts, receipts: own, push: pushWith(own) }, options, context);
      }),
    import: (options) =>
      reported(tool, 'import', async (context, done) => {
        const { checkHost } = await import('./hosts/open-host.js');
        if (options.to !== undefined) await checkHost(options.to, options.connect, env);
        const { importBundle } = await import('./runs/import.js');
        const { openBundleImage } = await import('./stores/bundle-image.js');
        const importParts = {
          send: { ...parts, receipts: receiptsOf(done) },
          openBundleImage,
          here: localHostName,
          volumesDirectory: path.join(cacheDirectory, 'volumes'),
        };
        return await importBundle(importParts, options, context);
      }),
    export: (options) =>
      reported(
        tool,
        'export',
        async (context) => (await import('./runs/export.js')).exportBundle(exportParts, options, context),
        bundleReport,
      ),
    push: (options) =>
      reported(tool, options.dryRun === true ? 'plan' : 'push', (context, done) =>
        pushWith(receiptsOf(done))(options, context),
      ),
    images: () =>
      env.CONTAINERD_ADDRESS
        ? listAnyImages([docker, containerd()], [podman])
        : listAnyImages([docker], [podman, containerd()]),
    inspect: async (source: string, platform?: Platform) =>
      await lookInto(source, { platform, signal: new AbortController().signal }, async (image) =>
        inspectImage(image, (await listImages([docker])).images),
      ),
    layerFiles: (source, { layer, platform }) =>
      reported(tool, 'inspect', async (context) => {
        const { listLayerFiles } = await import('./runs/layer-files.js');
        return await lookInto(source, { platform, signal: context.signal }, (image) =>
          listLayerFiles({ image, walk: walkLayer, layer }, context),
        );
      }),
    ...here,
    doctor: (host, options) =>
      reported(tool, 'doctor', async (context) => {
        const { doctorHere, doctorHost } = await import('./runs/doctor.js');
        const doctor = doctorParts({ host, options, context, environment, local });
        return host === undefined
          ? await doctorHere(doctor)
          : await doctorHost(doctor, host, options.engine, context);
      }),
    clean: (host, options) =>
      reported(tool, 'clean', (context) =>
        onHost(host, options, context, async (far) => {
          const client = await clientId(environment.stateDirectory);
          return await cleanHost(far, { host, client, all: options.all, ask: context.ask });
        }),
      ),
    verify: (options) =>
      reported(tool, 'verify', async (context) =>
        (await import('./runs/verify-bundle.js')).verify(options, context),
      ),
    show: async (paths) => (await import('./runs/show-bundle.js')).showBundle(paths),
    passport: (host = localHostName, options) =>
      reported(tool, 'passport', (context) => passportOf(host, options, context)),
    rollback: (host = localHostName, options) =>
      reported(tool, 'rollback', (context) =>
        onHost(host, options, context, async (far, openAs) =>
          (await import('./runs/rollback.js')).rollbackHost(far, {
            ...options,
            hostName: host,
            client: await clientId(stateDirectory),
            receipts,
            ask: context.ask,
            openAs,
          }),
        ),
      ),
    demo: () =>
      reported(tool, 'demo', async (context, done) => {
        const result = await (await import('./runs/demo.js')).demo(createCore, context);
        done.push(...result.receipts);
        return result;
      }),
    spoolEntries: (directory) => listSpool(spoolAt, directory),
    spoolPrune: (options) => pruneSpool(spoolAt, options),
    hosts: async (options) => {
      const { listConfigHosts, resolveTarget } = await import('./hosts/resolve-target.js');
      return await listKnownHosts({
        aliases: await listConfigHosts(options, env),
        added: await here.targets().catch(() => []),
        resolve: (name) => resolveTarget(name, options, env),
        receipts: (await receipts.list()).receipts,
      });
    },
    receipts: async () => (await receipts.list()).receipts,
    receipt: async (wanted) =>
      isReceiptFile(wanted) ? await readReceiptFile(wanted) : await receipts.find(wanted),
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
      engineVersion: (engine) => engineVersion(local, env, engine),
      leftContainerImages: async () => {
        const client = await knownClientId(environment.stateDirectory);
        return client === undefined ? 0 : (await leftContainerImages(dockerCli, client)).length;
      },
      hasProgram: (name) => hasProgram(local, name),
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
