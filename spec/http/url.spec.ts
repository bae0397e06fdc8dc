import {
  type ClientOptions,
  constant,
  HttpNetworkError,
  isHttpError,
  RetryClient,
  type UrlInput,
} from '../../src/index.js';
import { listen, plot } from '../support/attempt-events.js';
import { network } from '../support/scripted-network.js';
import { settled } from '../support/settled.js';

/** The URLs of the attempts, one each, and the result of the request. */
async function tried(url: UrlInput, options: ClientOptions = {}, attempts?: number) {
  const { interceptor, urls, header } = network(503);
  const strategy = { backoff: constant(0), ...(attempts !== undefined && { attempts }) };
  const client = new RetryClient({ strategy, ...options, interceptors: [interceptor] });
  const events = listen(client.attempts$);
  const result = await settled(client.get(url));
  return { urls: urls(), header, events, ...result };
}

const urlsOf = async (...args: Parameters<typeof tried>) => (await tried(...args)).urls;
const inNode = typeof process === 'object';

describe('URLs', () => {
  it('are strings, URL objects, or lists of these', async () => {
    expect(await urlsOf('http://a.test/x', {}, 1)).toEqual(['http://a.test/x']);
    expect(await urlsOf(new URL('http://a.test/x'), {}, 1)).toEqual(['http://a.test/x']);
    expect(await urlsOf(['http://a.test/', new URL('http://b.test/')])).toEqual([
      'http://a.test/',
      'http://b.test/',
      'http://a.test/',
    ]);
  });

  it('are read when they are passed: later changes have no effect', async () => {
    const { interceptor, urls } = network(200);
    const url = new URL('http://a.test/');
    const list = [url, 'http://b.test/'];
    const request$ = new RetryClient({ interceptors: [interceptor] }).get(list);
    url.host = 'changed.test';
    list[0] = 'http://changed.test/';

    await settled(request$);
    expect(urls()).toEqual(['http://a.test/']);
  });

  describe('with a baseUrl', () => {
    for (const [url, expected] of [
      ['users', 'http://api.test/v1/users'],
      ['./users/1', 'http://api.test/v1/users/1'],
      ['../v2/users', 'http://api.test/v2/users'],
      ['/users', 'http://api.test/users'],
      ['', 'http://api.test/v1/'],
      ['?a=1', 'http://api.test/v1/?a=1'],
      ['users/a:b', 'http://api.test/v1/users/a:b'],
      ['a//b', 'http://api.test/v1/a//b'],
      ['/a//b', 'http://api.test/a//b'],
      ['x?to=//b.test/', 'http://api.test/v1/x?to=//b.test/'],
      ['http:users', 'http://api.test/v1/users'],
      ['http://other.test/x', 'http://other.test/x'],
      ['https://api.test/x', 'https://api.test/x'],
    ] as const) {
      it(`resolves '${url}' as new URL does`, async () => {
        expect(new URL(url, 'http://api.test/v1/').href).toBe(expected);
        expect(await urlsOf(url, { baseUrl: 'http://api.test/v1/' }, 1)).toEqual([expected]);
      });
    }

    it('resolves from the last slash of the base, as new URL does', async () => {
      expect(await urlsOf('users', { baseUrl: 'http://api.test/v1' }, 1)).toEqual(['http://api.test/users']);
      expect(await urlsOf('users', { baseUrl: new URL('http://api.test/v1/?a=1#b') }, 1)).toEqual([
        'http://api.test/v1/users',
      ]);
    });

    it('that is a list tries a relative URL on each base in turn', async () => {
      const baseUrl = ['http://eu.test/api/', new URL('http://us.test/')];

      expect(await urlsOf('users', { baseUrl })).toEqual([
        'http://eu.test/api/users',
        'http://us.test/users',
        'http://eu.test/api/users',
      ]);
      expect(await urlsOf('http://c.test/', { baseUrl })).toEqual(Array(3).fill('http://c.test/'));
    });

    it('that is a list tries each relative URL of a list on each base, with as many attempts', async () => {
      expect(await urlsOf(['a', 'http://c.test/', 'b'], { baseUrl: ['http://eu.test/', 'http://us.test/'] })).toEqual([
        'http://eu.test/a',
        'http://us.test/a',
        'http://c.test/',
        'http://eu.test/b',
        'http://us.test/b',
      ]);
    });

    for (const url of [
      '//evil.test/',
      '//evil.test',
      '///evil.test/',
      '/\\evil.test/',
      '\\/evil.test/',
      '\\\\evil.test/',
      '/\t/evil.test/',
      '/\n/evil.test/',
      '/\r\\evil.test/',
      '\t//evil.test/',
      ' //evil.test/',
      '\u0000//evil.test/',
      '\u001f\\\\evil.test/',
      '//user:secret@evil.test/',
      '//api.test/users',
    ]) {
      it(`refuses ${JSON.stringify(url)}, which would name a host`, async () => {
        const { urls, error, events } = await tried(url, {
          baseUrl: 'http://api.test/v1/',
          headers: { authorization: 'secret' },
        });

        expect(urls).toEqual([]);
        expect(error).toBeInstanceOf(HttpNetworkError);
        expect((error as HttpNetworkError).sent).toBeFalse();
        expect(plot(events)).toEqual(['start 1', 'failure 1 permanent']);
        expect(JSON.stringify([events, String(error)])).not.toContain('secret');
      });
    }

    it('that is a list of two schemes resolves a URL that is relative to either, and refuses the host that the other would see in it', async () => {
      const { urls, events } = await tried('http:users', { baseUrl: ['http://api.test/', 'https://api.test/'] }, 2);

      expect(urls).toEqual(['http://api.test/users']);
      expect(events.filter(({ type }) => type === 'start').map(({ attempt }) => attempt.url)).toEqual([
        'http://api.test/users',
        'http:users',
      ]);
    });

    it('says of a relative URL that does not parse just that', async () => {
      const { urls, error } = await tried('http://[', { baseUrl: 'http://api.test/' });

      expect(urls).toEqual([]);
      expect(String(error)).toContain('GET http://[: the URL does not parse');
    });

    it('still tries the others of a list that has //host in it', async () => {
      expect(await urlsOf(['//evil.test/', 'ok'], { baseUrl: 'http://api.test/' }, 2)).toEqual(['http://api.test/ok']);
    });
  });

  if (inNode) {
    it('that are relative, without a baseUrl and a page, fail in the stream', async () => {
      const { urls, error } = await tried('/users');

      expect(urls).toEqual([]);
      expect(String(error)).toContain('GET /users: the URL is relative, and there is no baseUrl');
    });
  } else {
    it('that are relative, without a baseUrl, start from the page, as with fetch', async () => {
      expect(await urlsOf('/users', {}, 1)).toEqual([new URL('/users', document.baseURI).href]);
    });
  }

  it('may have hosts that are not ASCII, also when thousands of them were parsed before', () => {
    const client = new RetryClient({ interceptors: [network(200).interceptor] });
    const sent = new Set<string>();
    client.attempts$.subscribe(({ attempt }) => sent.add(attempt.url));
    let failures = 0;
    const error = (): void => {
      failures += 1;
    };
    for (let times = 0; times < 20_000; times += 1) client.get('http://münchen.test/').subscribe({ error });

    expect(failures).toBe(0);
    expect([...sent]).toEqual(['http://xn--mnchen-3ya.test/']);
  });

  describe('that do not parse', () => {
    for (const url of [
      'http://',
      'http://a.test:99999/',
      'http://[::1/',
      'https://%zz/',
      'http://a.test:port/',
      'http://ü.test:port/',
    ]) {
      it(`fail in the stream, for good: '${url}'`, async () => {
        let calls = 0;
        const client = new RetryClient({
          strategy: { backoff: constant(0) },
          fetch: (...args) => ((calls += 1), fetch(...args)),
        });
        const events = listen(client.attempts$);
        const { error, values } = await settled(client.get(url));

        expect(values).toEqual([]);
        expect(isHttpError(error) && error.name).toBe('HttpNetworkError');
        expect(String(error)).toContain(`GET ${url}: `);
        expect(plot(events)).toEqual(['start 1', 'failure 1 permanent']);
        expect(calls).toBeLessThan(2);
      });
    }

    for (const url of ['ftp://a.test/x', 'mailto:a@b.test', 'javascript:alert(1)']) {
      it(`fail in the same way if fetch cannot fetch them: '${url}'`, async () => {
        const client = new RetryClient({ strategy: { backoff: constant(0) } });
        const events = listen(client.attempts$);
        const { error } = await settled(client.get(url));

        expect(error).toBeInstanceOf(HttpNetworkError);
        expect(plot(events)).toEqual(['start 1', 'failure 1 permanent']);
      });
    }

    it('appear in events as they are, unless the part before an @ may be a password', async () => {
      const urlOfEvents = async (url: string): Promise<string | undefined> =>
        (await tried(url, {}, 1)).events[0]?.attempt.url;

      expect(await urlOfEvents('me:secret@data:x')).toBe('me:data:x');
      expect(await urlOfEvents('me:data:secret@x')).toBe('me:x');
      expect(await urlOfEvents('me:x://secret@y')).toBe('me:y');
      expect(await urlOfEvents('http://me:secret@x:y/')).toBe('http://x:y/');
      // Relative, with an @ in its path; in a browser it would start from the page.
      if (inNode) expect(await urlOfEvents('users//x:y@z')).toBe('users//x:y@z');
    });

    it('do not keep the others from being tried, nor are they tried again themselves', async () => {
      const { urls, events } = await tried(
        ['http://', 'http://a.test/', 'http://x.test:99999/', 'http://b.test/'],
        {},
        6,
      );

      expect(urls).toEqual(['http://a.test/', 'http://b.test/', 'http://a.test/', 'http://b.test/']);
      expect(events.filter(({ type }) => type === 'start').map(({ attempt }) => attempt.url)).toEqual([
        'http://',
        'http://a.test/',
        'http://x.test:99999/',
        'http://b.test/',
        'http://a.test/',
        'http://b.test/',
      ]);
    });

    it('do not keep a POST from the others: nothing was sent', async () => {
      const { interceptor, urls } = network(201);
      const client = new RetryClient({ interceptors: [interceptor], strategy: { backoff: constant(0) } });

      const { values } = await settled(client.post(['http://', 'http://a.test/'], 'x'));
      expect(values.map(({ status }) => status)).toEqual([201]);
      expect(urls()).toEqual(['http://a.test/']);
    });

    it('end the request if no others are left', async () => {
      const { events, error } = await tried(['http://', 'http://x.test:99999/'], {}, 9);

      expect(plot(events)).toEqual(['start 1', 'retry 1', 'start 2', 'failure 2 permanent']);
      expect(String(error)).toContain('GET http://x.test:99999/: ');
    });
  });
});

