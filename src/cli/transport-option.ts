import { UsageError } from './usage-error.js';

/** A fetch that the client can send with. */
type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** The transport that `--transport` names; `undefined` for the client's own. Loaded on demand, since node-fetch is an optional peer. */
export async function transportOf(name: 'fetch' | 'node-fetch' | undefined): Promise<Fetch | undefined> {
  if (name !== 'node-fetch') return undefined;
  try {
    const { nodeFetch } = await import('../transports/node-fetch.js');
    return nodeFetch();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) throw error;
    throw new UsageError('--transport node-fetch: the package node-fetch is not installed; npm install node-fetch');
  }
}
