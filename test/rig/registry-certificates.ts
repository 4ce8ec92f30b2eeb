// A certificate authority of the test's own, and what it signs, made by openssl.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { run } from './command.js';

export interface Authority {
  /** ca.crt */
  readonly certificate: string;
  /** A certificate for 127.0.0.1 and localhost, or for another name. */
  issue(name: string, options?: { readonly for?: string; readonly isExpired?: boolean }): Promise<Issued>;
}

export interface Issued {
  readonly certificate: string;
  readonly key: string;
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** Makes one in that folder. */
export async function makeAuthority(folder: string): Promise<Authority> {
  const certificate = path.join(folder, 'ca.crt');
  const authorityKey = path.join(folder, 'ca.key');
  await run([
    'openssl',
    'req',
    '-x509',
    ...newKey,
    '-keyout',
    authorityKey,
    '-out',
    certificate,
    '-days',
    '2',
    '-subj',
    '/CN=airgap test CA',
  ]);
  return {
    certificate,
    async issue(name, { for: subject, isExpired = false } = {}) {
      const file = (extension: string): string => path.join(folder, `${name}.${extension}`);
      const names = subject === undefined ? 'IP:127.0.0.1,DNS:localhost' : `DNS:${subject}`;
      await writeFile(file('ext'), `subjectAltName=${names}\n`);
      await run([
        'openssl',
        'req',
        '-new',
        ...newKey,
        '-keyout',
        file('key'),
        '-out',
        file('csr'),
        '-subj',
        `/CN=${name}`,
      ]);
      const life = isExpired ? ['-days', '-1'] : ['-days', '2'];
      const sign = [
        'openssl',
        'x509',
        '-req',
        '-in',
        file('csr'),
        '-CA',
        certificate,
        '-CAkey',
        authorityKey,
        '-CAcreateserial',
      ];
      await run([...sign, '-out', file('crt'), '-extfile', file('ext'), ...life]);
      return { certificate: file('crt'), key: file('key') };
    },
  };
}
