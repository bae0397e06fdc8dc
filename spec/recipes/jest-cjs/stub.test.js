const { firstValueFrom, toArray, map } = require('rxjs');
const { TestScheduler } = require('rxjs/testing');
const { constant, retryWithStrategy } = require('rxjs-retry-client');
const { createUsers } = require('./users.js');

it('retries a TypeError, which is how fetch reports a network failure', async () => {
  const fetch = jest.fn().mockRejectedValue(new TypeError('fetch failed'));
  const users = createUsers({ fetch, strategy: { backoff: constant(0) } });

  await expect(firstValueFrom(users.get(1))).rejects.toMatchObject({ name: 'HttpNetworkError' });
  expect(fetch).toHaveBeenCalledTimes(3);
});

it('does not retry another error of a stub', async () => {
  const fetch = jest.fn(() => {
    throw new ReferenceError('a bug in a stub');
  });
  const users = createUsers({ fetch, strategy: { backoff: constant(0) } });

  await expect(firstValueFrom(users.get(1))).rejects.toThrow(ReferenceError);
  expect(fetch).toHaveBeenCalledTimes(1);
});

it('fails at once with a single attempt', async () => {
  const fetch = jest.fn().mockRejectedValue(new TypeError('fetch failed'));
  const users = createUsers({ fetch, strategy: { attempts: 1 } });

  await expect(firstValueFrom(users.get(1))).rejects.toThrow('fetch failed');
  expect(fetch).toHaveBeenCalledTimes(1);
});

it('reads a stubbed Response only once', async () => {
  const users = createUsers({ fetch: jest.fn().mockResolvedValue(Response.json({ name: 'Ada' })) });

  expect(await firstValueFrom(users.get(1))).toEqual({ name: 'Ada' });
  await expect(firstValueFrom(users.get(1))).rejects.toThrow('read already');
});

it('shares RxJS with the test, so marbles work', () => {
  const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));

  scheduler.run(({ cold, expectObservable }) => {
    const events$ = cold('--#').pipe(
      retryWithStrategy({ attempts: 2, backoff: constant(3) }, { observe: 'attempts' }),
      map(({ type, elapsed }) => `${type} ${elapsed}`),
      toArray(),
    );
    expectObservable(cold('--#').pipe(retryWithStrategy({ attempts: 2, backoff: constant(3) }))).toBe('-------#');
    expectObservable(events$).toBe('-------#');
  });
});
