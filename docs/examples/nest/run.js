// Builds the example with the package of this repository, and starts it: `npm run example:nest` in the root folder. It
// installs its packages into this folder.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { exit } from 'node:process';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../../../', import.meta.url));
const cache = join(here, '.cache');
const installed = join(here, 'node_modules/rxjs-retry-client');

if (!isInstalled()) run(here, 'npm', 'ci', '--loglevel=error');
// The package is packed and unpacked where npm would put it, so that the example uses what a user gets.
mkdirSync(cache, { recursive: true });
run(root, 'npm', 'pack', '--silent', '--pack-destination', cache);
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
run(here, 'tar', '-xzf', join(cache, `rxjs-retry-client-${version}.tgz`), '--strip-components=1', '-C', installed);
run(here, 'npm', 'run', 'build');
run(here, process.execPath, '--enable-source-maps', 'dist/main.js');

function run(cwd, command, ...args) {
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit' });
  if (status !== 0) exit(status ?? 1);
}

/** Whether npm has installed the packages of the current lock file. */
function isInstalled() {
  const done = join(here, 'node_modules/.package-lock.json');
  return (
    existsSync(done) &&
    existsSync(installed) &&
    statSync(done).mtimeMs >= statSync(join(here, 'package-lock.json')).mtimeMs
  );
}
