import { UsageError } from '../failures/usage-error.js';

type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** The transports of optional peer dependencies. Each is loaded on demand, since its package may not be installed. */
const OPTIONAL_TRANSPORTS = {
  'node-fetch': async (): Promise<Fetch> => (await import('../../transports/node-fetch.js')).nodeFetch(),
  undici: async (): Promise<Fetch> => (await import('../../transports/undici.js')).undiciFetch(),
};

/**
 * Loads the transport that `--transport` names. Returns `undefined` for the client's default, `fetch`.
 *
 * @throws UsageError if the transport's package is not installed
 */
export async function loadTransport(
  name: 'fetch' | keyof typeof OPTIONAL_TRANSPORTS | undefined,
): Promise<Fetch | undefined> {
  if (name === undefined || name === 'fetch') return undefined;
  try {
    return await OPTIONAL_TRANSPORTS[name]();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) throw error;
    throw new UsageError(`--transport ${name}: the package ${name} is not installed; npm install ${name}`);
  }
}
