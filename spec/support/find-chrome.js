// Finds Chromium or Chrome for Karma, or installs Debian's Chromium. `node spec/support/find-chrome.js` prints its
// path.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { argv, env, getuid, platform } from 'node:process';
import { fileURLToPath } from 'node:url';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const macPaths = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** Returns the path of an executable browser. Throws if there is none and none can be installed. */
export function findChrome() {
  if (env.CHROME_BIN) {
    if (isExecutable(env.CHROME_BIN)) return env.CHROME_BIN;
    throw new Error(
      `CHROME_BIN is "${env.CHROME_BIN}", which cannot be executed: set it to the path of Chromium or Chrome`,
    );
  }
  let found = search();
  if (!found && isDebian() && getuid?.() === 0 && install('chromium')) found = search();
  if (found) return found;
  throw new Error('the browser specs need Chromium or Chrome: install one, or set CHROME_BIN to its path');
}

function search() {
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean);
  const candidates = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  if (platform === 'darwin') candidates.push(...macPaths);
  return candidates.find(isExecutable);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether this is Debian itself, and not a derivative such as Ubuntu, whose chromium package is only a pointer to a
 * snap.
 */
function isDebian() {
  try {
    return /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

/** Installs a package, and returns whether that succeeded. On a failure, apt-get has printed the reason. */
function install(name) {
  console.error(`No browser found: installing Debian's ${name} package.`);
  const run = (...args) =>
    // Standard output is for the path of the browser alone, so apt-get's goes nowhere and its errors to standard error.
    spawnSync('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=120', ...args], {
      env: { ...env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'ignore', 'inherit'],
    }).status === 0;
  return run('update') && run('install', '-y', '--no-install-recommends', name);
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.log(findChrome());
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
