// `npm run build`: joins the program and what it uses into a few files, so that a start reads some ten instead of some
// hundred: half of a short command's time went there. The far-side programs are laid beside them, ready to be sent.
import { rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { farEngines, joinFar, joinImport } from './far/program.js';

const root = new URL('../', import.meta.url);
const dist = new URL('dist/', root);
rmSync(dist, { recursive: true, force: true });

// Workers are started by file name, so each is an entry; what entries share, and what is loaded only when it is needed,
// become files of their own.
const entries = [
  'src/main.ts',
  'src/bundle/check-worker.ts',
  'src/stores/overlay2-worker.ts',
  'src/streams/codec-zstd-wasm-worker.ts',
];
await build({
  absWorkingDir: fileURLToPath(root),
  entryPoints: entries,
  entryNames: '[name]',
  chunkNames: 'part-[hash]',
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  // They bring files that are not JavaScript, or may be missing.
  external: ['@toondepauw/node-zstd', 'react-devtools-core', 'ssh2', 'yoga-layout', 'zstd-codec'],
  // React decides by it whether it checks its users, which costs time at each frame.
  define: { 'process.env.NODE_ENV': '"production"' },
  // CommonJS packages ask for node's own modules by `require`.
  banner: {
    js: "import { createRequire as requireFor } from 'node:module'; const require = requireFor(import.meta.url);",
  },
  logLevel: 'warning',
});

const parts = new URL('far/', import.meta.url);
for (const engine of farEngines) writeFileSync(new URL(`far-${engine}.sh`, dist), joinFar(parts, engine));
writeFileSync(new URL('import.sh', dist), joinImport(parts));
