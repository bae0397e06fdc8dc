// Resolves the peers of the package to other versions: those that are installed in the folder that the environment
// variable `SPEC_PEERS` names. `spec/runtimes/run.js` sets it. Processes that specs start inherit it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const manifest = join(process.env.SPEC_PEERS, 'package.json');
const parentURL = pathToFileURL(manifest).href;
const peers = Object.keys(JSON.parse(readFileSync(manifest, 'utf8')).dependencies);

export function resolve(specifier, context, nextResolve) {
  const isPeer = peers.some((name) => specifier === name || specifier.startsWith(`${name}/`));
  return nextResolve(specifier, isPeer ? { ...context, parentURL } : context);
}
