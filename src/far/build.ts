// Part of `npm run build`: lays the joined far-side programs beside the compiled code, so that the package needs no parts.
import { writeFileSync } from 'node:fs';
import { joinFar, joinImport } from './program.js';

// From dist/src/far back to the project, then to the parts.
const parts = new URL('../../../src/far/', import.meta.url);
writeFileSync(new URL('./far.sh', import.meta.url), joinFar(parts));
writeFileSync(new URL('./import.sh', import.meta.url), joinImport(parts));
