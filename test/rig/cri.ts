// A kubelet's way into containerd: the few calls of the Container Runtime Interface that make a pod and run a container in it.
// @see kubernetes/cri-api pkg/apis/runtime/v1/api.proto, and gRPC over HTTP/2 (PROTOCOL-HTTP2.md)

import { connect as connectHttp2 } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { buffer } from 'node:stream/consumers';

type Field = readonly [number: number, value: string | number | Buffer];

export interface Pod {
  /** Runs a container of the image, by its name or, as a kubelet does, by its ID; gives the container's ID. */
  start(name: string, image: string, command?: readonly string[]): Promise<string>;
  remove(): Promise<void>;
}

/** A pod of the host's own network, which needs no plugins for one; its pause image must be there. */
export async function runPod(socketPath: string, name: string): Promise<Pod> {
  const call = caller(socketPath);
  const onHost = message([1, message([1, 2])]);
  const metadata = message([1, name], [2, `${name}-uid`], [3, 'default']);
  const config = message([1, metadata], [8, message([2, onHost])]);
  const pod = await call('RunPodSandbox', message([1, config]));
  return {
    async start(container, image, command = []) {
      const own = command.map((one): Field => [3, one]);
      const made = message([1, message([1, container])], [2, message([1, image])], ...own);
      const id = await call('CreateContainer', message([1, pod], [2, made], [3, config]));
      await call('StartContainer', message([1, id]));
      return id;
    },
    async remove() {
      await call('StopPodSandbox', message([1, pod]));
      await call('RemovePodSandbox', message([1, pod]));
    },
  };
}

/** Asks, and gives the first field of the answer, a word in all of these. */
function caller(socketPath: string): (method: string, request: Buffer) => Promise<string> {
  return async (method, request) => {
    const session = connectHttp2('http://localhost', { createConnection: () => connectSocket(socketPath) });
    try {
      const stream = session.request({
        ':method': 'POST',
        ':path': `/runtime.v1.RuntimeService/${method}`,
        'content-type': 'application/grpc',
        te: 'trailers',
      });
      let status: unknown;
      let problem: unknown;
      const note = (headers: Readonly<Record<string, unknown>>): void => {
        status ??= headers['grpc-status'];
        problem ??= headers['grpc-message'];
      };
      stream.on('response', note).on('trailers', note);
      const length = Buffer.alloc(5);
      length.writeUInt32BE(request.byteLength, 1);
      stream.end(Buffer.concat([length, request]));
      const answer = await buffer(stream);
      if (status !== '0') throw new Error(`${method}: ${String(problem)}`);
      // The frame's own five bytes, the field's tag, its length (an ID is short), the word.
      return answer.subarray(7, 7 + (answer[6] ?? 0)).toString();
    } finally {
      session.close();
    }
  };
}

/** Protocol buffers, as far as these calls need them: words, messages and small numbers. */
function message(...fields: readonly Field[]): Buffer {
  return Buffer.concat(
    fields.map(([number, value]) => {
      if (typeof value === 'number') return Buffer.from([number << 3, value]);
      const bytes = Buffer.from(value);
      return Buffer.concat([Buffer.from([(number << 3) | 2]), varint(bytes.byteLength), bytes]);
    }),
  );
}

function varint(value: number): Buffer {
  return value < 0x80
    ? Buffer.from([value])
    : Buffer.concat([Buffer.from([(value & 0x7f) | 0x80]), varint(value >> 7)]);
}
