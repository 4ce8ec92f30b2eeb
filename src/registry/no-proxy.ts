// Which registries NO_PROXY takes out: read as docker and podman read it, so that networks and names below a name count.
// @see golang.org/x/net/http/httpproxy, Config.NoProxy. Node's own reading takes exact names and suffixes only.
import { isIP } from 'node:net';
import { isLoopback, withoutPort } from './loopback.js';
import { createNetworks } from './networks.js';

/** No proxy stands before it: it is this machine itself, or NO_PROXY has its name, one above it, its address or its network. */
export function isReachedDirectly(url: URL, env: NodeJS.ProcessEnv): boolean {
  if (isLoopback(url.host)) return true;
  const place = {
    name: withoutPort(url.host).replace(/\.$/, ''),
    port: url.port || (url.protocol === 'http:' ? '80' : '443'),
  };
  const said = env.NO_PROXY || env.no_proxy || '';
  return said
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => entry !== '' && covers(entry, place));
}

function covers(entry: string, { name, port }: { readonly name: string; readonly port: string }): boolean {
  if (entry === '*') return true;
  const networks = createNetworks();
  if (entry.includes('/')) return networks.add(entry) && networks.has(name);
  // An IPv6 address without brackets has no port.
  const [own, ownPort] =
    isIP(entry) === 0 ? [withoutPort(entry), /:(\d+)$/.exec(entry)?.[1]] : [entry, undefined];
  if (ownPort !== undefined && ownPort !== port) return false;
  if (isIP(own) !== 0) return networks.add(`${own}/${isIP(own) === 4 ? 32 : 128}`) && networks.has(name);
  const above = own.replace(/^\*?\./, '');
  return name.endsWith(`.${above}`) || (above === own && name === own);
}
