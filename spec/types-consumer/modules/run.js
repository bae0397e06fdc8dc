// Compiles and runs a program with each value of TypeScript's `module`, as docs/platforms.md has them in a table: `npm run
// test:types`. Each row is compiled as an ES module and as a CommonJS module, and must do what its cells say.
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';

import { installPacked, installTools } from '../../support/packed-project.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../../../', import.meta.url));
const cache = join(root, '.cache/types-modules');
const heading = '## CommonJS and module settings';

/** A package of each kind, with the same program. */
const kinds = ['module', 'commonjs'];
const options = {
  target: 'es2022',
  lib: ['es2023', 'esnext.disposable'],
  types: ['node'],
  strict: true,
  skipLibCheck: true,
};

installTools(here, cache);
installPacked(root, cache);
for (const kind of kinds) {
  mkdirSync(join(cache, kind), { recursive: true });
  cpSync(join(here, 'program.ts'), join(cache, kind, 'program.ts'));
  writeFileSync(join(cache, kind, 'package.json'), JSON.stringify({ type: kind }));
}
const rows = documentedRows();
const queue = [...rows];
const failures = (await Promise.all([worker(), worker()])).flat();
if (rows.length === 0) failures.push(`docs/platforms.md has no table under "${heading}"`);
console.log([...failures, `${rows.length} settings of module, ${failures.length} not as documented`].join('\n'));
process.exitCode = failures.length > 0 ? 1 : 0;

/** Reads the table: a row for each TypeScript that a row of it names. */
function documentedRows() {
  const [, section = ''] = readFileSync(join(root, 'docs/platforms.md'), 'utf8').split(heading);
  return section
    .split('\n## ')[0]
    .split('\n')
    .filter((line) => /^\| `\w+` /.test(line) && !line.includes('`module` |'))
    .flatMap((line) => {
      const [module, moduleResolution, versions, ...expected] = line.split('|').slice(1, -1).map(plain);
      return versions.split(', ').map((version) => ({ module, moduleResolution, version, expected }));
    });
}

function plain(cell) {
  return cell.replaceAll('`', '').trim();
}

/** Does the rows of the queue. There are two workers, since a compiler uses one processor. */
async function worker() {
  const failures = [];
  for (let next = queue.shift(); next; next = queue.shift()) {
    const results = await compileAndRun(next);
    kinds.forEach((kind, at) => {
      if (results[at].startsWith(next.expected[at])) return;
      const { version, module, moduleResolution } = next;
      const title = `TypeScript ${version}, module ${module}, moduleResolution ${moduleResolution}, type ${kind}`;
      failures.push(`${title}: expected "${next.expected[at]}", but: ${results[at]}`);
    });
  }
  return failures;
}

/** Returns what becomes of the program in a package of each kind: an error of the compiler, or what it does. */
async function compileAndRun({ module, moduleResolution, version }) {
  const name = `${version}-${module}-${moduleResolution === '–' ? 'default' : moduleResolution}`;
  const config = join(cache, `tsconfig.${name}.json`);
  const outDir = join(cache, 'out', name);
  writeFileSync(
    config,
    JSON.stringify({
      compilerOptions: {
        ...options,
        module,
        ...(moduleResolution !== '–' && { moduleResolution }),
        rootDir: cache,
        outDir,
      },
      files: kinds.map((kind) => `${kind}/program.ts`),
    }),
  );
  const compiled = await run(join(cache, 'node_modules', `typescript-${version}`, 'bin/tsc'), '-p', config);
  const errors = compiled.split('\n').filter((line) => line.includes('error TS'));
  // An error in no file is one of the options.
  const optionError = errors.find((line) => !line.includes('program.ts'));
  return Promise.all(
    kinds.map(async (kind) => {
      const error = optionError ?? errors.find((line) => line.startsWith(`${kind}/`));
      if (error) return error.replace(/^.*?error /, '');
      cpSync(join(cache, kind, 'package.json'), join(outDir, kind, 'package.json'));
      const output = await run(join(outDir, kind, 'program.js'));
      return output === 'works\n' ? 'works' : `fails in Node: ${output}`;
    }),
  );
}

/** Runs a program of Node, and returns what it prints. */
function run(...args) {
  const child = spawn(execPath, args, { cwd: cache, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', () => resolve(output));
  });
}
