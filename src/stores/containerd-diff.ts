// What a container of containerd has written, as the layer that it is: `ctr` writes it into a file of ours that has no name any more, so
// nothing is left of it however the run ends. A container that runs is paused meanwhile, and runs on whatever becomes of airgap.
import { createHash } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { AirgapError } from '../errors.js';
import type { Host } from '../hosts/host.js';
import { type DiffId, parseDiffId } from '../oci/digest.js';
import { readAt } from '../streams/file-at.js';
import { makeFolder } from '../streams/make-folder.js';
import { thisOwner } from '../streams/owner.js';
import { printable } from '../text/format.js';
import { text } from '../text/text.js';
import { cacheError } from './cache-errors.js';
import type { ContainerInfo } from './container-origin.js';
import type { FoundContainer } from './containerd-find.js';
import { taskStates } from './containerd-running.js';
import { createDockerCli } from './docker-cli.js';
import { hashRange } from './file-bytes.js';

export interface Written {
  /** To be closed by who got it. */
  readonly handle: FileHandle;
  /** Of the tar, which lies there raw. */
  readonly diffId: DiffId;
  readonly size: number;
}

export interface DiffOptions extends FoundContainer {
  readonly host: Host;
  readonly pauses: boolean;
  /** Where the file is made. */
  readonly directory: string;
}

// One program in a session of its own, which writes without a reader: neither keys of the terminal nor the end of airgap hold it up.
// It tells what failed in its first line, and why below.
const script = `trap '' HUP INT QUIT TERM
id=$1 pauses=$2 snapshotter=$3 key=$4 file=$5
shift 5
exec 3>>"$file" && rm -f -- "$file" || exit
said=
tell() { printf '%s\\n%s\\n' "$1" "$said"; exit; }
# Where nobody answers, it may be so.
is_now() { listed=$("$@" tasks ls 2>/dev/null) || return 0; printf '%s\\n' "$listed" | grep -q "^$id .*$wanted"; }
if [ "$pauses" = yes ] && ! said=$("$@" tasks pause "$id" 2>&1); then
  # It may have been heard all the same.
  "$@" tasks resume "$id" >/dev/null 2>&1
  pauses=no wanted='[RP][UA][NU]'
  ! is_now "$@" || tell pause
fi
said=$("$@" snapshots --snapshotter "$snapshotter" diff --media-type application/vnd.oci.image.layer.v1.tar "$key" 2>&1 >&3) &&
  outcome=written || outcome=diff
tries=0 wanted=PAUS
while [ "$pauses" = yes ] && ! resumed=$("$@" tasks resume "$id" 2>&1) && is_now "$@"; do
  tries=$((tries + 1))
  if [ "$tries" = 10 ]; then said=$resumed; tell resume; fi
  sleep 1
done
tell "$outcome"`;

/** @throws {AirgapError} ENGINE_*, CACHE_FULL, CACHE_DENIED */
export async function readWritten(options: DiffOptions): Promise<Written> {
  const { directory, id } = options;
  const onDisk = async (error: unknown): Promise<never> => {
    throw await cacheError(error, directory, 0);
  };
  await makeFolder(directory).catch(onDisk);
  const file = path.join(directory, `container-${thisOwner().token}`);
  const handle = await open(file, 'wx+', 0o600).catch(onDisk);
  try {
    await askForDiff(options, file).catch(async (error: unknown) => {
      throw await fullError(error, handle, directory);
    });
    const { size } = await handle.stat();
    const hash = createHash('sha256');
    await hashRange(hash, handle, { start: 0, length: size });
    const end = await readAt(handle, Math.max(0, size - tarEndBytes), tarEndBytes);
    // A program that ended early may have said nothing of it.
    if (size % 512 !== 0 || end.byteLength < tarEndBytes || end.some((byte) => byte !== 0))
      throw answer(options, 'diff', text().words.spec.cutDiff(size));
    return { handle, size, diffId: parseDiffId(`sha256:${hash.digest('hex')}`, id) };
  } catch (error) {
    await handle.close();
    throw error;
  } finally {
    // The script has done it, if it began.
    await rm(file, { force: true });
  }
}

/** Two blocks of nothing. @see POSIX pax, ustar interchange format */
const tarEndBytes = 1024;

async function askForDiff(options: DiffOptions, file: string): Promise<void> {
  const { host, cli, id, info, pauses } = options;
  const isRunning = pauses && (await taskStates(cli)).get(id) === 'RUNNING';
  const settings = [id, isRunning ? 'yes' : 'no', snapshotterOf(info), info.SnapshotKey, file];
  const shell = createDockerCli(host, 'sh', 'containerd');
  // Never aborted: it would have to be waited for all the same.
  const told = await shell.run(['-c', script, 'sh', ...settings, ...cli.words], { ownSession: true });
  const [outcome = '', ...said] = told.split('\n');
  if (outcome !== 'written') throw answer(options, outcome, printable(said.join(' ').trim()).slice(0, 500));
}

const snapshotterOf = ({ Snapshotter }: ContainerInfo): string => Snapshotter || 'overlayfs';

/** With the command as it can be run by hand. */
function answer({ cli, id, info }: FoundContainer, step: string, detail: string): AirgapError {
  const isTask = step === 'pause' || step === 'resume';
  const diff = ['snapshots', '--snapshotter', snapshotterOf(info), 'diff', info.SnapshotKey];
  const command = [...cli.words, ...(isTask ? ['tasks', step, id] : diff)].join(' ');
  const { stillPaused } = text().words.spec;
  return new AirgapError('ENGINE_ANSWER', {
    engine: 'containerd',
    command,
    detail: step === 'resume' ? stillPaused(id, detail) : detail,
  });
}

/** That it is our disk which is full, and not containerd's. */
async function fullError(error: unknown, handle: FileHandle, directory: string): Promise<unknown> {
  const detail = error instanceof AirgapError && 'detail' in error.facts ? error.facts.detail : '';
  const [, why] = /write \/dev\/stdout: (no space left|disk quota exceeded)/i.exec(detail) ?? [];
  if (why === undefined) return error;
  const { size } = await handle.stat();
  const cause = Object.assign(new Error(detail), { code: /quota/i.test(why) ? 'EDQUOT' : 'ENOSPC' });
  return await cacheError(cause, directory, size + 1);
}
