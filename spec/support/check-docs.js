// Checks the pages and the doc comments in src against the built package: `npm run check:docs`, or with names of files those alone.
// Every TypeScript block is compiled, then run in Node against a server on this machine, unless a mark says why not (docs/blocks.js).
// Each block is a module of its own. It imports the package by its name, as a user does.
// Relative links must lead to what npm packs.
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

import { findBlocks } from './docs/blocks.js';
import { checkLinks, packedFiles } from './docs/links.js';
import { runBlocks } from './docs/run.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
// Inside the package's folder, where TypeScript and Node resolve the package's own name through its exports map.
const folder = join(root, '.cache/docs-check');

const files = argv.length > 2 ? argv.slice(2) : [...markdownFiles(), ...sourceFiles()];
const blocks = files.flatMap((file) => findBlocks(root, file));
const { program, pathOf } = compile(blocks);
const blockOf = new Map([...pathOf].map(([block, path]) => [path, block]));
const errors = ts.getPreEmitDiagnostics(program).map((error) => describe(error, blockOf));

const compiled = program.getSourceFiles().map((file) => file.fileName);
if (compiled.some((file) => file.startsWith(join(root, 'src/')))) {
  throw new Error('The blocks were compiled against src/ and not against the built package.');
}

program.emit();
const runnable = blocks.filter(({ mark }) => mark !== 'no-run' && mark !== 'recipe');
const { failures, quiet } = await runBlocks(root, folder, pathOf, runnable);

const packed = packedFiles(root);
const links = checkLinks(
  root,
  packed.filter((file) => file.endsWith('.md')),
  packed,
);

const problems = [...errors, ...failures, ...links.dead];
for (const problem of problems) console.error(problem);
const marked = blocks.filter(({ mark }) => mark === 'no-run').length;
const recipes = blocks.filter(({ mark }) => mark === 'recipe').length;
console.log(
  `${blocks.length} TypeScript blocks of ${new Set(blocks.map((block) => block.file)).size} files compiled: ${errors.length} errors.
${runnable.length} blocks run, of which ${quiet} were ended while they waited: ${failures.length} failures. ${marked} not run by their mark, ${recipes} run by test:recipes.
${links.count} relative links checked against ${packed.length} packed files: ${links.dead.length} dead.`,
);
process.exitCode = problems.length > 0 || blocks.length === 0 ? 1 : 0;

/** The pages, and a page whose blocks must fail: it shows that failures are seen. */
function markdownFiles() {
  const docs = list('docs').filter(
    (file) => file.endsWith('.md') && !file.startsWith(join('docs', 'api')) && !file.includes('node_modules'),
  );
  return ['README.md', 'CHANGELOG.md', ...docs, 'spec/support/docs/faulty.md'].filter((file) =>
    existsSync(join(root, file)),
  );
}

function sourceFiles() {
  return list('src').filter((file) => file.endsWith('.ts'));
}

function list(name) {
  return readdirSync(join(root, name), { recursive: true })
    .map((file) => join(name, file))
    .sort();
}

function compile(blocks) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const pathOf = new Map();
  for (const block of blocks) {
    const path = join(folder, `${block.file.replaceAll(/[\\/]/g, '-')}-${block.line}.ts`);
    // As many lines as there are before the block in its file: so TypeScript's line numbers are the file's own.
    writeFileSync(path, `${'\n'.repeat(block.line)}${block.lines.join('\n')}\nexport {};\n`);
    pathOf.set(block, path);
  }
  return { program: ts.createProgram([...pathOf.values()], compilerOptions()), pathOf };
}

/** The project's own, but the package's name means what is built, and unused names are allowed: an example may end with one. Source maps give stack traces the lines of the page. */
function compilerOptions() {
  const { config, error } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  if (error) throw new Error(ts.flattenDiagnosticMessageText(error.messageText, '\n'));
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, root);
  return {
    ...options,
    // Nest has decorators of parameters, which the standard has not.
    experimentalDecorators: true,
    inlineSourceMap: true,
    noEmit: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
    paths: undefined,
    rootDir: undefined,
    skipLibCheck: false,
  };
}

function describe(error, blockOf) {
  const message = ts.flattenDiagnosticMessageText(error.messageText, '\n');
  if (error.file === undefined) return message;
  const { line, character } = error.file.getLineAndCharacterOfPosition(error.start);
  const block = blockOf.get(error.file.fileName);
  const column = character + 1 + (block?.margin ?? 0);
  return `${block?.file ?? error.file.fileName}:${line + 1}:${column} ${message}`;
}
