// The proxy that the environment names for a registry, read as docker and podman read it. Node's own reading passes over what it does not
// understand, and goes straight to a network that a site may not have. @see golang.org/x/net/http/httpproxy
import { AirgapError } from '../errors.js';
import { isReachedDirectly } from './no-proxy.js';

const variables = {
  'https:': ['HTTPS_PROXY', 'https_proxy'],
  'http:': ['HTTP_PROXY', 'http_proxy'],
} as const;

/** Passwords of the proxies that the environment names, as they are and as the header of a login has them. */
export function proxySecrets(env: NodeJS.ProcessEnv): string[] {
  return Object.values(variables)
    .flat()
    .flatMap((name) => {
      const proxy = parseProxy(env[name] ?? '');
      if (proxy === undefined || proxy.password === '') return [];
      const [user, password] = [proxy.username, proxy.password].map(decoded);
      return [password ?? '', Buffer.from(`${user}:${password}`).toString('base64')];
    });
}

function parseProxy(said: string): URL | undefined {
  // HOST:PORT alone is one that is spoken to without TLS.
  const written = /^[a-z][a-z0-9+.-]*:\/\//i.test(said) ? said : `http://${said}`;
  return URL.canParse(written) ? new URL(written) : undefined;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** For `proxyEnv` of an agent of node:http; empty where no proxy stands before it. @throws {AirgapError} REGISTRY_CONFIG */
export function proxyFor(url: URL, env: NodeJS.ProcessEnv): Record<string, string> {
  const names = url.protocol === 'http:' ? variables['http:'] : variables['https:'];
  const name = names.find((one) => env[one] !== undefined && env[one] !== '');
  if (name === undefined || isReachedDirectly(url, env)) return {};
  const proxy = parseProxy(env[name] ?? '');
  if (proxy !== undefined && /^https?:$/.test(proxy.protocol)) return { [names[0]]: proxy.href };
  // Not as it was written: there may be a password in it.
  const path = proxy === undefined ? '…' : `${proxy.protocol}//…`;
  throw new AirgapError('REGISTRY_CONFIG', {
    path,
    problem: 'it is no http:// or https:// proxy',
    variable: name,
  });
}
