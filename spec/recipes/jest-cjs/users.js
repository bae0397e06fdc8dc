const { RetryClient } = require('rxjs-retry-client');

/** The code under test; its options let a test say what sends, and how long it waits. */
exports.createUsers = (options) => {
  const client = new RetryClient({ baseUrl: 'https://api.example.com/', ...options });
  return { get: (id) => client.getJSON(`users/${id}`) };
};