describe('The rotation of URLs', () => {
  const urls = ['http://a.test/', 'http://b.test/'];

  it('starts over after the last one by default', async () => {
    expect(await urlsOf(urls, {}, 5)).toEqual([
      'http://a.test/',
      'http://b.test/',
      'http://a.test/',
      'http://b.test/',
      'http://a.test/',
    ]);
    expect(await urlsOf(urls, { strategy: { backoff: constant(0), attempts: 3, rotation: 'cycle' } })).toEqual([
      ...urls,
      'http://a.test/',
    ]);
  });

  it("stays on the last one with 'hold'", async () => {
    expect(await urlsOf(urls, { strategy: { backoff: constant(0), attempts: 4, rotation: 'hold' } })).toEqual([
      'http://a.test/',
      'http://b.test/',
      'http://b.test/',
      'http://b.test/',
    ]);
  });

  it('begins with the first URL in every subscription', async () => {
    const { interceptor, urls: asked } = network(503, 200, 200);
    const request$ = new RetryClient({ interceptors: [interceptor], strategy: { backoff: constant(0) } }).get(urls);

    await settled(request$);
    await settled(request$);
    expect(asked()).toEqual(['http://a.test/', 'http://b.test/', 'http://a.test/']);
  });
});

describe('Default headers that are secrets', () => {
  const secrets = {
    authorization: 'Bearer default',
    cookie: 'session=default',
    'proxy-authorization': 'Basic default',
    'x-plain': 'default',
  };
  // Browsers do not allow two of them to be set.
  const names = Object.keys(secrets).filter((name) =>
    new Request('http://a.test/', { headers: { [name]: 'x' } }).headers.has(name),
  );

  const sentTo = async (url: UrlInput, options: ClientOptions, own?: Record<string, string>) => {
    const { interceptor, requests } = network(503, 503, 200);
    const client = new RetryClient({
      headers: secrets,
      ...options,
      interceptors: [interceptor],
      strategy: { backoff: constant(0) },
    });
    await settled(client.get(url, { headers: own }));
    return requests.map(({ headers }) => names.filter((name) => headers.has(name)));
  };

  it('go to every origin of baseUrl', async () => {
    expect(await sentTo('x', { baseUrl: ['http://a.test/', 'https://b.test:8443/'] })).toEqual([names, names, names]);
    expect(await sentTo('http://a.test/elsewhere', { baseUrl: 'http://a.test/api/' })).toEqual([names, names, names]);
  });

  it('go to no other origin: not another host, port or scheme', async () => {
    const others = ['http://b.test/', 'http://a.test:8080/', 'https://a.test/'];

    expect(await sentTo(others, { baseUrl: 'http://a.test/' })).toEqual(Array(3).fill(['x-plain']));
    expect(await sentTo(['http://b.test/', 'x', 'http://b.test/'], { baseUrl: 'http://a.test/' })).toEqual([
      ['x-plain'],
      names,
      ['x-plain'],
    ]);
  });

  it('go to no other origin however its URL is written', async () => {
    for (const url of [
      'HTTP://B.TEST/',
      'http:\\\\b.test\\',
      'http:b.test',
      'http:/b.test',
      ' http://b.test/',
      'http://a.test@b.test/',
      'http://a.test\\@b.test/x',
    ]) {
      const { interceptor, requests } = network(200);
      const client = new RetryClient({ baseUrl: 'https://a.test/', headers: secrets, interceptors: [interceptor] });
      await settled(client.get(url));
      for (const { url: asked, headers } of requests) {
        expect(headers.has('x-plain')).toBeTrue();
        expect(headers.get('authorization') === 'Bearer default')
          .withContext(`${url}, that is ${asked}`)
          .toBe(new URL(asked).origin === 'https://a.test');
      }
    }
  });

  it('go to every URL if there is no baseUrl', async () => {
    expect(await sentTo(['http://a.test/', 'http://b.test/'], {})).toEqual([names, names, names]);
  });

  it('go to every URL if they are the request’s own', async () => {
    const { interceptor, header } = network(503, 200);
    const client = new RetryClient({
      baseUrl: 'http://a.test/',
      headers: secrets,
      interceptors: [interceptor],
      strategy: { backoff: constant(0) },
    });

    await settled(client.get(['x', 'http://b.test/'], { headers: { Authorization: 'own' } }));
    expect(header('authorization')).toEqual(['own', 'own']);
  });

  describe('and an extension with another baseUrl', () => {
    /** The authorization that goes to a.test, and to b.test. */
    const sentBy = async (extend: (network: ClientOptions) => RetryClient): Promise<(string | null)[]> => {
      const { interceptor, header } = network(503, 200);
      await settled(
        extend({ interceptors: [interceptor], strategy: { backoff: constant(0) } }).get([
          'http://a.test/',
          'http://b.test/',
        ]),
      );
      return header('authorization');
    };
    const [ofA, ofB] = [{ baseUrl: 'http://a.test/' }, { baseUrl: 'http://b.test/' }];

    it('stay with the origins that they came with', async () => {
      expect(await sentBy((rest) => new RetryClient({ ...rest, ...ofA, headers: secrets }).extend(ofB))).toEqual([
        'Bearer default',
        null,
      ]);
      expect(
        await sentBy((rest) => new RetryClient({ ...rest, ...ofA, headers: secrets }).extend(ofB).extend({})),
      ).toEqual(['Bearer default', null]);
    });

    it('go to it if they are its own', async () => {
      expect(
        await sentBy((rest) =>
          new RetryClient({ ...rest, ...ofA, headers: secrets }).extend({ ...ofB, headers: { Authorization: 'own' } }),
        ),
      ).toEqual([null, 'own']);
      expect(await sentBy((rest) => new RetryClient({ ...rest, ...ofA }).extend({ headers: secrets }))).toEqual([
        'Bearer default',
        null,
      ]);
    });

    it('go to the first baseUrl that comes after them, and to no later one', async () => {
      expect(await sentBy((rest) => new RetryClient({ ...rest, headers: secrets }).extend(ofB))).toEqual([
        null,
        'Bearer default',
      ]);
      expect(await sentBy((rest) => new RetryClient({ ...rest, headers: secrets }).extend(ofA).extend(ofB))).toEqual([
        'Bearer default',
        null,
      ]);
    });
  });
});

