import { defineConfig, globalIgnores } from 'eslint/config';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import rxjsX from 'eslint-plugin-rxjs-x';
import tseslint from 'typescript-eslint';

/** The rooms of src/: each may import those before it, and none after it. */
const rooms = [
  'util',
  'http',
  'retry',
  'gates',
  'errors',
  'transports',
  'selectors',
  'client',
  'har',
  'waterfall',
  'opentelemetry',
  'nest',
  'angular',
  'simulate',
  'cli',
];

/** What stands for the core, or brings a library: the command line imports these, and no other room. */
const entryPoints = ['./src/index.ts', './src/transports/node-fetch.ts', './src/transports/undici.ts'];

/** What no room may import: the rooms after it. */
const uphill = rooms.flatMap((room, at) =>
  rooms.slice(at + 1).map((later) => ({
    target: `./src/${room}`,
    from: `./src/${later}`,
    message: `Arrows run one way: ${later}/ imports ${room}/.`,
  })),
);

/** Nor an entry point. */
const core = entryPoints.map((from) => ({
  target: rooms.filter((room) => room !== 'cli').map((room) => `./src/${room}`),
  from,
  message: 'An entry point imports the core, and nobody but the command line imports an entry point.',
}));

/** Nobody else needs OpenTelemetry. The entry point of Angular's telemetry is its only way in. */
const telemetry = [
  {
    target: [
      './src/index.ts',
      './src/angular/!(opentelemetry).ts',
      ...rooms.filter((room) => !['opentelemetry', 'angular'].includes(room)).map((room) => `./src/${room}`),
    ],
    from: ['./src/opentelemetry', './src/angular/opentelemetry.ts'],
    message: 'Only the entry points of telemetry need OpenTelemetry.',
  },
];

/** The schematics run in Angular's tools. Neither side imports the other. */
const schematics = [
  {
    target: './src/schematics',
    from: './src',
    except: ['./schematics'],
    message: 'The schematics run in the tools of Angular, without the rest of the package.',
  },
  {
    target: ['./src/index.ts', ...rooms.map((room) => `./src/${room}`)],
    from: './src/schematics',
    message: 'The schematics are for the tools of Angular alone.',
  },
];

export default defineConfig(
  globalIgnores(['dist/', 'coverage/', 'docs/api/', 'docs/examples/*/dist/', '**/.cache/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['src/**/*.{ts,cts}', 'spec/**/*.ts', 'bench/**/*.ts', 'docs/examples/gates/*.ts'],
    ignores: ['bench/peers/**', 'spec/guide/**', 'spec/nest/apps/**', 'spec/recipes/**', 'spec/types-consumer/**'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked, rxjsX.configs.strict],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'import-x': importX },
    settings: {
      'import-x/resolver-next': [createNodeResolver({ extensionAlias: { '.js': ['.ts', '.js'] } })],
      'import-x/external-module-folders': ['node_modules'],
    },
    rules: {
      curly: ['error', 'multi-line'],
      'import-x/no-duplicates': ['error', { 'prefer-inline': true }],
      'import-x/order': [
        'error',
        {
          groups: ['builtin', 'external', ['parent', 'sibling', 'index']],
          alphabetize: { order: 'asc', caseInsensitive: true },
          'newlines-between': 'ignore',
        },
      ],
      // It asks for `!`, which no-non-null-assertion forbids.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      // A leading underscore says that a name is there only to be left out.
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      // A number in a template reads as one would expect.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      // Prettier wraps code, and leaves comments alone.
      'max-len': [
        'error',
        { code: 120, ignoreUrls: true, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true },
      ],
      'import-x/no-restricted-paths': ['error', { zones: [...uphill, ...core, ...telemetry, ...schematics] }],
    },
  },
  {
    files: ['spec/**/*.ts'],
    rules: {
      // What is not there fails the spec, as it should.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // An error that nobody handles fails the run: jasmine listens for it.
      'rxjs-x/no-ignored-error': 'off',
      // Sources that misbehave, and errors that are no Error, are what some specs are about.
      'rxjs-x/no-redundant-notify': 'off',
      'rxjs-x/throw-error': 'off',
      // Or the rest of the specs would be left out, and Karma would still be content.
      'no-restricted-globals': ['error', 'fdescribe', 'fit'],
    },
  },
  {
    // They import what only `npm run bench`, `npm run test:guide`, `npm run test:recipes` and `npm run test:types` install: elsewhere nothing gives them types.
    files: [
      'bench/peers/**/*.ts',
      'spec/guide/**/*.ts',
      'spec/nest/apps/**/*.ts',
      'spec/recipes/**/*.ts',
      'spec/types-consumer/**/*.ts',
    ],
    extends: [tseslint.configs.strict, tseslint.configs.stylistic],
    rules: {
      // Nest's modules are empty classes with a decorator.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
    },
  },
  {
    // Configuration and small scripts, in plain JavaScript: nothing gives them types.
    files: ['**/*.js'],
    extends: [tseslint.configs.recommended],
  },
  {
    // Some recipes are about CommonJS.
    files: ['spec/recipes/**/*.js'],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
);
