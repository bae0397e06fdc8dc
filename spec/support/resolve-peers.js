// Resolves the peers of the package to other versions: those that are installed in the folder that the environment
// variable `SPEC_PEERS` names. `spec/runtimes/run.js` sets it. Processes that specs start inherit it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const folder = process.env.SPEC_PEERS;
const parentURL = folder && pathToFileURL(join(folder, 'package.json')).href;
const peers = folder
  ? Object.keys(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).dependencies)
  : /* none */ [];

export function resolve(specifier, context, nextResolve) {
  const isPeer = peers.some((name) => specifier === name || specifier.startsWith(`${name}/`));
  return nextResolve(specifier, isPeer ? { ...context, parentURL } : context);
}
