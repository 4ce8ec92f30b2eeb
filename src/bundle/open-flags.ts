// How files of a bundle are opened. A file of its own, so that a worker that starts loads little.
import { constants } from 'node:fs';

/** Never through a link, never waiting for the writer of a pipe. */
export const openFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
