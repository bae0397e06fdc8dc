// Runs the checks in Node, Bun and Deno: `process.js <origin of the server>`. It prints a line of JSON for each.
import { argv, exit } from 'node:process';

import { remoteServer } from './remote-server.js';
import { checks, pairedChecks, runCheck } from './run-check.js';

const [, , origin, only = ''] = argv;
// Not bundled: each runtime resolves them in its own way.
const entries = {
  undici: () => import('rxjs-retry-client/undici'),
  node: () => import('rxjs-retry-client/node'),
};
const server = () => remoteServer(origin);
const load = (entry) => entries[entry]();

const { Bun: bun, Deno: deno, process } = globalThis;
console.log(JSON.stringify({ version: bun?.version ?? deno?.version.deno ?? process.versions.node }));
for (const name of Object.keys(checks).filter((check) => check.includes(only))) {
  const started = performance.now();
  const parts = pairedChecks.includes(name) ? [0, 1] : [0];
  const errors = await Promise.all(parts.map((part) => runCheck(name, server, load, part)));
  const error = errors.find((part) => part !== undefined);
  console.log(JSON.stringify({ name, error, ms: Math.round(performance.now() - started) }));
}
// Connections that are kept alive would keep the process.
exit();