describe('User and password in a URL', () => {
  const basic = (text: string) => `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(text)))}`;

  for (const [userinfo, meant] of [
    ['user:pass', 'user:pass'],
    ['user', 'user:'],
    [':pass', ':pass'],
    ['us%20er:p%40ss%3Aword', 'us er:p@ss:word'],
    ['jörg:pässwörd€', 'jörg:pässwörd€'],
    ['user:100%', 'user:100%'],
    ['a%41%zz:b', 'aA%zz:b'],
  ] as const) {
    it(`become basic authentication in UTF-8: ${userinfo}`, async () => {
      const { urls, header } = await tried(`http://${userinfo}@a.test/x`, {}, 1);

      expect(urls).toEqual(['http://a.test/x']);
      expect(header('authorization')).toEqual([basic(meant)]);
    });
  }

  it('are each URL’s own', async () => {
    const { header, urls } = await tried(['http://u:1@a.test/', 'http://u:2@b.test/', 'http://c.test/']);

    expect(urls).toEqual(['http://a.test/', 'http://b.test/', 'http://c.test/']);
    expect(header('authorization')).toEqual([basic('u:1'), basic('u:2'), null]);
  });

  it('of a base go to URLs that are relative to it', async () => {
    const { header, urls } = await tried(['x', 'http://c.test/'], { baseUrl: 'http://u:1@a.test/' }, 2);

    expect(urls).toEqual(['http://a.test/x', 'http://c.test/']);
    expect(header('authorization')).toEqual([basic('u:1'), null]);
  });

  it('come over the client’s default, and the request’s own header over these', async () => {
    const { interceptor, header } = network(200);
    const client = new RetryClient({ headers: { authorization: 'default' }, interceptors: [interceptor] });

    await settled(client.get('http://u:1@a.test/'));
    await settled(client.get('http://u:1@a.test/', { headers: { authorization: 'own' } }));
    expect(header('authorization')).toEqual([basic('u:1'), 'own']);
  });

  for (const url of [
    'http://user:s3cret@a.test/',
    'http://s3cret@a.test/',
    'HTTP://user:s3cret@A.test/',
    'http:\\\\user:s3cret@a.test/',
    ' \thttp://user:s3cret@a.test/',
    'http://user:s3cret@a.test:99999/',
    'http://user:s3cret@[::1/',
    'http://user:s3cret@/',
    'http://user:x/s3cret@a.test/',
    'http://user:x?s3cret@a.test/',
    'http:///user:s3cret@a.test:99999/',
    'http:\\\\user:s3cret@[::1/',
    'http://us@er:s3cret@[::1/',
    '//user:s3cret@a.test/',
    '\t//user:s3cret@a.test/',
    '\\\\user:s3cret@a.test/',
  ]) {
    it(`appear nowhere else: ${JSON.stringify(url)}`, async () => {
      const lines: string[] = [];
      for (const baseUrl of [undefined, 'http://b.test/']) {
        for (const answer of [404, new Error('down')]) {
          const { interceptor } = network(answer);
          const client = new RetryClient({
            baseUrl,
            strategy: { backoff: constant(0), errors: [Error], attempts: 2 },
            interceptors: [interceptor],
          });
          client.attempts$.subscribe((event) => {
            lines.push(JSON.stringify(event), event.type === 'failure' ? format(event.outcome) : '');
          });
          const { error } = await settled(client.get(url, { selector: () => [1] }));
          lines.push(format(error));
        }
      }
      expect(lines.length).toBeGreaterThan(8);
      expect(lines.find((line) => line.includes('s3cret'))).toBeUndefined();
    });
  }

  for (const url of [
    'http://user:s3cret@a.test:99999/',
    'http://user:s3cret@[::1/',
    'http:///user:s3cret@a.test:99999/',
  ]) {
    it(`do not appear in errors of a baseUrl: ${url}`, () => {
      let message = '';
      try {
        new RetryClient({ baseUrl: url });
      } catch (error) {
        message = String(error);
      }
      expect(message).toContain('baseUrl must be');
      expect(message).not.toContain('s3cret');
    });
  }
});

/** Formats everything visible of a value: its fields, its messages, and those of its causes. */
function format(thing: unknown, depth = 0): string {
  if (typeof thing !== 'object' || thing === null || depth > 6) return String(thing);
  const fields = Object.getOwnPropertyNames(thing).filter((name) => name !== 'stack');
  const values = fields.map((name) => `${name}: ${format((thing as Record<string, unknown>)[name], depth + 1)}`);
  return `${thing instanceof Error ? String(thing) : ''} ${values.join(', ')}`;
}
