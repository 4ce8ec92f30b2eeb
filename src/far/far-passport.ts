// The typed call for what a passport tells beside the engine and what it holds. Used by far.ts, which owns the channel.
import { AirgapError } from '../errors.js';
import { digestFromHex } from '../oci/digest.js';
import type { Far, PassportFacts } from './facts.js';
import { isHex, splitWords } from './words.js';

type AskPassport = (
  call: { readonly command: 'passport' },
  onLine: (line: string) => boolean,
) => Promise<void>;

/** @param ask one call of the far side */
export function createFarPassport(ask: AskPassport, hostName: string): Pick<Far, 'passport'> {
  return {
    async passport() {
      let host = '';
      const tools: string[] = [];
      const config: PassportFacts['config'][number][] = [];
      await ask({ command: 'passport' }, (line) => {
        const [word, rest = ''] = splitWords(line, 2);
        const [hex = '', path = ''] = splitWords(rest, 2);
        if (word === 'host' && /^[A-Za-z0-9._-]{1,255}$/.test(rest)) host = rest;
        else if (word === 'tool' && /^[a-z0-9-]{1,40}$/.test(rest)) tools.push(rest);
        else if (word === 'config' && isHex(hex, 64) && /^\/[A-Za-z0-9._/+@:~-]{1,400}$/.test(path))
          config.push({ path, digest: digestFromHex(hex, 'passport') });
        else return false;
        return true;
      });
      const problem = 'facts are missing';
      if (host === '') throw new AirgapError('FAR_ANSWER', { host: hostName, command: 'passport', problem });
      return { host, tools, config };
    },
  };
}
