// What a user writes to name an image: `nginx:1`, `docker-daemon:nginx:1`, `oci:DIR:name`, `docker-archive:FILE:name`, `containers-storage:nginx:1` of podman,
// `container:NAME`, `podman-container:NAME`, `docker://HOST/NAME` for a registry, `containerd:NAME` or `containerd+NAMESPACE:NAME`,
// `containerd-container:NAME` or `containerd-container+NAMESPACE:NAME`.
// @see containers-transports(5): a path ends at its first colon
import { AirgapError } from '../errors.js';
import { parseReference } from '../oci/reference.js';
import { text as say } from '../text/text.js';
import { misspeltSource } from './source-near.js';
import { type Transport, transports } from './transports.js';

export interface Source {
  readonly transport: Transport;
  /** The folder or file; undefined for an engine. */
  readonly path?: string;
  /** Of containerd; a kubelet's when absent. */
  readonly namespace?: string;
  /** What stands behind: an image name, an ID, `@N`. Undefined: the only image there. */
  readonly name?: string;
}

// Other tools' transports, and those to come; `compose` is one that stands for several images, which this is not asked about.
// `docker:27` is an image; `docker://` is a registry.
const notRead = new Set(['docker-image', 'compose']);

/** Parses a source; a bare name is the docker engine's. @throws {AirgapError} STORE_UNKNOWN, USAGE for a missing name or path */
export function parseSource(text: string): Source {
  // Where one is asked for; what takes several has looked for these before.
  if (/^(?:podman-|containerd-)?running(?:\+[^:]*)?:$/.test(text))
    throw new AirgapError('USAGE', { problem: say().words.spec.several(text) });
  const colon = text.indexOf(':');
  const prefix = colon < 0 ? '' : text.slice(0, colon);
  const rest = text.slice(colon + 1);
  if (prefix === 'container' || prefix === 'podman-container')
    return { transport: prefix, name: containerName(rest, text) };
  if (prefix === 'docker' && rest.startsWith('//')) {
    const name = notEmpty(rest.slice(2), text);
    parseReference(name);
    return { transport: prefix, name };
  }
  // No image's name has a plus.
  const containerd = /^(containerd|containerd-container)(?:\+([A-Za-z0-9][A-Za-z0-9_.-]{0,75}))?$/.exec(
    prefix,
  );
  if (containerd !== null) {
    const [, word, namespace] = containerd;
    const place = namespace === undefined ? {} : { namespace };
    if (word === 'containerd') return { transport: word, name: notEmpty(rest, text), ...place };
    return { transport: 'containerd-container', name: containerName(rest, text), ...place };
  }
  if (prefix === 'docker-daemon' || prefix === 'containers-storage')
    return { transport: prefix, name: notEmpty(rest, text) };
  if (prefix === 'oci' || prefix === 'oci-archive' || prefix === 'docker-archive') {
    const end = rest.indexOf(':');
    const path = notEmpty(end < 0 ? rest : rest.slice(0, end), text, 'path');
    const name = end < 0 ? '' : rest.slice(end + 1);
    return { transport: prefix, path, ...(name === '' ? {} : { name }) };
  }
  // Like words of ours, but of engines that have no such thing here: never an image called so.
  const isLike =
    /^(?:docker|podman|containerd|nerdctl|ctr|k3s|rke2)-(?:container|compose|running)(?:\+.*)?$/.test(prefix);
  // `nerdctl:1` may be an image, `nerdctl:app:1` is none.
  const isProgram = /^(?:podman|nerdctl|ctr|k3s|rke2)$/.test(prefix) && rest.includes(':');
  const near = misspeltSource(text);
  // No tag begins with a slash.
  if (
    near.length > 0 ||
    notRead.has(prefix) ||
    isLike ||
    isProgram ||
    (prefix !== '' && !prefix.includes('/') && rest.startsWith('/'))
  ) {
    throw new AirgapError('STORE_UNKNOWN', { transport: prefix.slice(0, 100), known: transports, near });
  }
  return { transport: 'docker-daemon', name: notEmpty(text, text) };
}

/** A container's name or ID, as docker and nerdctl make them; so never one of their options. */
function containerName(name: string, text: string): string {
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}$/.test(name)) return name;
  throw new AirgapError('REFERENCE_INVALID', { input: text.slice(0, 300), problem: 'container' });
}

function notEmpty(part: string, text: string, problem: 'repository' | 'path' = 'repository'): string {
  if (part !== '') return part;
  throw new AirgapError('REFERENCE_INVALID', { input: text.slice(0, 300), problem });
}
