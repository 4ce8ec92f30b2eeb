// The last step of an export: every file that was written is read back from the drive and compared.
import path from 'node:path';
import type { Place } from '../bundle/place.js';
import { readBack } from '../bundle/read-back.js';
import type { WrittenBundle } from '../bundle/writer.js';
import type { Item } from '../events.js';
import type { RunContext } from './run.js';

export interface RereadOptions {
  readonly place: Place;
  readonly written: WrittenBundle;
  readonly context: RunContext;
}

/** @returns whether the drive itself was read, and not what memory still knew of it. @throws {AirgapError} BUNDLE_DAMAGED, DRIVE_* */
export async function rereadBundle({ place, written, context }: RereadOptions): Promise<boolean> {
  const { emit, signal } = context;
  emit({ type: 'step.started', step: 'reread' });
  const item: Item = { id: 'reread', kind: 'layer', phase: 'reread', label: path.basename(place.shown) };
  const totalBytes = written.files.reduce((sum, file) => sum + file.bytes, 0);
  let doneBytes = 0;
  const onProgress = (bytes: number): void => {
    doneBytes += bytes;
    emit({ type: 'item.progress', ...item, doneBytes, totalBytes });
  };
  let bypassed = true;
  for (const [volume, files] of Map.groupBy(written.files, (file) => file.volume)) {
    const done = await readBack({ place: place.volume(volume), form: place.form, files, onProgress, signal });
    bypassed = done && bypassed;
  }
  emit({ type: 'item.finished', ...item, doneBytes });
  emit({ type: 'step.finished', step: 'reread' });
  return bypassed;
}
