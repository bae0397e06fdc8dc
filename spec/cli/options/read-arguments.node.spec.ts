import { UsageError } from '../../../src/cli/failures/usage-error.js';
import { helpText } from '../../../src/cli/options/help-text.js';
import { options } from '../../../src/cli/options/options.js';
import { readArguments } from '../../../src/cli/options/read-arguments.js';

const read = (line: string): unknown => readArguments(line.split(' '));

function usageError(...argv: string[]): string {
  try {
    readArguments(argv);
  } catch (error) {
    if (error instanceof UsageError) return `${error.exitCode}: ${error.message}`;
    throw error;
  }
  return 'accepted';
}

describe('The command line', () => {
  it('reads a method in any case, URLs, and options before, between and after them', () => {
    expect(read('-q get http://a.test/ --attempts 5 http://b.test/ -i')).toEqual({
      kind: 'request',
      method: 'GET',
      urls: ['http://a.test/', 'http://b.test/'],
      values: { quiet: true, attempts: 5, include: true },
    });
  });

  it('reads every option into its type, durations into ms', () => {
    const argv =
      'post http://a.test/ -d x --base-url http://b.test --base-url http://c.test --transport node-fetch --attempts infinity --methods get,Post ' +
      '--statuses 429,503 --no-retry-server-errors --errors network --max-retry-after 1.5m --rotation hold --backoff jitter --initial 500ms --factor 1.5 ' +
      '--max 2s --min 0 --interval 1h --delays 1,2s --jitter equal --seed 7 --timeout none --total-timeout 10s --json';

    expect(readArguments([...argv.split(' '), '-H', 'a: b: c', '--header=x:'])).toEqual({
      kind: 'request',
      method: 'POST',
      urls: ['http://a.test/'],
      values: {
        data: ['x'],
        'base-url': ['http://b.test', 'http://c.test'],
        transport: 'node-fetch',
        attempts: Infinity,
        methods: ['GET', 'POST'],
        statuses: [429, 503],
        'no-retry-server-errors': true,
        errors: ['network'],
        'max-retry-after': 90_000,
        rotation: 'hold',
        backoff: 'jitter',
        initial: 500,
        factor: 1.5,
        max: 2000,
        min: 0,
        interval: 3_600_000,
        delays: [1, 2000],
        jitter: 'equal',
        seed: 7,
        timeout: false,
        'total-timeout': 10_000,
        json: true,
        header: [
          ['a', 'b: c'],
          ['x', ''],
        ],
      },
    });
  });

  it('recognizes help, version and the demo', () => {
    expect(read('--help')).toEqual({ kind: 'help' });
    expect(read('get -h')).toEqual({ kind: 'help' });
    expect(read('help')).toEqual({ kind: 'help' });
    expect(read('-V')).toEqual({ kind: 'version' });
    expect(read('demo')).toEqual({ kind: 'demo' });
  });

  it('names a wrong option, its value and what was expected', () => {
    const url = 'http://a.test/';
    expect(usageError('get', url, '--attempts', '0')).toBe(
      "2: --attempts: expected a whole number of at least 1, or infinity, got '0'",
    );
    expect(usageError('get', url, '--attempts')).toBe(
      '2: --attempts: expected a whole number of at least 1, or infinity, got nothing',
    );
    for (const [option, given] of [
      ['--timeout', '-5'],
      ['--timeout', '0'],
      ['--total-timeout', '0ms'],
    ] as const) {
      expect(usageError('get', url, option, given)).toBe(
        `2: ${option}: expected a duration above 0 such as 500, 500ms, 2s, 1.5m or 1h (a plain number is ms), or none, got '${given}'`,
      );
    }
    expect(usageError('get', url, '--statuses', '200,abc')).toBe(
      "2: --statuses: expected statuses separated by commas such as 429,503, or none, got '200,abc'",
    );
    expect(usageError('get', url, '--rotation', 'round')).toBe("2: --rotation: expected cycle or hold, got 'round'");
    expect(usageError('get', url, '--factor', '0.5')).toBe("2: --factor: expected a number of at least 1, got '0.5'");
    expect(usageError('get', url, '--seed', '4294967296')).toBe(
      "2: --seed: expected a whole number from 0 to 4294967295, got '4294967296'",
    );
    expect(usageError('get', url, '-H', 'no colon')).toBe("2: -H: expected 'name: value', got something else");
    expect(usageError('get', url, '-H', 'bad name: x')).toBe("2: -H: expected 'name: value', got something else");
    expect(usageError('get', url, '--quiet=yes')).toBe("2: --quiet: expected no value, got 'yes'");
    expect(usageError('get', url, '--base-url', 'ftp://a.test')).toBe(
      "2: --base-url: expected a URL such as https://example.com/path, got 'ftp://a.test'",
    );
  });

  it('accepts the method from --request, and rejects two different methods', () => {
    const request = (...argv: readonly string[]): unknown => readArguments(argv);
    for (const argv of [
      ['-X', 'post', 'http://a.test/'],
      ['http://a.test/', '--request=POST'],
      ['post', 'http://a.test/', '-X', 'POST'],
    ]) {
      expect(request(...argv)).toEqual(jasmine.objectContaining({ method: 'POST', urls: ['http://a.test/'] }));
    }
    expect(request('-X', 'PURGE', 'report', '--base-url', 'http://a.test/')).toEqual(
      jasmine.objectContaining({ method: 'PURGE', urls: ['report'] }),
    );
    expect(usageError('put', 'http://a.test/', '-X', 'POST')).toBe('2: --request POST and put: expected one method');
    expect(usageError('-X', 'POST')).toBe('2: --request POST: expected a URL as well');
    expect(usageError('-X', 'GET', 'http://a.test/', '-d', 'x')).toBe('2: --data: a GET request has no body');
    expect(usageError('-X', 'P T', 'http://a.test/')).toBe("2: -X: expected a method such as GET or POST, got 'P T'");
    expect(usageError('demo', '-X', 'POST')).toBe("2: demo: expected no argument after it, got '--request'");
  });

  it('accepts a user with a password, and shows neither in an error', () => {
    const url = 'http://a.test/';
    expect(readArguments(['get', url, '-u', 'me:pass:word'])).toEqual(
      jasmine.objectContaining({ values: { user: { user: 'me', password: 'pass:word' } } }),
    );
    expect(readArguments(['get', url, '--user=:'])).toEqual(
      jasmine.objectContaining({ values: { user: { user: '', password: '' } } }),
    );
    expect(usageError('get', url, '-u', 'secret')).toBe(
      "2: -u: expected 'user:password' (there is no password prompt), got something else",
    );
    expect(usageError('get', url, '-u', 'me:secret', '-H', 'Authorization: x')).toBe(
      '2: --user and an authorization header: expected one of them',
    );
    expect(usageError('get', 'http://you:hush@a.test/', '-u', 'me:secret')).toBe(
      '2: --user and a user in the URL: expected one of them',
    );
    expect(usageError('get', '/', '--base-url', 'http://you:hush@a.test/', '-u', 'me:secret')).toBe(
      '2: --user and a user in the URL: expected one of them',
    );
  });

  it('collects repeated --data, and accepts standard input only once', () => {
    expect(readArguments(['post', 'http://a.test/', '-d', 'a=1', '--data', '@f', '-d', 'b'])).toEqual(
      jasmine.objectContaining({ values: { data: ['a=1', '@f', 'b'] } }),
    );
    expect(usageError('post', 'http://a.test/', '-d', '@-', '-d', '@-')).toBe(
      '2: --data @-: expected once, since standard input can be read only once',
    );
  });

  it('accepts an idempotency key after a =, or makes one, for POST and PATCH alone', () => {
    const url = 'http://a.test/';
    const key = (...argv: readonly string[]): unknown => {
      const command = readArguments(argv);
      return command.kind === 'request' ? [command.urls, command.values['idempotency-key']] : command;
    };
    expect(key('post', url, '--idempotency-key=order-7')).toEqual([[url], 'order-7']);
    for (const argv of [
      ['patch', url, '--idempotency-key'],
      ['patch', '--idempotency-key', url],
      ['--idempotency-key', 'Patch', url],
      ['patch', '--idempotency-key', '--json', url],
    ]) {
      expect(key(...argv)).toEqual([[url], true]);
    }
    for (const method of ['get', 'put', 'purge']) {
      expect(usageError(method, url, '--idempotency-key')).toBe(
        `2: --idempotency-key: expected the method POST or PATCH, got ${method.toUpperCase()}`,
      );
    }
    for (const wrong of ['', 'two words', 'schlüssel']) {
      expect(usageError('post', url, `--idempotency-key=${wrong}`)).toBe(
        `2: --idempotency-key: expected a key of printable ASCII without blanks, got '${wrong}'`,
      );
    }
    expect(usageError('post', url, '--idempotency-key', '-H', 'Idempotency-Key: 7')).toBe(
      '2: --idempotency-key and an Idempotency-Key header: expected one of them',
    );
  });

  it('refuses a word after --idempotency-key that may have been meant as its key', () => {
    const refused =
      "2: --idempotency-key: expected its KEY after a '=', or a method or URL as the next word, got 'order-7'";
    expect(usageError('post', 'http://a.test/', '--idempotency-key', 'order-7')).toBe(refused);
    expect(usageError('post', '--base-url', 'http://a.test/', '/orders', '--idempotency-key', 'order-7')).toBe(refused);
    expect(usageError('post', '--base-url', 'http://a.test/', '/orders', '--idempotency-key')).toBe('accepted');
    expect(usageError('post', '--base-url', 'http://a.test/', '--idempotency-key=order-7', '/orders')).toBe('accepted');
    expect(usageError('post', 'http://a.test/', '--idempotency-key', 'me:secret@a.test')).toContain("got 'a.test'");
    expect(usageError('post', 'http://a.test/', '--idempotency-key', '--json', 'order-7')).toContain('malformed URL');
  });

  it('accepts --hedge for a request that may be sent twice', () => {
    const hedge = (line: string): string => usageError(...line.split(' '), 'http://a.test/', '--hedge', '300ms');
    expect(readArguments(['get', 'http://a.test/', '--hedge', '1.5s'])).toEqual(
      jasmine.objectContaining({ values: { hedge: 1500 } }),
    );
    for (const line of [
      'put',
      'post --idempotency-key',
      'post -H idempotency-key:7',
      'purge --methods get,purge',
      'post --methods post',
    ]) {
      expect(hedge(line)).toBe('accepted');
    }
    for (const line of ['post', 'get --methods none', 'patch -H x-key:7']) {
      const method = line.split(' ')[0]?.toUpperCase() ?? '';
      expect(hedge(line)).toBe(
        `2: --hedge: a ${method} request may not be sent twice; expected an idempotency key, or ${method} in --methods`,
      );
    }
    expect(usageError('get', 'http://a.test/', '--hedge', 'p95')).toBe(
      "2: --hedge: expected a duration such as 500, 500ms, 2s, 1.5m or 1h (a plain number is ms), got 'p95'",
    );
  });

  it('suggests the option closest to a mistyped one', () => {
    expect(usageError('get', 'http://a.test/', '--atempts', '3')).toBe(
      '2: --atempts: no such option, did you mean --attempts?',
    );
    expect(usageError('get', 'http://a.test/', '-x')).toBe('2: -x: no such option; --help lists them');
    expect(usageError('get', 'http://a.test/', '--zebra=1')).toBe('2: --zebra: no such option; --help lists them');
  });

  it('rejects a command line that is not a request', () => {
    expect(usageError()).toBe('2: expected a method and a URL, such as: get https://example.com');
    expect(usageError('get')).toBe('2: get: expected a URL after it');
    expect(usageError('http://me:secret@a.test/')).toBe(
      '2: expected a method before the URL, such as: get http://a.test/',
    );
    expect(usageError('g t', 'http://a.test/')).toBe("2: expected a method such as GET or POST first, got 'g t'");
    expect(usageError('get', 'http://a.test/', '-d', 'x')).toBe('2: --data: a GET request has no body');
    expect(usageError('get', 'http://a.test/', '-q', '--json')).toBe('2: --quiet and --json: expected one of them');
    expect(usageError('demo', 'http://a.test/')).toBe("2: demo: expected no argument after it, got 'http://a.test/'");
    expect(usageError('demo', '--seed', '3')).toBe("2: demo: expected no argument after it, got '--seed'");
  });

  it('rejects a malformed URL, and accepts a relative one with a base', () => {
    expect(usageError('get', 'a.test/x')).toBe(
      "3: malformed URL 'a.test/x': expected a URL such as https://example.com/path, did you mean https://a.test/x?",
    );
    expect(usageError('get', 'ftp://a.test/')).toBe(
      "3: malformed URL 'ftp://a.test/': expected a URL such as https://example.com/path",
    );
    expect(usageError('get', 'x', '--base-url', 'http://a.test/')).toBe('accepted');
    for (const url of ['//b.test/', 'ftp://b.test/', 'http://[']) {
      const expected = `3: malformed URL '${url}': expected a URL such as https://example.com/path, or a path`;
      expect(usageError('get', url, '--base-url', 'http://a.test/')).toBe(expected);
    }
  });
});

