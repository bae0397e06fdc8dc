module.exports = {
  preset: 'jest-preset-angular',
  setupFilesAfterEnv: ['<rootDir>/setup-jest.js'],
  // The pattern of the preset, with an exception for this package, whose ES modules end in .js.
  transformIgnorePatterns: ['node_modules/(?!(.*\\.mjs$|rxjs-retry-client/))'],
};
