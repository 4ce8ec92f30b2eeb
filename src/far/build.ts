// Part of `npm run build`: lays the joined far-side program beside the compiled code, so that the package needs no parts.
import { writeFileSync } from 'node:fs';
import { joinParts } from './program.js';

// From dist/src/far back to the project, then to the parts.
const parts = new URL('../../../src/far/sh/', import.meta.url);
writeFileSync(new URL('./far.sh', import.meta.url), joinParts(parts));
