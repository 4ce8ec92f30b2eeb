// The proxy that the environment names for a registry, read as docker and podman read it. Node's own reading passes over what it does not
// understand, and goes straight to a network that a site may not have. @see golang.org/x/net/http/httpproxy
import { AirgapError } from '../errors.js';
import { isReachedDirectly } from './no-proxy.js';

const variables = {
  'https:': ['HTTPS_PROXY', 'https_proxy'],
  'http:': ['HTTP_PROXY', 'http_proxy'],
} as const;

/** For `proxyEnv` of an agent of node:http; empty where no proxy stands before it. @throws {AirgapError} REGISTRY_CONFIG */
export function proxyFor(url: URL, env: NodeJS.ProcessEnv): Record<string, string> {
  const names = url.protocol === 'http:' ? variables['http:'] : variables['https:'];
  const name = names.find((one) => env[one] !== undefined && env[one] !== '');
  if (name === undefined || isReachedDirectly(url, env)) return {};
  const said = env[name] ?? '';
  // HOST:PORT alone is one that is spoken to without TLS.
  const written = /^[a-z][a-z0-9+.-]*:\/\//i.test(said) ? said : `http://${said}`;
  const proxy = URL.canParse(written) ? new URL(written) : undefined;
  if (proxy !== undefined && /^https?:$/.test(proxy.protocol)) return { [names[0]]: proxy.href };
  // Not as it was written: there may be a password in it.
  const path = proxy === undefined ? '…' : `${proxy.protocol}//…`;
  throw new AirgapError('REGISTRY_CONFIG', {
    path,
    problem: 'it is no http:// or https:// proxy',
    variable: name,
  });
}
