// What the demo tells while it runs.
import { count, formatBytes, formatDuration } from './format.js';

export const demo = {
  intro:
    'This is the real airgap send, to a real SSH server on this machine. No engine is needed: the far side stores the images in a folder',
  made: (names: readonly string[], bytes: number) =>
    `Made ${names.join(', ')} from files of this machine: ${formatBytes(bytes)} of layers`,
  host: (address: string) =>
    `The far side is ${address}, with keys and folders of its own that are thrown away afterwards`,
  first: (name: string) => `1. Send ${name}: the far side has nothing yet`,
  second: (name: string) => `2. Send ${name}: most of its layers are there already`,
  third: (name: string) => `3. Send ${name} at 2 MB/s, and cut the connection in the middle`,
  cut: (bytes: number, message: string) => `   cut after ${formatBytes(bytes)}: ${message}`,
  resume: '   Run the same command again',
  sent: (sent: number, held: number, ms: number) =>
    `   ${formatBytes(sent)} sent, ${formatBytes(held)} not sent because the host had them, ${formatDuration(ms)}`,
  resumed: (sent: number, resumed: number, ms: number) =>
    `   ${formatBytes(sent)} sent, ${formatBytes(resumed)} had arrived before the cut, ${formatDuration(ms)}`,
  proved: (images: number, blobs: number) =>
    `4. Look at the far side with other eyes: ${count(images, 'image')}, ${count(blobs, 'blob')}, every one hashed and right`,
  next: 'Next: airgap send HOST IMAGE, with a host of yours and an image that docker images shows',
  notCut: '   the transfer was over before it could be cut',
} as const;
