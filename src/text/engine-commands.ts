// What an operator types on a host to look after its engine: hints name the engine that is there. A layout has none.

const commands: Readonly<Record<string, { readonly prune: string; readonly log: string }>> = {
  docker: { prune: 'docker image prune', log: 'journalctl -u docker' },
  podman: { prune: 'podman image prune', log: 'podman info' },
  containerd: { prune: 'crictl rmi --prune', log: 'journalctl -u containerd' },
  k3s: { prune: 'k3s crictl rmi --prune', log: 'journalctl -u k3s -u k3s-agent' },
  rke2: { prune: 'crictl rmi --prune', log: 'journalctl -u rke2-server -u rke2-agent' },
};

/** @param engine as `--engine` has it: `docker`, `podman:root`, `containerd:k8s.io`; docker where nobody says */
const commandsOf = (engine: string | undefined): (typeof commands)[string] | undefined =>
  commands[programOf(engine ?? 'docker')];

/** Removes what nothing uses, for room: ` (docker image prune)`, or nothing; the brackets are the language's. */
export function pruneCommand(engine: string | undefined, [open, close]: readonly [string, string]): string {
  const found = commandsOf(engine);
  return found === undefined ? '' : `${open}${found.prune}${close}`;
}

/** Shows what the engine has to say. */
export function logCommand(engine: string | undefined, [open, close]: readonly [string, string]): string {
  const found = commandsOf(engine);
  return found === undefined ? '' : `${open}${found.log}${close}`;
}

/** Logs in to a registry; engines of a kubelet have their logins in settings. */
export function loginCommand(
  engine: string,
  registry: string,
  [open, close]: readonly [string, string],
): string {
  const program = programOf(engine);
  return program === 'docker' || program === 'podman' ? `${open}${program} login ${registry}${close}` : '';
}

/** Without the namespace or the user's part. */
export const programOf = (engine: string): string => engine.split(':')[0] ?? engine;

/** HOST[:PORT] of a full name. */
export const registryOf = (image: string): string => image.split('/')[0] ?? image;

/** Takes one login out of a file of podman's. */
export const podmanLogout = (path: string, key: string): string =>
  `podman logout --authfile ${quoted(path)} ${key}`;

/** For a shell, plain where it can be. */
const quoted = (word: string): string =>
  /^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
