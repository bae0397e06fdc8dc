// Runs the specs in headless Chromium, but for *.node.spec.ts: `npm run test:browser`. `npm run test:firefox` runs them in
// Firefox.
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { findChrome } from './spec/support/find-chrome.js';
import { findFirefox } from './spec/support/find-firefox.js';
import './spec/support/register.js';

const folder = fileURLToPath(new URL('.', import.meta.url));
/** The browser: `--browsers Firefox`. */
const browser = process.argv.includes('Firefox') ? 'Firefox' : 'Chromium';
const bundle = join(folder, `.cache/karma/${browser}/specs.js`);

export default async function configure(config) {
  if (browser === 'Firefox') process.env.FIREFOX_BIN = findOrExit(findFirefox);
  else process.env.CHROME_BIN = findOrExit(findChrome);
  await bundleSpecs();
  // Imported here and not above, because register.js must have run before a TypeScript file is.
  const { karmaServer, oneRequestPerConnection } = await import('./spec/support/karma-server.ts');
  const testServer = await karmaServer();

  config.set({
    basePath: folder,
    frameworks: ['jasmine'],
    files: [bundle],
    preprocessors: { [bundle]: ['sourcemap'] },
    plugins: [
      'karma-jasmine',
      'karma-chrome-launcher',
      'karma-firefox-launcher',
      'karma-sourcemap-loader',
      {
        'middleware:test-server': [
          'factory',
          // A function, not an arrow: Karma makes it with `new`.
          function () {
            return testServer;
          },
        ],
      },
    ],
    beforeMiddleware: ['test-server'],
    httpModule: oneRequestPerConnection,
    hostname: '127.0.0.1',
    listenAddress: '127.0.0.1',
    browsers: [browser],
    customLaunchers: {
      Firefox: {
        base: 'FirefoxHeadless',
        prefs: {
          // Firefox sends a request that got no answer up to ten times by itself: docs/platforms.md tells it, and the
          // specs count those of the client.
          'network.http.request.max-attempts': 1,
          // Stalled requests of one spec must not hold up another.
          'network.http.max-persistent-connections-per-server': 256,
          // A headless page is in the background, where timers would be slowed down.
          'dom.timeout.enable_budget_timer_throttling': false,
          'dom.min_background_timeout_value': 4,
          'network.captive-portal-service.enabled': false,
          'network.connectivity-service.enabled': false,
        },
      },
      Chromium: {
        base: 'ChromeHeadless',
        flags: [
          // Chromium refuses to run as root with its sandbox; it visits no page but the specs'.
          '--no-sandbox',
          '--disable-gpu',
          '--no-first-run',
          '--disable-background-networking',
          '--disable-component-update',
          '--disable-sync',
          '--disable-quic',
          // Containers often have a /dev/shm of 64 MB.
          '--disable-dev-shm-usage',
          // Any free port, so that two runs can go on at once.
          '--remote-debugging-port=0',
        ],
      },
    },
    reporters: ['dots'],
    client: { clearContext: false, captureConsole: true, jasmine: { random: true } },
    failOnEmptyTestSuite: true,
    singleRun: true,
    autoWatch: false,
    captureTimeout: 60_000,
    browserNoActivityTimeout: 120_000,
    // Some specs compute for seconds, and answer no ping meanwhile.
    pingTimeout: 60_000,
    browserDisconnectTimeout: 20_000,
  });
}

/** Where there is no browser, what to do about it is all that needs saying: no stack. */
function findOrExit(find) {
  try {
    return find();
  } catch (error) {
    console.error(error.message);
    return process.exit(1);
  }
}

async function bundleSpecs() {
  // These have specs of their own.
  const appsOfNest = join('nest', 'apps');
  const specs = readdirSync(join(folder, 'spec'), { recursive: true })
    .filter((file) => file.endsWith('.spec.ts') && !file.endsWith('.node.spec.ts') && !file.startsWith(appsOfNest))
    .sort();
  if (specs.length === 0) throw new Error('There are no specs for the browser in spec/.');

  await build({
    stdin: {
      contents: specs.map((file) => `import ${JSON.stringify(`./spec/${file}`)};`).join('\n'),
      resolveDir: folder,
    },
    outfile: bundle,
    bundle: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    sourcemap: 'inline',
    // Or the package's own `sideEffects: false` would leave every spec out.
    ignoreAnnotations: true,
    plugins: [serverOfThePage],
    logLevel: 'warning',
  });
}

/** Specs that import the test server get its browser variant, which talks to the one in Karma's process. */
const serverOfThePage = {
  name: 'server-of-the-page',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /\/test-server\.js$/ }, ({ path, resolveDir, kind }) =>
      resolve(path.replace(basename(path), 'test-server.browser.js'), { resolveDir, kind }),
    );
  },
};
