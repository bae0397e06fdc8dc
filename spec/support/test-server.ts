import { nodeTestServer } from './node-server.js';
import type { TestServer } from './test-server-api.js';

export type { TestServer } from './test-server-api.js';
export type { Echo, LoggedRequest, Step } from './script.js';

/**
 * Starts the test server, for specs that run in Node and in browsers. A spec calls it in `beforeAll`, and `close()` in
 * `afterAll`.
 *
 * The bundle for browsers replaces this file with `test-server.browser.ts` (see `karma.conf.js`), where the server runs
 * in Karma's process already.
 */
export function testServer(): Promise<TestServer> {
  return nodeTestServer();
}
