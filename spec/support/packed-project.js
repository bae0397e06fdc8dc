import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { exit } from 'node:process';

/**
 * Installs the dependencies of one folder into another, unless those of the same lock file are installed already. Tools
 * that only some specs need thus stay out of the project's own node_modules.
 */
export function installTools(from, to) {
  mkdirSync(to, { recursive: true });
  const lock = readFileSync(join(from, 'package-lock.json'), 'utf8');
  const installed = join(to, 'installed.json');
  if (existsSync(installed) && readFileSync(installed, 'utf8') === lock) return;
  rmSync(installed, { force: true });
  for (const name of ['package.json', 'package-lock.json', '.npmrc']) cpSync(join(from, name), join(to, name));
  run(to, 'npm', 'ci', '--loglevel=error');
  cpSync(join(from, 'package-lock.json'), installed);
}

/**
 * The arguments for npm that pack this package into a folder. Packing builds it, unless `REUSE_DIST` says that it was
 * built: two that build at once would take each other's files away.
 */
export function packArguments(folder) {
  const reuse = process.env.REUSE_DIST ? ['--ignore-scripts'] : [];
  return ['pack', '--silent', ...reuse, '--pack-destination', folder];
}

/** Installs this package into projects, as npm packs it. */
export function installPacked(root, ...projects) {
  const [first] = projects;
  run(root, 'npm', ...packArguments(first));
  const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const project of projects) {
    const target = join(project, 'node_modules', name);
    rmSync(target, { recursive: true, force: true });
    mkdirSync(target);
    run(first, 'tar', '-xzf', `${name}-${version}.tgz`, '--strip-components=1', '-C', target);
  }
}

/** Runs a command. Prints its output, and exits, only if it fails. */
function run(cwd, command, ...args) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status === 0) return;
  console.error(`${command} ${args.join(' ')}\n${stdout}${stderr}`);
  exit(status ?? 1);
}
