// How much a far side may say. It runs on a machine we do not control: every answer is bounded before it is kept.

/** The longest line: `docker info` as JSON is the longest there is, 20 KB on a large swarm node. */
export const maxLineBytes = 1024 * 1024;

/** Of a whole answer, where nothing else is said. */
export const maxAnswerBytes = 4 * 1024 * 1024;

/** `held`: 230 bytes an image and 73 a layer; room for 100 000 images. */
export const maxHeldBytes = 128 * 1024 * 1024;

/** `staged`, `check`: 160 bytes a segment of 8 MiB; room for a terabyte. */
export const maxStagedBytes = 32 * 1024 * 1024;

/** A manifest.json or index.json that is sent as it is. */
export const maxDocumentBytes = 16 * 1024 * 1024;

/** What is kept of stderr, its end: enough to say why. */
export const maxDetailBytes = 2000;

/** Seconds of silence that mean trouble; everything long beats every 10 s. */
export const defaultSilenceMs = 60_000;

/** How long what tidies up may stand still once everything is to stop: someone waits who has pressed Ctrl-C. */
export const defaultGraceMs = 10_000;

/** For `put`, where bytes that are taken count as a word: a 2 MiB window, full and all silent, takes this long at 60 kbit/s. */
export const defaultPutSilenceMs = 300_000;

/** A file that lies at a target is shown up to here: what a person would read a difference of. */
export const maxShownBytes = 1024 * 1024;

/** `files`: sixty files that are shown whole. */
export const maxFilesBytes = 64 * 1024 * 1024;
