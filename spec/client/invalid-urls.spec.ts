import { concat } from 'rxjs';

import { RetryClient } from '../../src/index.js';
import { listen } from '../support/attempt-events.js';
import { network } from '../support/scripted-network.js';
import { settled } from '../support/settled.js';

describe('An invalid URL is reported without the user and password before its @:', () => {
  const cases: readonly (readonly [url: string, shown: string])[] = [
    ['http://me:secret@', 'http://'],
    ['HTTP://me:secret@', 'HTTP://'],
    ['  http://me:secret@', 'http://'],
    ['h2+x-1.0://me:secret@[', 'h2+x-1.0://['],
    ['//me:secret@[', '//['],
    ['\\\\me:secret@[', '\\\\['],
    ['https:me:secret@[', 'https:['],
    ['http://me:se\ncret@[', 'http://['],
    ['http://me:sec@ret@[', 'http://['],
    ['http://[/users/@me', 'http://me'],
  ];
  for (const [bad, shown] of cases) {
    it(JSON.stringify(bad), async () => {
      const client = new RetryClient({ baseUrl: 'http://base.test', interceptors: [network(200).interceptor] });
      const events = listen(client.attempts$);
      const { error } = await settled(client.get(bad));
      expect(events.map(({ attempt }) => attempt.url)).toEqual([shown, shown]);
      expect(String(error)).toContain(`GET ${shown}: `);
    });
  }

  it('a valid path with an @ is sent unchanged', async () => {
    const { interceptor, urls } = network(200);
    const client = new RetryClient({
      baseUrl: ['http://base.test', 'https://other.test'],
      interceptors: [interceptor],
    });
    const { error } = await settled(concat(client.get('/@me'), client.get('users/a:b@c', { params: { q: 1 } })));
    expect(error).toBeUndefined();
    expect(urls()).toEqual(['http://base.test/@me', 'http://base.test/users/a:b@c?q=1']);
  });
});
