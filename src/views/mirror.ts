// The settings for a site's registry as lines: each file with its place, what to know, and the command that brings it.
import type { MirrorFile } from '../registry/mirror-files.js';
import type { MirrorResult } from '../runs/mirror-config.js';
import { text } from '../text/text.js';
import { type Line, span } from './line.js';

const isKeys = ({ source }: MirrorFile): boolean => source === undefined;

/** All that was made. */
export function viewMirror({ registry, configs, isWritten }: MirrorResult): Line[] {
  const words = text().words.mirror;
  return configs.flatMap(({ engine, files, notes, send, byHand }, at): Line[] => [
    ...(at === 0 ? [] : ['']),
    [span('strong', words.title(engine, registry))],
    ...files.flatMap((file): Line[] => ['', `# ${file.path}`, ...file.content.trimEnd().split('\n')]),
    '',
    ...notes.map((note): Line => ['  ', words.notes[note]]),
    ...(send === ''
      ? []
      : [['  ', words.send(`airgap send HOST ${send}`, isWritten || files.every(isKeys))] as Line]),
    ...byHand.map((file): Line => ['  ', words.byHand(file)]),
    ...(isWritten ? files : []).flatMap(({ source }): Line[] =>
      source === undefined ? [] : [['  ', words.written(source)]],
    ),
  ]);
}
