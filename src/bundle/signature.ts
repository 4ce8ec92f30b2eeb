// Signatures of airgap.json by SSH keys, made and checked by the system's ssh-keygen: keys never come into this process, and
// anybody can check them without airgap. @see ssh-keygen(1) -Y, OpenSSH PROTOCOL.sshsig
import { spawn } from 'node:child_process';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AirgapError, isAirgapError } from '../errors.js';
import { plainly } from '../streams/fs-errors.js';
import { text } from '../text/text.js';

/** What the signature is for; one made for anything else is none. */
export const signatureNamespace = 'airgap-bundle';

/** What is known of who signed. Only `good` claims anything. */
export type SignatureState =
  | { readonly state: 'unsigned' }
  /** It fits, but nobody was named whom to trust. `fingerprint` undefined where ssh-keygen is missing. */
  | { readonly state: 'unchecked'; readonly fingerprint: string | undefined }
  | { readonly state: 'good'; readonly signer: string; readonly fingerprint: string };

export interface SignOptions {
  readonly rawManifest: Uint8Array;
  /** A private key; or a public key whose private half an agent holds. */
  readonly key: string;
  /** The bundle, for messages. */
  readonly path: string;
}

/**
 * The armored signature of a manifest. ssh-keygen asks for a passphrase itself, on the terminal.
 * @throws {AirgapError} SIGNATURE_INVALID with `key`, PROGRAM_MISSING
 */
export async function signManifest({ rawManifest, key, path: bundle }: SignOptions): Promise<Uint8Array> {
  const args = ['-Y', 'sign', '-q', '-n', signatureNamespace, '-f', key];
  const { exitCode, stdout, stderr } = await sshKeygen(args, rawManifest);
  if (exitCode === 0 && isArmored(stdout)) return stdout;
  throw badKey(bundle, lastLine(stderr) ?? key);
}

/**
 * Whether that key will sign: told before an hour of writing, not after it. Signs something else on trial, without asking anybody; a
 * key with a passphrase passes where it can be asked for later. @throws {AirgapError} SIGNATURE_INVALID with `key`, PROGRAM_MISSING
 */
export async function checkKey({ key, path: bundle }: Omit<SignOptions, 'rawManifest'>): Promise<void> {
  const args = ['-Y', 'sign', '-q', '-n', 'airgap-trial', '-f', key];
  const trial = await sshKeygen(args, Buffer.from('trial'), { mayAsk: false });
  if (trial.exitCode === 0 && isArmored(trial.stdout)) return;
  const { exitCode, stderr } = await sshKeygen(['-l', '-f', key], Buffer.alloc(0));
  if (exitCode !== 0) throw badKey(bundle, lastLine(stderr) ?? key);
  const said = lastLine(trial.stderr)?.replace(/^Enter passphrase[^:]*: ?/, '');
  if (!(await canAsk())) throw badKey(bundle, said || key);
}

/** Whether ssh-keygen has somewhere to ask for a passphrase: the terminal, or a program for that. */
async function canAsk(): Promise<boolean> {
  if (process.env.SSH_ASKPASS !== undefined && process.env.DISPLAY !== undefined) return true;
  return await open('/dev/tty', 'r+').then(
    (terminal) => terminal.close().then(() => true),
    () => false,
  );
}

function badKey(path: string, detail: string): AirgapError {
  return new AirgapError('SIGNATURE_INVALID', { path, problem: 'key', detail });
}

export interface CheckSignatureOptions {
  readonly rawManifest: Uint8Array;
  readonly signature: Uint8Array | undefined;
  /** Of keys to trust, in the form of ssh-keygen(1) "ALLOWED SIGNERS". */
  readonly allowedSigners?: string;
  /** Whether none is an error, too. */
  readonly isRequired: boolean;
  /** The bundle, for messages. */
  readonly path: string;
}

