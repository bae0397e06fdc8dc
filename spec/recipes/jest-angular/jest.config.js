module.exports = {
  preset: 'jest-preset-angular',
  setupFilesAfterEnv: ['<rootDir>/setup-jest.js'],
  // The preset's own line, and this package, whose files end in .js.
  transformIgnorePatterns: ['node_modules/(?!(.*\\.mjs$|rxjs-retry-client/))'],
};
