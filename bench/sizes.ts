import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';

import { build } from 'esbuild';

import { BENCH, DIST } from './build.js';

/** A module to bundle, which exports only the parts of a package that it names. */
export interface Bundle {
  readonly name: string;
  readonly source: string;
}

const packageEntry = JSON.stringify(`${fileURLToPath(DIST)}index.js`);
const waterfallEntry = JSON.stringify(`${fileURLToPath(DIST)}waterfall/index.js`);

/** This package: the client, the operator with one backoff, and everything. */
export const OWN_BUNDLES = {
  client: { name: 'import { RetryClient }', source: `export { RetryClient } from ${packageEntry};` },
  operator: {
    name: 'import { retryWithStrategy, exponential }',
    source: `export { retryWithStrategy, exponential } from ${packageEntry};`,
  },
  breaker: {
    name: 'import { RetryClient, circuitBreaker }',
    source: `export { RetryClient, circuitBreaker } from ${packageEntry};`,
  },
  budgetAndLimit: {
    name: 'import { RetryClient, retryBudget, concurrencyLimit }',
    source: `export { RetryClient, retryBudget, concurrencyLimit } from ${packageEntry};`,
  },
  hedging: {
    name: 'import { RetryClient, hedging }',
    source: `export { RetryClient, hedging } from ${packageEntry};`,
  },
  waterfall: {
    name: 'import { waterfall } from rxjs-retry-client/waterfall',
    source: `export { waterfall } from ${waterfallEntry};`,
  },
  allOfWaterfall: {
    name: 'all of rxjs-retry-client/waterfall',
    source: `export * from ${waterfallEntry};`,
  },
  everything: { name: 'all of rxjs-retry-client', source: `export * from ${packageEntry};` },
} as const satisfies Record<string, Bundle>;

/** The peers that also run in browsers. */
export const PEER_BUNDLES: readonly Bundle[] = [
  { name: 'backoff-rxjs: retryBackoff', source: "export { retryBackoff } from 'backoff-rxjs';" },
  { name: 'p-retry', source: "export { default } from 'p-retry';" },
  { name: 'ky', source: "export { default } from 'ky';" },
  {
    name: 'axios + axios-retry',
    source: "export { default as axios } from 'axios'; export { default as axiosRetry } from 'axios-retry';",
  },
];

/** Returns the size in bytes as a browser downloads it: minified by esbuild and compressed by brotli, without RxJS. */
export async function measureSize({ source }: Bundle): Promise<number> {
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
