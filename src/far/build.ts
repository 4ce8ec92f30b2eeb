// Part of `npm run build`: lays the joined far-side programs beside the compiled code, so that the package needs no parts.
import { writeFileSync } from 'node:fs';
import { farEngines, joinFar, joinImport } from './program.js';

// From dist/src/far back to the project, then to the parts.
const parts = new URL('../../../src/far/', import.meta.url);
for (const engine of farEngines)
  writeFileSync(new URL(`./far-${engine}.sh`, import.meta.url), joinFar(parts, engine));
writeFileSync(new URL('./import.sh', import.meta.url), joinImport(parts));
