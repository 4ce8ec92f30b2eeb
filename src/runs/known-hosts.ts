// The hosts that a user may mean: each machine once, under a name that works when it is typed.
import type { ResolvedTarget } from '../hosts/target.js';
import type { Receipt } from '../receipt/receipt.js';
import type { KnownHost } from './api.js';
import type { SavedTarget } from './local-api.js';

// What a receipt calls this very machine; it is reached by its own name, not by an address.
const localAddress = 'local';

export interface KnownHostsOptions {
  /** Of ssh_config, in the order of the files. */
  readonly aliases: readonly string[];
  /** What a person has added; folders and registries are no hosts. */
  readonly added?: readonly SavedTarget[];
  /** What a name means today. @throws for one that means nothing */
  readonly resolve: (name: string) => Promise<ResolvedTarget>;
  /** Newest first. */
  readonly receipts: readonly Receipt[];
}

/**
 * Aliases first, then names that were added, then machines that only receipts know. Names that come to the very same connection are one host: the
 * first is kept. A receipt's name that no longer leads where it led gives way to the address.
 */
export async function listKnownHosts({
  aliases,
  added = [],
  resolve,
  receipts,
}: KnownHostsOptions): Promise<KnownHost[]> {
  const hosts: KnownHost[] = [];
  const seen = new Map<string, number>();
  const resolved = async (name: string): Promise<ResolvedTarget | undefined> =>
    await resolve(name).catch(() => undefined);
  for (const name of aliases) {
    const target = await resolved(name);
    const key = target === undefined ? name : connectionOf(target);
    if (seen.has(key)) continue;
    seen.set(key, hosts.length);
    hosts.push({ name, address: target?.address, from: 'config' });
  }
  for (const { kind, name } of added) {
    if (kind !== 'host' || hosts.some((known) => known.name === name)) continue;
    const target = await resolved(name);
    const key = target === undefined ? name : connectionOf(target);
    // What a person added is there under that very name, whatever else leads to the machine.
    if (!seen.has(key)) seen.set(key, hosts.length);
    hosts.push({ name, address: target?.address, from: 'added' });
  }
  for (const { host, address, id, startedAt, target: kind } of receipts) {
    if (kind === 'registry') continue;
    const target = await resolved(host);
    const leads = target === undefined ? address === localAddress : target.address === address;
    const name = leads ? host : address;
    const key = leads && target !== undefined ? connectionOf(target) : name;
    const at = seen.get(key) ?? hosts.findIndex((known) => known.address === address);
    const before = hosts[at];
    const lastReceipt = { id, startedAt };
    if (before === undefined) {
      seen.set(key, hosts.length);
      hosts.push({ name, address, from: 'receipt', lastReceipt });
    } else if (before.lastReceipt === undefined) hosts[at] = { ...before, lastReceipt };
  }
  return hosts;
}

/** Two names with equal settings are one connection, whatever they are called. */
function connectionOf({ name: _name, hostKeys, jumps, ...target }: ResolvedTarget): string {
  return JSON.stringify([target, hostKeys.userFiles, jumps.map((jump) => jump.address)]);
}
