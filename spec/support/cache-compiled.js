// Keeps what ts-node has compiled in `node_modules/.cache/ts-node`, for the next process: many specs start the command.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);
const cache = new URL('node_modules/.cache/ts-node/', root);
/** What a compiled file depends on beside its source. The Node is none of it: tsconfig.json has the target. */
const settings = ['tsconfig.json', 'node_modules/typescript/package.json', 'node_modules/ts-node/package.json'].map(
  (file) => readFileSync(new URL(file, root), 'utf8'),
);

mkdirSync(cache, { recursive: true });

export async function load(url, context, nextLoad) {
  if (!url.endsWith('.ts') || url.includes('/node_modules/')) return nextLoad(url, context);
  // The source map names the file, so the URL counts, too.
  const hash = createHash('sha256').update(JSON.stringify([settings, url, readFileSync(fileURLToPath(url), 'utf8')]));
  const file = new URL(`${hash.digest('hex')}.js`, cache);
  try {
    return { format: 'module', source: readFileSync(file, 'utf8'), shortCircuit: true };
  } catch {
    const compiled = await nextLoad(url, context);
    // Renamed, so that no other process reads a part of it.
    const part = new URL(`${file.href}.${process.pid}`);
    writeFileSync(part, compiled.source);
    renameSync(part, file);
    return compiled;
  }
}
