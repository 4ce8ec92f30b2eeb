// How tests load TypeScript: node strips the types by itself and keeps what it compiled, which takes a third of what a loader
// takes that transforms each file in a process of its own; there are some 240 test processes.
import { readFileSync } from 'node:fs';
import { createRequire, enableCompileCache, registerHooks } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

enableCompileCache(path.join(import.meta.dirname, '../../node_modules/.cache/test-modules'));

/** Sources import each other as what the build makes of them: `./x.js` is x.ts or x.tsx. */
const fromTypeScript = /\.tsx?$/;
const built = /^\.{1,2}\/.*\.js$/;

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (!built.test(specifier) || !fromTypeScript.test(context.parentURL ?? ''))
      return nextResolve(specifier, context);
    for (const extension of ['.ts', '.tsx', '.js']) {
      try {
        return nextResolve(specifier.replace(/\.js$/, extension), context);
      } catch (error) {
        if (extension === '.js' || error?.code !== 'ERR_MODULE_NOT_FOUND') throw error;
      }
    }
  },
  load(url, context, nextLoad) {
    if (!url.endsWith('.tsx')) return nextLoad(url, context);
    const { transformSync } = createRequire(import.meta.url)('esbuild');
    const file = fileURLToPath(url);
    const { code } = transformSync(readFileSync(file, 'utf8'), {
      ...{ loader: 'tsx', jsx: 'automatic', format: 'esm', target: 'node24' },
      ...{ sourcefile: file, sourcemap: 'inline' },
    });
    return { format: 'module', source: code, shortCircuit: true };
  },
});
