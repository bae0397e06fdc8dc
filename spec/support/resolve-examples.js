// The examples import the package by its name, as a user does. In specs that name means the sources, which need no build.
const examples = new URL('../../docs/examples/gates/', import.meta.url).href;
const sources = new URL('../../src/index.ts', import.meta.url).href;

export function resolve(specifier, context, nextResolve) {
  const isOfExample = specifier === 'rxjs-retry-client' && context.parentURL?.startsWith(examples);
  return nextResolve(isOfExample ? sources : specifier, context);
}
