// The answer to `probe`, fact by fact. A word that is not in docs/far-side.md is refused.
import type { Probe } from './facts.js';
import { isCount, isHex, splitWords } from './words.js';

type Engine = Probe['engine'];

/** Collects the lines of a probe; `add` is false for a line that the grammar does not have. */
export function collectProbe(): { add(line: string): boolean; probe(): Probe | undefined } {
  let user: Probe['user'] | undefined;
  let home = '';
  let stage = '';
  let system: Probe['system'] | undefined;
  let cores = 1;
  let bootId: string | undefined;
  const tools = new Set<string>();
  let hashTool = 'none';
  const free = new Map<string, number>();
  const devices = new Map<string, string>();
  let engineRoot: string | undefined;
  const stages: { client: string; bytes: number }[] = [];
  const containers: string[] = [];
  const others: string[] = [];
  let clientVersion = '';
  let engine: Engine | undefined;
  let sudo: Probe['sudo'] = 'none';

  const rows: Readonly<Record<string, (rest: string) => boolean>> = {
    far: (rest) => rest === '1',
    user(rest) {
      const [name = '', uid = ''] = splitWords(rest, 2);
      if (!isCount(uid)) return false;
      user = { name, uid: Number(uid) };
      return true;
    },
    home(rest) {
      home = rest;
      return true;
    },
    stage(rest) {
      stage = rest;
      return true;
    },
    system(rest) {
      const [kernel = '', machine = ''] = splitWords(rest, 2);
      system = { kernel, machine };
      return machine !== '';
    },
    cores(rest) {
      cores = Number(rest);
      return isCount(rest);
    },
    boot(rest) {
      bootId = rest === '0' ? undefined : rest;
      return rest !== '';
    },
    tool(rest) {
      const [name = '', there = ''] = splitWords(rest, 2);
      if (there === 'yes') tools.add(name);
      return there === 'yes' || there === 'no';
    },
    hash(rest) {
      hashTool = rest;
      return rest !== '';
    },
    dd: (rest) => rest === 'count_bytes' || rest === 'blocks' || rest === 'none',
    free(rest) {
      const [bytes = '', path = ''] = splitWords(rest, 2);
      free.set(path, Number(bytes));
      return isCount(bytes) && path.startsWith('/');
    },
    device(rest) {
      const [device = '', path = ''] = splitWords(rest, 2);
      devices.set(path, device);
      return path.startsWith('/');
    },
    root(rest) {
      engineRoot = rest;
      return rest.startsWith('/');
    },
    stages(rest) {
      const [client = '', bytes = ''] = splitWords(rest, 2);
      stages.push({ client, bytes: Number(bytes) });
      return isHex(client, 16) && isCount(bytes);
    },
    container(rest) {
      containers.push(rest);
      return isHex(rest, 16);
    },
    other(rest) {
      others.push(rest);
      return /^[a-z0-9]{1,20}$/.test(rest) && others.length <= 10;
    },
    engine(rest) {
      clientVersion = splitWords(rest, 2)[1] ?? '';
      return clientVersion !== '';
    },
    'engine-info'(rest) {
      const info = parseJson(rest);
      if (info === undefined) return false;
      engine = { state: 'up', clientVersion, info };
      return true;
    },
    'engine-error'(rest) {
      const [state = '', message = ''] = splitWords(rest, 2);
      if (state !== 'denied' && state !== 'down' && state !== 'missing') return false;
      engine = { state, message };
      return true;
    },
    sudo(rest) {
      if (rest !== 'n' && rest !== 'password' && rest !== 'none') return false;
      sudo = rest;
      return true;
    },
  };

  return {
    add(line) {
      const [word = '', rest = ''] = splitWords(line, 2);
      return Object.hasOwn(rows, word) && rows[word]?.(rest) === true;
    },
    probe() {
      if (user === undefined || system === undefined || engine === undefined || stage === '')
        return undefined;
      const machine = { user, home, stage, system, cores, bootId, tools, hashTool, free, devices };
      return { ...machine, engineRoot, stages, containers, others, engine, sudo };
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
