import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import type { ImportReport } from '../support/import-in-bare-platform.js';

const root = new URL('../..', import.meta.url);
const { exports } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
  exports: Record<string, string | { default: string }>;
};

/** The entry points of the package, each with the URL of its source file. */
const entries = Object.entries(exports).flatMap(([name, target]) =>
  typeof target === 'string'
    ? []
    : [{ name, file: new URL(target.default.replace(/^\.\/dist\/(.*)\.js$/, 'src/$1.ts'), root).href }],
);

/** The packages and Node modules that the sources import, except those of the command line and of the schematics. */
function dependencies(): string[] {
  const files = readdirSync(new URL('src/', root), { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !/^(?:cli|schematics)\b/.test(file),
  );
  const found = files.flatMap((file) => {
    const text = readFileSync(new URL(`src/${file}`, root), 'utf8');
    return [...text.matchAll(/^(?:import|export) (?!type)[^;]*?from '([^.'][^']*)';$/gm)].map(
      ([, specifier]) => specifier!,
    );
  });
  // Angular's packages are compiled while they load, which needs the compiler.
  return ['@angular/compiler', ...new Set(found)];
}

const run = promisify(execFile);

async function importInBarePlatform(file: string): Promise<ImportReport> {
  const args = [
    '--import',
    './spec/support/register.js',
    'spec/support/import-in-bare-platform.ts',
    file,
    ...dependencies(),
  ];
  const { stdout } = await run(process.execPath, args, { cwd: fileURLToPath(root) });
  return JSON.parse(stdout) as ImportReport;
}

describe('Importing', () => {
  for (const { name, file } of entries) {
    it(`rxjs-retry-client${name.slice(1)} needs no global of the platform and has no effect; globals are looked up when used`, async () => {
      const { names, effects, operator, response } = await importInBarePlatform(file);
      expect(names.length).toBeGreaterThan(0);
      expect(effects).toEqual([]);
      expect(operator).toEqual(name === '.' ? [1, 3, 503, 'Error: gone'] : undefined);
      expect(response).toBe(['.', './node', './undici'].includes(name) ? true : undefined);
    }, 60_000);
  }

  it('is tested for every entry point', () => {
    expect(entries.map(({ name }) => name)).toEqual(jasmine.arrayContaining(['.', './angular', './node', './undici']));
  });
});
