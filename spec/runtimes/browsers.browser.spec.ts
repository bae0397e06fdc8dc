import { IS_FIREFOX } from '../support/browser-name.js';
import { testServer } from '../support/test-server.js';
import { judge } from './smoke/judge.js';
import { checks, pairedChecks, runCheck } from './smoke/run-check.js';

const browser = IS_FIREFOX ? 'Firefox' : 'Chromium';

/** The entry points for Node are not bundled for browsers. */
const load = (entry: string) => Promise.reject(new TypeError(`rxjs-retry-client/${entry} imports modules of Node`));

/** Karma's server has each connection serve one request. */
const impossible = ['discarded answers: free their connection for the next attempt'];

describe('The checks of every runtime: in this browser', () => {
  for (const name of Object.keys(checks).filter((check) => !impossible.includes(check))) {
    it(`${name}, unless known.js has it`, async () => {
      const parts = pairedChecks.includes(name) ? [0, 1] : [0];
      const errors = await Promise.all(parts.map((part) => runCheck(name, testServer, load, part)));

      expect(judge(browser, [{ name, error: errors.find((error) => error !== undefined) }], true)).toEqual([]);
    });
  }
});
