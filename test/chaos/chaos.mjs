// Entry point of `npm run chaos`. Runs main.ts. Compiles every TypeScript file with swc, as Jest does, when it is
// loaded.
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { transformFileSync } from '@swc/core';

registerHooks({
  resolve(specifier, context, next) {
    // Source files import each other under the names of the compiled files (`.js`), so try the `.ts` file first.
    const source = specifier.startsWith('.') && new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
    return source && source.href.endsWith('.ts') && existsSync(source)
      ? { url: source.href, shortCircuit: true }
      : next(specifier, context);
  },
  load(url, context, next) {
    if (!url.endsWith('.ts')) return next(url, context);
    const { code } = transformFileSync(fileURLToPath(url), { configFile: '.swcrc', sourceMaps: 'inline' });
    return { format: 'module', source: code, shortCircuit: true };
  },
});

await import('./main.ts');
