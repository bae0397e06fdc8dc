module.exports = {
  // The package has only ES modules: Babel compiles them to CommonJS, like your own files.
  transform: { '\\.js$': ['babel-jest', { plugins: ['@babel/plugin-transform-modules-commonjs'] }] },
  // So have node-fetch and its dependencies, which only nodeFetch() needs.
  transformIgnorePatterns: [
    '/node_modules/(?!(rxjs-retry-client|node-fetch|data-uri-to-buffer|fetch-blob|formdata-polyfill)/)',
  ],
};
