import { constant, RetryClient } from 'rxjs-retry-client';

import { checks, pairedChecks } from './checks/index.js';

const MAX_MS = 8_000;

export { checks, pairedChecks };

/**
 * Runs a check, and resolves with its error as text, or `undefined`.
 *
 * @param makeServer - makes the test server's interface
 * @param load - imports an entry point that needs a package of Node
 * @param part - of a check that runs twice at a time: 0 or 1
 */
export async function runCheck(name, makeServer, load, part = 0) {
  let timer;
  try {
    await Promise.race([
      Promise.resolve(makeServer()).then((server) => checks[name](toContext(server, load, part))),
      new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`it has not ended after ${MAX_MS} ms`)), MAX_MS);
      }),
    ]);
    return undefined;
  } catch (error) {
    return `${error?.name}: ${error?.message}`.replace(/\s+/g, ' ');
  } finally {
    clearTimeout(timer);
  }
}

/** What a check gets. */
function toContext(server, load, part) {
  const options = { strategy: { backoff: constant(1), random: () => 0 } };
  return {
    server,
    options,
    client: new RetryClient(options),
    load,
    part,
    /** Makes a URL whose requests get these steps in turn. */
    serve: (steps, { key = 'url', other = false } = {}) => ({
      url: other ? server.otherUrl(`other ${key}`, steps) : server.url(key, steps),
      requests: () => server.requests(other ? `other ${key}` : key),
      received: (number) => server.received(key, number),
      ended: (number) => server.ended(key, number),
    }),
  };
}
