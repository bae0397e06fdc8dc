import { builtinModules, isBuiltin } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));

const common = {
  bundle: true,
  splitting: true,
  format: 'esm',
  target: 'es2022',
  outExtension: { '.js': '.mjs' },
  logLevel: 'warning',
  // Not this project's, whose paths lead to src.
  tsconfigRaw: {},
};

/** Bundles the checks for runtimes that resolve packages themselves, this one and RxJS among them. */
export async function bundleForProcess(folder) {
  await build({
    ...common,
    entryPoints: [join(here, 'process.js')],
    outdir: join(folder, 'process'),
    platform: 'node',
    external: ['rxjs', 'rxjs/*', 'rxjs-retry-client', 'rxjs-retry-client/*'],
  });
}

/** Bundles the checks and all packages, as wrangler does for Workers: with the files that packages have for browsers. */
export async function bundleForWorkerd(folder, packages) {
  await build({
    ...common,
    entryPoints: [join(here, 'worker.js')],
    outdir: join(folder, 'worker'),
    platform: 'browser',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['node:*', ...builtinModules],
    plugins: [installedIn(packages), requiredBuiltins],
  });
}

/** Has the checks import the packages of another folder, and not those of this project, which is this package itself. */
const installedIn = (packages) => ({
  name: 'installed',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^[\w@]/ }, ({ path, kind, importer }) =>
      importer.startsWith(here) ? resolve(path, { kind, resolveDir: packages }) : undefined,
    );
  },
});

/** Has packages in CommonJS import what they require of Node: workerd has no require. */
const requiredBuiltins = {
  name: 'required-builtins',
  setup({ onResolve, onLoad }) {
    const namespace = 'required-builtin';
    onResolve({ filter: /^(?:node:)?\w+(?:\/\w+)?$/ }, ({ path, kind }) =>
      kind === 'require-call' && isBuiltin(path)
        ? { path: path.replace(/^(?:node:)?/, 'node:'), namespace }
        : undefined,
    );
    onLoad({ filter: /.*/, namespace }, ({ path }) => ({
      contents: `import builtin from ${JSON.stringify(path)}; module.exports = builtin;`,
    }));
  },
};
