// Networks as settings write them, such as `10.0.0.0/8`: which addresses lie in them.
import { BlockList, isIP } from 'node:net';

export interface Networks {
  /** Takes one in. False for what is no network, or of no such length; nothing is taken then. */
  add(written: string): boolean;
  /** Whether it is an address inside one of them; no name is. */
  has(address: string): boolean;
  isEmpty(): boolean;
}

const family = (kind: number): 'ipv4' | 'ipv6' => (kind === 4 ? 'ipv4' : 'ipv6');

export function createNetworks(): Networks {
  const list = new BlockList();
  return {
    add(written) {
      const [, network = '', bits] = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(written) ?? [];
      const kind = isIP(network);
      if (kind === 0 || Number(bits) > (kind === 4 ? 32 : 128)) return false;
      list.addSubnet(network, Number(bits), family(kind));
      return true;
    },
    has(address) {
      const kind = isIP(address);
      return kind !== 0 && list.check(address, family(kind));
    },
    isEmpty: () => list.rules.length === 0,
  };
}
