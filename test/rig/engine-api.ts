// dockerd asked over its socket. Its program takes some 70 ms of processor time for each question, of which a test run has thousands.
import { createWriteStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { http } from '../../src/registry/node-http.js';

export type EngineAnswer = { readonly status: number; readonly body: Buffer };

export type EngineAsk = {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  /** Sent as JSON. */
  readonly body?: object;
  /** Where the answer's body goes instead. */
  readonly outputFile?: string;
  /** Return whatever the status is; without it, one of 400 and more rejects with what was said. */
  readonly mayFail?: boolean;
};

export type EngineApi = {
  ask(path: string, options?: EngineAsk): Promise<EngineAnswer>;
  /** The same where the answer is JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: what an engine answers
  json(path: string, options?: EngineAsk): Promise<any>;
};

/** The API behind a socket, in the version that the engine prefers. */
export function engineApi(socketPath: string): EngineApi {
  const ask: EngineApi['ask'] = async (path, options = {}) => {
    const { method = 'GET', body, outputFile, mayFail = false } = options;
    const sent = body === undefined ? undefined : JSON.stringify(body);
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const asking = http.request({
        ...{ socketPath, path, method, agent: false },
        headers: sent === undefined ? {} : { 'content-type': 'application/json' },
      });
      asking.once('response', resolve);
      asking.once('error', reject);
      asking.end(sent);
    });
    const status = answer.statusCode ?? 0;
    if (outputFile !== undefined && status < 400) {
      await pipeline(answer, createWriteStream(outputFile));
      return { status, body: Buffer.alloc(0) };
    }
    const said = await buffer(answer);
    if (status >= 400 && !mayFail) throw new Error(`${method} ${path}: ${status} ${said.toString()}`);
    return { status, body: said };
  };
  return { ask, json: async (path, options) => JSON.parse((await ask(path, options)).body.toString()) };
}

/** What a container wrote, of an answer that tells its streams apart: each piece has a head of a kind and a length. */
export function splitLog(body: Buffer): { readonly stdout: string; readonly stderr: string } {
  const pieces: [Buffer[], Buffer[]] = [[], []];
  for (let at = 0; at + 8 <= body.byteLength; ) {
    const length = body.readUInt32BE(at + 4);
    pieces[body[at] === 2 ? 1 : 0].push(body.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  const [stdout, stderr] = pieces.map((one) => Buffer.concat(one).toString('utf8'));
  return { stdout: stdout ?? '', stderr: stderr ?? '' };
}
