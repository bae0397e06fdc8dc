import { UsageError } from '../failures/usage-error.js';

/** A fetch that the client can send with. */
type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** What is no part of every installation, by name: each is an optional peer, loaded on demand. */
const OTHERS = {
  'node-fetch': async (): Promise<Fetch> => (await import('../../transports/node-fetch.js')).nodeFetch(),
  undici: async (): Promise<Fetch> => (await import('../../transports/undici.js')).undiciFetch(),
};

/** The transport that `--transport` names; `undefined` for the client's own. */
export async function transportOf(name: 'fetch' | keyof typeof OTHERS | undefined): Promise<Fetch | undefined> {
  if (name === undefined || name === 'fetch') return undefined;
  try {
    return await OTHERS[name]();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) throw error;
    throw new UsageError(`--transport ${name}: the package ${name} is not installed; npm install ${name}`);
  }
}