describe('A usage error', () => {
  const urls = [
    'me:secret@host/x',
    '//me:secret@host/x',
    'http://me:sec/ret@host/x',
    'http://me:sec#ret@host/x',
    'http:\\\\me:sec/ret@host/x',
    'ftp://me:secret@host/x',
    'me:sec\nret@host/x',
  ];

  it('shows no user and password of a malformed URL', () => {
    const shown = urls.flatMap((url) => [
      usageError('get', url),
      usageError('get', url, '--base-url', 'http://a.test/'),
      usageError('get', '/', '--base-url', url),
      usageError('get', '/', `--base-url=${url}`),
      usageError(url),
      usageError('demo', url),
    ]);

    expect(shown.filter((text) => /me[:@]|sec|ret@/.test(text))).toEqual([]);
    expect(shown.filter((text) => !text.includes('host/x'))).toEqual([]);
  });

  it('shows no control characters and no signatures', () => {
    const evil = '\x1b[2J\x9b31m\u202e\nfake';
    const messages = [
      usageError(`get${evil}`, 'http://a.test/'),
      usageError('get', `x${evil}`),
      usageError('get', `http://[${evil}`),
      usageError('get', '/', '--base-url', evil),
      usageError('get', 'http://a.test/', `--quiet=${evil}`),
      usageError('get', 'http://a.test/', `--no${evil}`),
      usageError('get', 'http://a.test/', '--rotation', evil),
      usageError('demo', evil),
      usageError('put', 'http://a.test/', '-X', `P${evil}`),
      usageError(`http://a.test/${evil}`),
    ];
    for (const message of messages) expect(message).toMatch(/^[^\p{Cc}\p{Cf}]+$/u);
    expect(usageError('get', 'ftp://a.test/?X-Amz-Signature=s1gned&sig=s1gned')).not.toContain('s1gned');
  });

  it('is made in linear time for a long text', () => {
    const began = performance.now();
    for (const text of [
      '/'.repeat(40_000),
      'a:'.repeat(20_000),
      'http://'.repeat(6_000),
      `${'a.'.repeat(20_000)}@`,
      '@'.repeat(40_000),
    ]) {
      usageError(text);
      usageError('get', text);
      usageError('get', 'http://a.test/', `--${text}`);
    }
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  it('shows the rest of a malformed URL', () => {
    expect(usageError('get', 'me:secret@host/x')).toBe(
      "3: malformed URL 'host/x': expected a URL such as https://example.com/path, did you mean https://host/x?",
    );
    expect(usageError('get', 'http://me:sec/ret@host/x')).toContain("malformed URL 'http://host/x'");
    expect(usageError('get', '/', '--base-url', '//me:secret@host/x')).toContain("got '//host/x'");
  });
});

describe('The help', () => {
  it('names every option and fits into 80 columns', () => {
    for (const name of Object.keys(options)) expect(helpText()).toContain(`--${name}`);
    expect(
      helpText()
        .split('\n')
        .filter((line) => line.length > 80),
    ).toEqual([]);
  });

  it('separates an option from its description', () => {
    expect(helpText()).toMatch(/--header 'NAME: VALUE' {2,}A header/);
    expect(helpText()).toMatch(/--no-retry-server-errors\n {20,}Of the statuses/);
  });
});
