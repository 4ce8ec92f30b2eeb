// Opens images of the near side by what a user writes: of the engine here, its containers, folders, archives, registries.
import path from 'node:path';
import type { Emit } from '../events.js';
import type { Host } from '../hosts/host.js';
import type { Image } from '../image/image.js';
import { type Platform, platformFits } from '../oci/platform.js';
import type { Registries } from '../registry/open-registries.js';
import { createGate } from '../streams/gate.js';
import type { AttachedPlace } from './attached-place.js';
import { type ContainerOptions, openContainer } from './container.js';
import { openContainerdContainer } from './containerd-container.js';
import { createDockerCli } from './docker-cli.js';
import { platformMissing } from './found-image.js';
import { type EngineStores, openStore } from './open-store.js';
import { parseSource } from './source.js';
import { tellingNear } from './source-near.js';
import type { OpenedIndex, Store } from './store.js';
import type { Transport } from './transports.js';

export interface NearImagesOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly cacheDirectory: string;
  /** The engines here, and where their programs run. */
  readonly engines: EngineStores;
  readonly local: Host;
}

export interface OpenNearOptions {
  readonly platform?: Platform;
  /** The folder that a relative path of the source starts from; this process's own when absent. */
  readonly base?: string;
  readonly commit?: ContainerOptions['commit'];
  readonly client: string;
  readonly signal: AbortSignal;
  /** Gets what must be done at the end of the run, however it ends. */
  readonly cleanUp: (() => Promise<void>)[];
  /** Told of mirrors, limits and waits. */
  readonly emit?: Emit;
}

export interface NearImages {
  /** @throws {AirgapError} whatever `parseSource` and the stores throw */
  open(source: string, opening: OpenNearOptions): Promise<Image>;
  /**
   * What a source stands for on several platforms, those asked for or all that are there; of an engine that tells one of them at a
   * time, each that is asked for, or its own.
   * @throws {AirgapError} as `open`
   */
  openIndex(source: string, opening: OpenNearIndexOptions): Promise<OpenedIndex>;
  /** Where what is attached to it is looked for; undefined where none is kept. @throws {AirgapError} as `open` */
  attached(source: string, opening: Omit<OpenNearOptions, 'platform'>): Promise<AttachedPlace | undefined>;
}

export interface OpenNearIndexOptions extends Omit<OpenNearOptions, 'platform'> {
  readonly platforms?: readonly Platform[];
}

/** Opens what a user names; stores of folders and archives live as long as the process. */
export function createNearImages(options: NearImagesOptions): NearImages {
  const { env, cacheDirectory, engines, local } = options;
  // Each asks the engine several questions at once, or has it copy a container.
  const engineGate = createGate(2);
  const commitGate = createGate(1);
  const hearing = new Set<Emit>();
  let registries: Promise<{ readonly all: Registries; readonly store: Store }> | undefined;

  /** Loaded when the first image of one is opened. */
  const openRegistries = async (): Promise<{ readonly all: Registries; readonly store: Store }> => {
    const [client, { createRegistryStore }] = await Promise.all([
      import('../registry/open-registries.js'),
      import('./registry.js'),
    ]);
    const all = client.openRegistries(env);
    return { all, store: createRegistryStore({ registries: all, cacheDirectory }) };
  };

  const registryStore = async ({ emit, cleanUp }: OpenNearOptions): Promise<Store> => {
    registries ??= openRegistries();
    const { all, store } = await registries;
    if (emit !== undefined && !hearing.has(emit)) {
      hearing.add(emit);
      const { eventOf } = await import('../registry/notices.js');
      const end = all.listen((notice) => emit(eventOf(notice)));
      cleanUp.push(async () => {
        hearing.delete(emit);
        end();
      });
    }
    return store;
  };

  /** The store of a source, held back while it is asked where it can be asked little at once. */
  const inStore = async <T>(
    source: string,
    opening: Omit<OpenNearOptions, 'platform'>,
    use: (store: Store, name: string | undefined) => Promise<T>,
  ): Promise<T> => {
    const { base, commit = plainCommit, client, signal, cleanUp } = opening;
    const parsed = parseSource(source);
    const { transport, name = '', namespace } = parsed;
    const container = containerOf(transport);
    const gate =
      container !== undefined
        ? commitGate
        : transport === 'docker-daemon' || transport === 'containers-storage'
          ? engineGate
          : undefined;
    const leave = await gate?.enter();
    try {
      signal.throwIfAborted();
      if (container !== undefined) {
        const { emit } = opening;
        const store = container === 'containerd' ? engines.containerd(namespace) : engines[container];
        const one = { store, name, commit, signal, cleanUp };
        const commitOf = async (): Promise<Image> => {
          if (container !== 'containerd')
            return await openContainer({ ...one, cli: createDockerCli(local, container), client });
          const directory = path.join(cacheDirectory, 'containers');
          const note = (message: string): void => emit?.({ type: 'note', message });
          return await openContainerdContainer({ ...one, host: local, env, namespace, directory, note });
        };
        const open: Store['open'] = async (_name, { platform } = {}) => {
          const image = await commitOf();
          if (platform === undefined || platformFits(image.platform, platform)) return image;
          throw platformMissing([image], platform, source);
        };
        // Nothing else of the store: its other questions would be about an image that is called so.
        const { list, close } = store;
        return await use({ transport, list, open, close }, name);
      }
      const isPlaced = base === undefined || parsed.path === undefined;
      const placed = isPlaced ? parsed : { ...parsed, path: path.resolve(base, parsed.path) };
      const store =
        transport === 'docker' ? await registryStore(opening) : openStore({ ...placed, transport }, engines);
      return await tellingNear(source, () => use(store, parsed.name));
    } finally {
      leave?.();
    }
  };

  return {
    open: async (source, { platform, ...opening }) =>
      await inStore(source, opening, (store, name) =>
        store.open(name, { ...(platform === undefined ? {} : { platform }), signal: opening.signal }),
      ),
    attached: async (source, opening) =>
      await inStore(source, opening, async (store, name) =>
        store.attached?.(name, { signal: opening.signal }),
      ),
    openIndex: async (source, { platforms, ...opening }) =>
      await inStore(source, opening, async (store, name) => {
        const { signal } = opening;
        if (store.openIndex !== undefined)
          return await store.openIndex(name, { ...(platforms === undefined ? {} : { platforms }), signal });
        const images: Image[] = [];
        for (const platform of platforms ?? [undefined])
          images.push(await store.open(name, { ...(platform === undefined ? {} : { platform }), signal }));
        return { images };
      }),
  };
}

/** Whose container it is; undefined for what is none. */
function containerOf(transport: Transport): 'docker' | 'podman' | 'containerd' | undefined {
  if (transport === 'container') return 'docker';
  if (transport === 'podman-container') return 'podman';
  return transport === 'containerd-container' ? 'containerd' : undefined;
}

const plainCommit: ContainerOptions['commit'] = { pause: true, changes: [] };
