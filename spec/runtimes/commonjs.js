// Requires the built package from CommonJS, in each Node and in bundles: `npm run test:commonjs`.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { fileURLToPath } from 'node:url';

import { buildSync } from 'esbuild';

import { installTools } from '../support/packed-project.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));
const nodes = join(root, '.cache/nodes');

/** RxJS has a build for `require`, and another for `import`, except in Node: a bundle for browsers can hold both. */
const bundles = [
  { platform: 'node', load: 'require', sharesRxjs: true },
  { platform: 'browser', load: 'import', sharesRxjs: true },
  { platform: 'browser', load: 'require', sharesRxjs: false },
];

let failures = 0;
installTools(join(here, 'nodes'), nodes);
if (!env.REUSE_DIST)
  report('npm run build', '', spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, encoding: 'utf8' }));
for (const name of ['node-20.19', 'node-22', 'node-24', 'node-26']) {
  const binary = join(nodes, 'node_modules', name, 'bin/node');
  const { stdout: version } = spawnSync(binary, ['--version'], { encoding: 'utf8' });
  const result = spawnSync(binary, [join(here, 'require-all.cjs')], { encoding: 'utf8' });
  report(`node ${version.trim()}`, 'entries required', result);
}
for (const { platform, load, sharesRxjs } of bundles) {
  const result = spawnSync(execPath, ['-'], { input: bundle(platform, load), encoding: 'utf8' });
  report(`a bundle for ${platform} that uses ${load}`, `instance of Observable: ${sharesRxjs}`, result);
}
process.exitCode = failures > 0 ? 1 : 0;

/** Prints what a program has printed. It fails unless it prints what is expected, and nothing on standard error. */
function report(title, expected, { status, stdout, stderr }) {
  const passed = status === 0 && stderr === '' && stdout.includes(expected);
  console.log(`${title}: ${stdout.trim()}${passed ? '' : `\nfailed (${status}), expected: ${expected}\n${stderr}`}`);
  if (!passed) failures += 1;
}

/** Bundles a program that looks at what a client returns with the RxJS of the program itself. */
function bundle(platform, load) {
  const heads = {
    import: `import { Observable } from 'rxjs'; import { RetryClient } from 'rxjs-retry-client';`,
    require: `const { Observable } = require('rxjs'); const { RetryClient } = require('rxjs-retry-client');`,
  };
  const use = `console.log('instance of Observable:', new RetryClient().get('http://127.0.0.1/') instanceof Observable);`;
  const { outputFiles } = buildSync({
    stdin: { contents: `${heads[load]}\n${use}`, resolveDir: root },
    bundle: true,
    write: false,
    platform,
    format: 'cjs',
  });
  return outputFiles[0].text;
}
