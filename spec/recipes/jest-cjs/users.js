const { RetryClient } = require('rxjs-retry-client');

/** The code under test. A test passes the transport and the delays as options. */
exports.createUsers = (options) => {
  const client = new RetryClient({ baseUrl: 'https://api.example.com/', ...options });
  return { get: (id) => client.getJSON(`users/${id}`) };
};
