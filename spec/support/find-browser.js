import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { argv, env, getuid, platform } from 'node:process';
import { fileURLToPath } from 'node:url';

/**
 * Finds a browser, or installs Debian's package of it.
 *
 * @param browser - its name, the environment variable that may have its path, the names of its executable, its paths on
 *   macOS, and its package in Debian
 * @returns the path of an executable
 * @throws if there is none and none can be installed
 */
export function findBrowser({ name, variable, executables, macPaths, debianPackage }) {
  const given = env[variable];
  if (given) {
    if (isExecutable(given)) return given;
    throw new Error(`${variable} is "${given}", which cannot be executed: set it to the path of ${name}`);
  }
  const search = () => {
    const folders = (env.PATH ?? '').split(delimiter).filter(Boolean);
    const candidates = executables.flatMap((file) => folders.map((folder) => join(folder, file)));
    if (platform === 'darwin') candidates.push(...macPaths);
    return candidates.find(isExecutable);
  };
  let found = search();
  if (!found && isDebian() && getuid?.() === 0 && install(debianPackage)) found = search();
  if (found) return found;
  throw new Error(`these specs need ${name}: install it, or set ${variable} to its path`);
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

/** Prints the path of a browser if the module is what Node was started with. */
export function printIfMain(url, find) {
  if (argv[1] !== fileURLToPath(url)) return;
  try {
    console.log(find());
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
