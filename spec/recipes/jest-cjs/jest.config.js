module.exports = {
  // The package is ES modules alone: Babel makes CommonJS of it, as of your own files.
  transform: { '\\.js$': ['babel-jest', { plugins: ['@babel/plugin-transform-modules-commonjs'] }] },
  // So is node-fetch, with what it imports: for nodeFetch() only.
  transformIgnorePatterns: [
    '/node_modules/(?!(rxjs-retry-client|node-fetch|data-uri-to-buffer|fetch-blob|formdata-polyfill)/)',
  ],
};
