// Entry point of `npm run chaos`. Runs main.ts and compiles all TypeScript files with swc, as Jest does.
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { transformFileSync } from '@swc/core';

registerHooks({
  resolve(specifier, context, next) {
    // Source files import each other by the names of the compiled files.
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
