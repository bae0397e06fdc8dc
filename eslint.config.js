import { defineConfig, globalIgnores } from 'eslint/config';
import rxjsX from 'eslint-plugin-rxjs-x';
import tseslint from 'typescript-eslint';

export default defineConfig(
  globalIgnores(['dist/', 'coverage/', 'docs/api/', 'docs/examples/*/dist/', '**/.cache/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['src/**/*.ts', 'spec/**/*.ts', 'bench/**/*.ts'],
    ignores: ['bench/peers/**', 'spec/recipes/**', 'spec/types-consumer/**'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked, rxjsX.configs.strict],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      curly: ['error', 'multi-line'],
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
    // They import what only `npm run bench`, `npm run test:recipes` and `npm run test:types` install: elsewhere nothing gives them types.
    files: ['bench/peers/**/*.ts', 'spec/recipes/**/*.ts', 'spec/types-consumer/**/*.ts'],
    extends: [tseslint.configs.strict, tseslint.configs.stylistic],
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
