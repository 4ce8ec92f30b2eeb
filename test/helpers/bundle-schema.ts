// Writes bundles/bundle.schema.json: node --import=tsx test/helpers/bundle-schema.ts
import { writeFileSync } from 'node:fs';
import { specJsonSchema } from '../../src/bundle/spec-schema.js';

writeFileSync(new URL('../../bundles/bundle.schema.json', import.meta.url), specJsonSchema());
