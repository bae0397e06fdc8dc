import type { TestServer } from './api.js';
import { nodeTestServer } from './node-server.js';

export type { TestServer } from './api.js';
export type { Echo, LoggedRequest, Step } from './script.js';

/**
 * The test server, for specs that run everywhere: in `beforeAll`, with `close()` in `afterAll`.
 *
 * The bundle for browsers takes `test-server.browser.ts` in place of this file (see `karma.conf.js`): there the server runs already,
 * in Karma's process.
 */
export function testServer(): Promise<TestServer> {
  return nodeTestServer();
}
