// Whom to believe that it is the registry: the authorities of this system, and those of /etc/docker/certs.d for one registry.
// @see "Verify repository client with certificates" of docker; containers-certs.d(5); Go's crypto/x509 root_linux.go
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import tls from 'node:tls';
import { AirgapError } from '../errors.js';
import { plainly } from '../streams/fs-errors.js';
import { certificateNames, type Places } from './places.js';
import { readIfThere } from './read-if-there.js';

/** What node:tls is told. */
export interface Trust {
  readonly secureContext: tls.SecureContext;
}

// One of them is the system's own, by distribution.
const systemFiles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** Gives the trust of HOST[:PORT], on behalf of a registry. It throws REGISTRY_CONFIG where a file cannot be used. */
export function createTrust({
  env,
  certificateFolders,
}: Places): (host: string, registry: string) => Promise<Trust> {
  let common: Promise<string[]> | undefined;
  let usual: tls.SecureContext | undefined;
  const read = (host: string): ReturnType<typeof readFolders> => {
    const names = certificateNames(host);
    return readFolders(certificateFolders.flatMap((folder) => names.map((name) => path.join(folder, name))));
  };
  return async (host, registry) => {
    common ??= commonAuthorities(env.SSL_CERT_FILE);
    const authorities = await common;
    const own = await read(host);
    // Token servers and stores of blobs are mostly of the same site. Who we are is told to the one it is for.
    const more = host === registry ? [] : (await read(registry)).authorities;
    if (own.authorities.length + own.pairs.length + more.length > 0)
      return { secureContext: contextOf([...authorities, ...own.authorities, ...more], own.pairs) };
    // Reading some hundred certificates takes a while.
    usual ??= contextOf(authorities, []);
    return { secureContext: usual };
  };
}

interface Pair {
  readonly cert: string;
  readonly key: string;
}

async function commonAuthorities(asked: string | undefined): Promise<string[]> {
  if (asked !== undefined && asked !== '') {
    const fail = (problem: string, cause?: unknown): AirgapError =>
      new AirgapError('REGISTRY_CONFIG', { path: asked, problem, variable: 'SSL_CERT_FILE' }, { cause });
    const named = await readFile(asked, 'utf8').catch((cause: unknown) => {
      throw fail(plainly(cause), cause);
    });
    if (!named.includes('-----BEGIN')) throw fail('it holds no certificate');
    return [named];
  }
  for (const file of systemFiles) {
    const found = await readIfThere(file);
    if (found !== undefined) return [found];
  }
  return [...tls.rootCertificates];
}

/** `*.crt` are authorities, `NAME.cert` with `NAME.key` is who we are. */
async function readFolders(
  folders: readonly string[],
): Promise<{ readonly authorities: readonly string[]; readonly pairs: readonly Pair[] }> {
  const authorities: string[] = [];
  const pairs: Pair[] = [];
  for (const folder of folders) {
    const names = await readdir(folder).catch(() => []);
    for (const name of names.toSorted()) {
      const file = path.join(folder, name);
      if (name.endsWith('.crt')) {
        const text = (await readIfThere(file)) ?? '';
        // node:tls passes over what is none.
        if (!text.includes('-----BEGIN'))
          throw new AirgapError('REGISTRY_CONFIG', { path: file, problem: 'it holds no certificate' });
        authorities.push(text);
      }
      if (!name.endsWith('.cert')) continue;
      const keyFile = file.replace(/\.cert$/, '.key');
      const [cert, key] = [await readIfThere(file), await readIfThere(keyFile)];
      if (key === undefined)
        throw new AirgapError('REGISTRY_CONFIG', { path: keyFile, problem: 'it is not there' });
      if (cert !== undefined) pairs.push({ cert, key });
    }
  }
  return { authorities, pairs };
}

function contextOf(authorities: readonly string[], pairs: readonly Pair[]): tls.SecureContext {
  try {
    return tls.createSecureContext({
      ca: [...authorities],
      ...(pairs.length === 0
        ? {}
        : { cert: pairs.map(({ cert }) => cert), key: pairs.map(({ key }) => key) }),
    });
  } catch (cause) {
    const problem = plainly(cause);
    throw new AirgapError('REGISTRY_CONFIG', { path: 'certs.d', problem }, { cause });
  }
}
