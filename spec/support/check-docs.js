// Compiles every TypeScript block of the Markdown files, and of the doc comments in src, against the built package:
// `npm run check:docs`. Each block is a module of its own, and imports the package by its name, as a user does.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../', import.meta.url));
// Inside the package's folder, where TypeScript resolves the package's own name through its exports map.
const folder = join(root, '.cache/docs-check');

const blocks = [...markdownFiles(), ...sourceFiles()].flatMap(findBlocks);
const { program, blockOf } = compile(blocks);
const errors = ts.getPreEmitDiagnostics(program);
for (const error of errors) console.error(describe(error, blockOf));

const read = program.getSourceFiles().map((file) => file.fileName);
if (read.some((file) => file.startsWith(join(root, 'src/')))) {
  throw new Error('the blocks were compiled against src/ instead of the built package');
}
console.log(
  `${blocks.length} TypeScript blocks of ${new Set(blocks.map((block) => block.file)).size} files, ${errors.length} errors.`,
);
process.exitCode = errors.length > 0 || blocks.length === 0 ? 1 : 0;

function markdownFiles() {
  const docs = list('docs').filter(
    (file) => file.endsWith('.md') && !file.startsWith(join('docs', 'api')) && !file.includes('node_modules'),
  );
  return ['README.md', 'CHANGELOG.md', ...docs].filter((file) => existsSync(join(root, file)));
}

function sourceFiles() {
  return list('src').filter((file) => file.endsWith('.ts'));
}

function list(name) {
  return readdirSync(join(root, name), { recursive: true })
    .map((file) => join(name, file))
    .sort();
}

/**
 * Returns the blocks fenced as ts. In a source file, the margin of the fence is removed from all lines of the doc
 * comment.
 */
function findBlocks(file) {
  const fence = file.endsWith('.md') ? /^( *)```(?:ts|typescript)\b/ : /^( *\* ?)```(?:ts|typescript)\b/;
  const found = [];
  let open;
  for (const [index, line] of readFileSync(join(root, file), 'utf8').split(/\r?\n/).entries()) {
    const margin = fence.exec(line)?.[1];
    if (open === undefined) {
      if (margin !== undefined) open = { file, line: index + 1, margin: margin.length, lines: [] };
    } else if (line.slice(open.margin).startsWith('```')) {
      found.push(open);
      open = undefined;
    } else {
      open.lines.push(line.slice(open.margin));
    }
  }
  if (open !== undefined) throw new Error(`${file}:${open.line} begins a block that does not end`);
  return found;
}

function compile(blocks) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const blockOf = new Map();
  for (const block of blocks) {
    const path = join(folder, `${block.file.replaceAll(/[\\/]/g, '-')}-${block.line}.ts`);
    // As many empty lines as there are lines before the block, so that TypeScript reports line numbers of the original
    // file.
    writeFileSync(path, `${'\n'.repeat(block.line)}${block.lines.join('\n')}\nexport {};\n`);
    blockOf.set(path, block);
  }
  return { program: ts.createProgram([...blockOf.keys()], compilerOptions()), blockOf };
}

/** The project's options without the checks for unused names, since an example may end with a declaration. */
function compilerOptions() {
  const { config, error } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  if (error) throw new Error(ts.flattenDiagnosticMessageText(error.messageText, '\n'));
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, root);
  return { ...options, noUnusedLocals: false, noUnusedParameters: false, rootDir: undefined, skipLibCheck: false };
}

function describe(error, blockOf) {
  const message = ts.flattenDiagnosticMessageText(error.messageText, '\n');
  if (error.file === undefined) return message;
  const { line, character } = error.file.getLineAndCharacterOfPosition(error.start);
  const block = blockOf.get(error.file.fileName);
  const column = character + 1 + (block?.margin ?? 0);
  return `${block?.file ?? error.file.fileName}:${line + 1}:${column} ${message}`;
}
