module.exports = {
  testEnvironment: 'jsdom',
  // The package is ES modules alone: Babel makes CommonJS of it, as of your own files.
  transform: { '\\.js$': ['babel-jest', { plugins: ['@babel/plugin-transform-modules-commonjs'] }] },
  transformIgnorePatterns: ['/node_modules/(?!rxjs-retry-client/)'],
};
