// ts-node has a resolver of its own, which of two patterns in a package's exports takes the shorter one: it does not
// find the parts of Nest's packages. Their exports are the same for require() and import, so Node's own is asked.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

export function resolve(specifier, context, nextResolve) {
  if (!specifier.startsWith('@nestjs/') || context.parentURL === undefined) return nextResolve(specifier, context);
  const url = pathToFileURL(createRequire(context.parentURL).resolve(specifier)).href;
  return { url, format: 'module', shortCircuit: true };
}
