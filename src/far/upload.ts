// Brings the far-side program over in one exec: a small bootstrap makes the stage, writes stdin there, and believes its
// arrival only when size and digest are right.
import type { AirgapError } from '../errors.js';
import type { Host } from '../hosts/host.js';
import { hexOf } from '../oci/digest.js';
import { openChannel } from './channel.js';
import { answerError } from './far-errors.js';
import { type FarEngine, farProgram } from './program.js';
import { splitWords } from './words.js';

// One line, since a host takes no newline in a word. Words: stage or '', name, size, digest. Who else may write the folder
// could change the program between its check and its start: so it must be this user's own, closed to everybody else, and
// nobody else may put another in its place. 65534 owns what a user namespace does not know.
const bootstrap = [
  'umask 077; LC_ALL=C; export LC_ALL; PATH="$PATH:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"; export PATH',
  'no() { printf "error %s\\n" "$*"; exit 1; }',
  's=$1; c=$XDG_CACHE_HOME; [ -n "$c" ] || c=$HOME/.cache; [ -n "$s" ] || s=$c/airgap',
  'case $s in /*[!/]*) ;; *) no STAGE_DENIED "no absolute path" ;; esac',
  'e=$(mkdir -p "$s" 2>&1) || no STAGE_DENIED "$e"',
  '[ -n "$(find "$s/" -prune -user "$(id -u)")" ] || no STAGE_DENIED "another user owns it"',
  'case $(ls -ld "$s/") in d???????w*) no STAGE_DENIED "every user may write it" ;; d????w*) no STAGE_DENIED "its group may write it" ;; esac',
  '[ ! -h "$s" ] || no STAGE_DENIED "it is a link"',
  'p=$(cd "$s/" && pwd -P) || no STAGE_DENIED "$s"',
  'safe() { ls -ldn "$1/" | { read -r m _ o _; case $m in d????????[tT]*) exit 0 ;; d???????w*) exit 1 ;; esac; case $o in 0 | 65534 | "$(id -u)") exit 0 ;; esac; exit 1; }; }',
  'while [ "$p" != / ]; do p=$(dirname "$p") || p=/; safe "$p" || no STAGE_DENIED "another user may replace what lies in $p"; done',
  't=$s/.$2.$$; e=$( { cat >"$t"; } 2>&1) || { rm -f "$t"; case $e in *"o space"*|*uota*) no TARGET_FULL "0 $s" ;; esac; no STAGE_DENIED "$e"; }',
  'h=$(openssl dgst -sha256 -r <"$t" 2>/dev/null || sha256sum <"$t" 2>/dev/null || shasum -a 256 <"$t" 2>/dev/null) || { rm -f "$t"; no FAR_TOOL_MISSING sha256sum; }',
  'case "$(($(wc -c <"$t"))) $h" in "$3 $4 "*) ;; *) rm -f "$t"; no FAR_FAILED "the program arrived damaged" ;; esac',
  'mv -f "$t" "$s/$2" || no STAGE_DENIED "$s"',
  'u=$(id -un 2>/dev/null) || u=$(id -u)',
  'printf "far 1 %s\\nuser %s\\nstage %s\\ndone\\n" "$s/$2" "$u" "$s"',
].join('; ');

export interface Uploaded {
  /** Where the program lies. */
  readonly path: string;
  readonly stage: string;
  readonly user: string;
}

export interface UploadOptions {
  readonly host: Host;
  readonly hostName: string;
  readonly engine: FarEngine;
  /** Undefined for the user's cache folder there. */
  readonly stage: string | undefined;
  readonly silenceMs: number;
  readonly signal?: AbortSignal;
}

/** @throws {AirgapError} STAGE_DENIED, TARGET_FULL, FAR_ANSWER where a login script prints, FAR_SILENT, FAR_TOOL_MISSING */
export async function uploadProgram(options: UploadOptions): Promise<Uploaded> {
  const { host, hostName, silenceMs, signal } = options;
  const stage = options.stage?.replace(/(?<=[^/])\/+$/, '') ?? '';
  const { text, name, digest } = farProgram(options.engine);
  const channel = await openChannel({
    host,
    argv: ['sh', '-c', bootstrap, 'airgap', stage, name, String(text.byteLength), hexOf(digest)],
    where: { hostName, stage: stage || '~/.cache/airgap', user: '' },
    what: { command: 'start', engine: '', subject: '' },
    silenceMs,
    ...(signal === undefined ? {} : { signal }),
  });
  // Whether it could be written is told by the answer.
  channel.write(text).catch(() => undefined);
  channel.end();
  const expect = async (lead: string): Promise<string> => {
    const line = await channel.line();
    if (line?.startsWith(lead)) return line.slice(lead.length);
    const error: AirgapError =
      line === undefined ? answerError(hostName, 'start', 'nothing') : channel.unexpected(line);
    channel.abort(error);
    throw error;
  };
  const path = await expect('far 1 ');
  const user = splitWords(await expect('user '), 1)[0] ?? '';
  const there = await expect('stage ');
  if ((await channel.line()) !== undefined || path !== `${there}/${name}`) {
    throw answerError(hostName, 'start', path);
  }
  return { path, stage: there, user };
}
