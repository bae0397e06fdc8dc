import { firstValueFrom } from 'rxjs';
import { constant, RetryClient } from 'rxjs-retry-client';

describe('users', () => {
  beforeEach(() => jasmine.clock().install().mockDate());
  afterEach(() => jasmine.clock().uninstall());

  it('are asked for again after a minute', async () => {
    const fetch = jasmine
      .createSpy()
      .and.returnValues(
        Promise.resolve(new Response(null, { status: 503 })),
        Promise.resolve(Response.json({ name: 'Ada' })),
      );
    const client = new RetryClient({ fetch, strategy: { backoff: constant(60_000) } });
    jasmine.clock().autoTick();

    expect(await firstValueFrom(client.getJSON('https://api.example.com/users/1'))).toEqual({ name: 'Ada' });
  });
});
