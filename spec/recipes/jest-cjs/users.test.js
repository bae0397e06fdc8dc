const { firstValueFrom } = require('rxjs');
const { constant } = require('rxjs-retry-client');
const { createUsers } = require('./users.js');

it('gets a user at the second attempt', async () => {
  const fetch = jest
    .fn()
    .mockResolvedValueOnce(new Response(null, { status: 503 }))
    .mockResolvedValueOnce(Response.json({ name: 'Ada' }));
  const users = createUsers({ fetch, strategy: { backoff: constant(0) } });

  expect(await firstValueFrom(users.get(1))).toEqual({ name: 'Ada' });
  expect(fetch).toHaveBeenCalledTimes(2);
  expect(fetch.mock.calls[0][0]).toBe('https://api.example.com/users/1');
});
