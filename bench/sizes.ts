import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';

import { build } from 'esbuild';

import { BENCH, DIST } from './build.js';

/** What is bundled: a module of one's own that imports no more than it needs. */
export interface Bundle {
  readonly who: string;
  readonly source: string;
}

const ours = JSON.stringify(`${fileURLToPath(DIST)}index.js`);

/** Ours, in the three sizes that matter. */
export const OWN_BUNDLES = {
  client: { who: 'import { RetryClient }', source: `export { RetryClient } from ${ours};` },
  operator: {
    who: 'import { retryWithStrategy, exponential }',
    source: `export { retryWithStrategy, exponential } from ${ours};`,
  },
  everything: { who: 'all of rxjs-retry-client', source: `export * from ${ours};` },
} as const satisfies Record<string, Bundle>;

/** Theirs, as one would use them in a browser. */
export const PEER_BUNDLES: readonly Bundle[] = [
  { who: 'backoff-rxjs: retryBackoff', source: "export { retryBackoff } from 'backoff-rxjs';" },
  { who: 'p-retry', source: "export { default } from 'p-retry';" },
  { who: 'ky', source: "export { default } from 'ky';" },
  {
    who: 'axios + axios-retry',
    source: "export { default as axios } from 'axios'; export { default as axiosRetry } from 'axios-retry';",
  },
];

/** How many bytes go over the wire: minified by esbuild, compressed by brotli, RxJS left outside. */
export async function sizeOf({ source }: Bundle): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: BENCH, sourcefile: 'bundle.js' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    external: ['rxjs', 'rxjs/*'],
    write: false,
    logLevel: 'error',
  });
  return brotliCompressSync(outputFiles[0]?.contents ?? '').byteLength;
}
