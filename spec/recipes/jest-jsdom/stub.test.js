const { firstValueFrom } = require('rxjs');
const { constant, RetryClient } = require('rxjs-retry-client');

it('retries an error of a custom transport', async () => {
  const fetch = jest.fn().mockRejectedValue(
    Object.assign(new TypeError('fetch failed'), {
      cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }),
    }),
  );
  const client = new RetryClient({ fetch, strategy: { backoff: constant(0) } });

  await expect(firstValueFrom(client.get('https://api.example.com/'))).rejects.toMatchObject({
    name: 'HttpNetworkError',
  });
  expect(fetch).toHaveBeenCalledTimes(3);
});
