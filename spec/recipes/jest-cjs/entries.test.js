const { nodeFetch } = require('rxjs-retry-client/node');
const { undiciFetch } = require('rxjs-retry-client/undici');

it('loads the transports of Node', () => {
  expect([nodeFetch(), undiciFetch()]).toEqual([expect.any(Function), expect.any(Function)]);
});
