const { defer, firstValueFrom, of, throwError } = require('rxjs');
const { constant, RetryClient, retryWithStrategy } = require('rxjs-retry-client');

it('has no fetch', () => {
  expect([typeof fetch, typeof Response, typeof ReadableStream, typeof TextDecoder]).toEqual(
    Array(4).fill('undefined'),
  );
});

it('runs retryWithStrategy', async () => {
  let subscriptions = 0;
  const source$ = defer(() => (++subscriptions < 3 ? throwError(() => new Error('down')) : of('up')));

  expect(await firstValueFrom(source$.pipe(retryWithStrategy({ backoff: constant(0) })))).toBe('up');
});

it('fails a request of the client, since there is no fetch', async () => {
  const client = new RetryClient({ strategy: { attempts: 1 } });

  await expect(firstValueFrom(client.get('https://api.example.com/'))).rejects.toThrow('fetch is not a function');
});
