// Which registries NO_PROXY takes out: read as docker and podman read it, so that networks and names below a name count.
// @see golang.org/x/net/http/httpproxy, Config.NoProxy. Node's own reading takes exact names and suffixes only.
import { BlockList, isIP } from 'node:net';
import { isLoopback } from './loopback.js';

/** No proxy stands before it: it is this machine itself, or NO_PROXY has its name, one above it, its address or its network. */
export function isReachedDirectly(url: URL, env: NodeJS.ProcessEnv): boolean {
  if (isLoopback(url.host)) return true;
  const place = {
    name: url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, ''),
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
  const [, network, bits] = /^([^/]+)\/(\d{1,3})$/.exec(entry) ?? [];
  if (network !== undefined) return isWithin(name, network, Number(bits));
  const [, bracketed, plain, ownPort] =
    isIP(entry) === 0
      ? (/^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(entry) ?? [])
      : [undefined, undefined, entry];
  const own = bracketed ?? plain;
  if (own === undefined || (ownPort !== undefined && ownPort !== port)) return false;
  if (isIP(own) !== 0) return isWithin(name, own, isIP(own) === 4 ? 32 : 128);
  const above = own.replace(/^\*?\./, '');
  return name.endsWith(`.${above}`) || (above === own && name === own);
}

function isWithin(name: string, network: string, bits: number): boolean {
  const kind = isIP(network);
  if (kind === 0 || isIP(name) !== kind || bits > (kind === 4 ? 32 : 128)) return false;
  const family = kind === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(network, bits, family);
  return list.check(name, family);
}
