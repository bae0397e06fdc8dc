/**
 * A preset for Jest in CommonJS: `"preset": "rxjs-retry-client/nest"`, in place of the `transform` that `nest new` has
 * written. Jest cannot load ES modules from CommonJS, so those of this package are translated: there is no second build,
 * in which the classes of errors and the gates would exist twice.
 */
// An object without known properties: what is in it is for Jest alone.
const preset: object = {
  transform: {
    '[/\\\\]rxjs-retry-client[/\\\\]dist[/\\\\].+\\.js$': require.resolve('./jest-transform.cjs'),
    '^.+\\.(t|j)s$': 'ts-jest',
  },
  // With pnpm there is a second node_modules in the path.
  transformIgnorePatterns: ['[/\\\\]node_modules[/\\\\](?!.*\\brxjs-retry-client[/\\\\]dist[/\\\\])'],
};

export = preset;
