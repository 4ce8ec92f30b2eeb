// Who is measured: airgap, the pipes that people type, and podman's own command.
import { resolve } from 'node:path';
import type { LinkName } from './options.js';
import { podmanScp } from './podman.js';
import { farHost, type World } from './world.js';

export interface Contestant {
  readonly name: string;
  /** What a person would type. */
  readonly title: string;
  /** Pipes are what airgap is compared with. */
  readonly isPipe: boolean;
  extraEnv?(world: World): Readonly<Record<string, string>>;
  /** Once before the first round. Returns why it cannot take part, if so. */
  prepare?(world: World): Promise<string | undefined>;
  /** A bash command line. */
  command(world: World, link: LinkName, image: string): string;
  /** Undone before the chain of a round begins, besides World.makeEmpty(). */
  makeEmpty?(world: World): Promise<void>;
  /** The image's id on the far side, if not docker's; undefined when it is not there. */
  farId?(world: World, image: string): Promise<string | undefined>;
  /** Gives the far side this image without any link, if not to docker: the state from which a re-send starts. */
  plant?(world: World, image: string): Promise<void>;
}

const launcher = resolve(import.meta.dirname, '..', 'bin', 'airgap');
const gcm = '-c aes128-gcm@openssh.com';

function pipe(name: string, options: { pack?: string; unpack?: string; ssh?: string }): Contestant {
  const { pack, unpack, ssh } = options;
  const far = unpack === undefined ? 'docker load' : `'${unpack} | docker load'`;
  const near = pack === undefined ? '' : `${pack} | `;
  const flags = ssh === undefined ? '' : `${ssh} `;
  return {
    name,
    title: `docker save | ${near}ssh ${flags}${far}`,
    isPipe: true,
    command: (world, link, image) =>
      `docker save ${image} | ${near}ssh -F ${world.sshConfig(link)} ${flags}${farHost} ${far}`,
  };
}

/** In the order in which each round runs them. */
export function allContestants(nodeOptions?: string): readonly Contestant[] {
  return [
    {
      name: 'airgap',
      title: 'airgap send',
      isPipe: false,
      ...(nodeOptions === undefined ? {} : { extraEnv: () => ({ NODE_OPTIONS: nodeOptions }) }),
      command: (world, link, image) =>
        `${launcher} send -F ${world.sshConfig(link)} --spool ${world.spool} --yes --json ${farHost} ${image}`,
    },
    pipe('zstd-pipe', { pack: 'zstd -T0 -3', unpack: 'zstd -dc' }),
    pipe('plain-pipe', {}),
    pipe('plain-pipe-gcm', { ssh: gcm }),
    pipe('gzip-pipe', { pack: 'gzip', unpack: 'gunzip' }),
    podmanScp,
  ];
}
