// Builds the example with the package of this repository, and serves it: `npm run example:angular` in the root folder.
// With `test` it runs the checks instead. It installs its packages into this folder, with a Node for Angular's tools.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { argv, env, exit } from 'node:process';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../../../', import.meta.url));
const cache = join(here, '.cache');
const installed = join(here, 'node_modules/rxjs-retry-client');

if (!isInstalled()) run(here, 'npm', 'ci', '--loglevel=error');
// The package is packed and unpacked where npm would put it, so that the example uses what a user gets.
mkdirSync(cache, { recursive: true });
// In CI two checks run at once, and the package is built already.
const reuse = env.REUSE_DIST ? ['--ignore-scripts'] : [];
run(root, 'npm', 'pack', '--silent', ...reuse, '--pack-destination', cache);
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
run(here, 'tar', '-xzf', join(cache, `rxjs-retry-client-${version}.tgz`), '--strip-components=1', '-C', installed);
run(here, 'npm', 'run', 'build');
run(here, 'npm', 'run', argv[2] === 'test' ? 'test' : 'serve', '--', ...argv.slice(3));

function run(cwd, command, ...args) {
  const { status } = spawnSync(command, args, {
    cwd,
    stdio: 'inherit',
    env: { ...env, NG_CLI_ANALYTICS: 'false' },
  });
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
