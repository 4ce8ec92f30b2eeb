// The words that the system's ssh is called with: those of every call, those of a command, those the user gave.
import type { ConnectOptions } from '../runs/api.js';
import type { ResolvedTarget } from './target.js';

export interface UserOptions {
  readonly target: ResolvedTarget;
  readonly connect: ConnectOptions;
}

/** What every ssh gets: nothing of the user's configuration may open ports, run programs here or change the command. */
export const quiet: readonly string[] = [
  ...['-o', 'LogLevel=ERROR'],
  ...['-o', 'ClearAllForwardings=yes'],
  ...['-o', 'ForwardAgent=no'],
  ...['-o', 'ForwardX11=no'],
  ...['-o', 'PermitLocalCommand=no'],
  ...['-o', 'RemoteCommand=none'],
  ...['-o', 'RequestTTY=no'],
];

/** A command goes over the master or not at all: left alone, ssh would connect anew and ask again. */
export function sessionOptions(socket: string): readonly string[] {
  return [
    ...['-S', socket, '-o', 'ControlMaster=no', '-o', 'BatchMode=yes'],
    ...['-o', 'ProxyCommand=false'],
    ...quiet,
  ];
}

/** What the user asked for, and where to. Comes last. */
export function userOptions({ target, connect }: UserOptions): readonly string[] {
  const { configFile, identityFiles, port, jump, sshOptions } = connect;
  return [
    ...(configFile === undefined ? [] : ['-F', configFile]),
    ...(sshOptions ?? []).flatMap((option) => ['-o', option]),
    ...(identityFiles ?? []).flatMap((file) => ['-i', file]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...(jump === undefined ? [] : ['-J', jump]),
    '--',
    sshDestination(target.name),
  ];
}

/** ssh takes `user@host` and `ssh://…`, but no `user@host:port`. */
function sshDestination(name: string): string {
  if (/^ssh:\/\//i.test(name) || !/:\d+$/.test(name)) return name.replace(/^\[(.*)\]$/, '$1');
  // A bare IPv6 address has colons, too.
  return /^[^[]*:[^[]*:/.test(name) ? name : `ssh://${name}`;
}