/** Who signed it. @throws {AirgapError} SIGNATURE_INVALID, USAGE where the file of keys cannot be read, PROGRAM_MISSING with `allowedSigners` */
export async function checkSignature(options: CheckSignatureOptions): Promise<SignatureState> {
  const { rawManifest, signature, allowedSigners, isRequired, path: bundle } = options;
  const invalid = (problem: 'missing' | 'wrong' | 'unknown-signer' | 'outdated', detail = ''): AirgapError =>
    new AirgapError('SIGNATURE_INVALID', { path: bundle, problem, detail });
  // First of all: a slip of the line says nothing about the bundle.
  const rules = allowedSigners === undefined ? undefined : await readSigners(allowedSigners);
  if (signature === undefined) {
    // Who names keys to trust would take silence for trust.
    if (isRequired || allowedSigners !== undefined) throw invalid('missing');
    return { state: 'unsigned' };
  }
  if (!isArmored(signature)) throw invalid('wrong');
  return await withFile(signature, async (file) => {
    let fingerprint: string | undefined;
    try {
      fingerprint = await signingKey(file, rawManifest);
    } catch (error) {
      // Without ssh-keygen nothing can be said, and without a name to trust nothing was asked.
      const isAsked = allowedSigners !== undefined || isRequired;
      if (isAsked || !isAirgapError(error, 'PROGRAM_MISSING')) throw error;
      return { state: 'unchecked', fingerprint };
    }
    if (fingerprint === undefined) throw invalid('wrong');
    if (rules === undefined) {
      if (isRequired) throw invalid('unknown-signer', fingerprint);
      return { state: 'unchecked', fingerprint };
    }
    const signer = await findSigner({ file, rawManifest, rules });
    if (signer !== undefined) return { state: 'good', signer, fingerprint };
    // Only to tell why: the same rules without their dates.
    const dateless = rules.replace(/\bvalid-(?:before|after)="?[^",\s]*"?,?/gi, '').replace(/,(?=\s)/g, '');
    const was = await findSigner({ file, rawManifest, rules: dateless });
    throw was === undefined
      ? invalid('unknown-signer', fingerprint)
      : invalid('outdated', `${was}, ${fingerprint}`);
  });
}

/** The key's fingerprint if the signature fits these bytes. It says nothing about whose key that is. */
async function signingKey(file: string, rawManifest: Uint8Array): Promise<string | undefined> {
  const args = ['-Y', 'check-novalidate', '-n', signatureNamespace, '-s', file];
  const { exitCode, stdout } = await sshKeygen(args, rawManifest);
  if (exitCode !== 0) return undefined;
  return /with \S+ key (SHA256:[A-Za-z0-9+/=]+)/.exec(stdout.toString('utf8'))?.[1];
}

/** The principal of the rules whose key made this signature and may make it. */
async function findSigner(given: {
  readonly file: string;
  readonly rawManifest: Uint8Array;
  readonly rules: string;
}): Promise<string | undefined> {
  const { file, rawManifest, rules } = given;
  return await withFile(Buffer.from(rules), async (allowed) => {
    const found = await sshKeygen(['-Y', 'find-principals', '-s', file, '-f', allowed], Buffer.alloc(0));
    if (found.exitCode !== 0) return undefined;
    const principals = found.stdout
      .toString('utf8')
      .split(/[\n,]/)
      .filter((name) => name !== '');
    for (const principal of principals) {
      const args = ['-Y', 'verify', '-f', allowed, '-I', principal, '-n', signatureNamespace, '-s', file];
      if ((await sshKeygen(args, rawManifest)).exitCode === 0) return principal;
    }
    return undefined;
  });
}

/** A file of keys has some hundred bytes a line. */
const maxSignersBytes = 4 * 1024 * 1024;

async function readSigners(file: string): Promise<string> {
  const raw = await readFile(file).catch((cause: unknown) => {
    const problem = text().words.commands.wrong.optionFile('--allowed-signers', file, plainly(cause));
    throw new AirgapError('USAGE', { problem }, { cause });
  });
  if (raw.byteLength > maxSignersBytes)
    throw new AirgapError('DOCUMENT_TOO_LARGE', { what: file, limitBytes: maxSignersBytes });
  return raw.toString('utf8');
}

function isArmored(signature: Uint8Array): boolean {
  return /^-----BEGIN SSH SIGNATURE-----\n[A-Za-z0-9+/=\n]+\n-----END SSH SIGNATURE-----\n?$/.test(
    Buffer.from(signature).toString('latin1'),
  );
}

/** ssh-keygen takes signatures and rules from files only. */
async function withFile<T>(bytes: Uint8Array, use: (file: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'airgap-'));
  try {
    const file = path.join(folder, 'file');
    await writeFile(file, bytes, { mode: 0o600 });
    return await use(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Ended {
  readonly exitCode: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** It stays in our session, so that it can ask on the terminal for what it must know; with a session of its own it cannot. */
function sshKeygen(
  args: readonly string[],
  input: Uint8Array,
  { mayAsk = true }: { readonly mayAsk?: boolean } = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn('ssh-keygen', args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: !mayAsk,
      env: mayAsk ? process.env : { ...process.env, SSH_ASKPASS_REQUIRE: 'never' },
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.on('error', (cause) =>
      reject(new AirgapError('PROGRAM_MISSING', { program: 'ssh-keygen' }, { cause })),
    );
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    // It may end without having read all of it.
    child.stdin.on('error', () => undefined);
    child.on('close', (exitCode) =>
      resolve({ exitCode, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString('utf8') }),
    );
    child.stdin.end(input);
  });
}

function lastLine(output: string): string | undefined {
  return output.trim().split('\n').at(-1)?.slice(0, 200) || undefined;
}
