import { UsageError } from '../../../src/cli/failures/usage-error.js';
import { readArguments } from '../../../src/cli/options/read-arguments.js';
import { helpText } from '../../../src/cli/options/help-text.js';
import { options } from '../../../src/cli/options/options.js';

const read = (line: string): unknown => readArguments(line.split(' '));

function refusal(...argv: string[]): string {
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

  it('knows help, version and the demo', () => {
    expect(read('--help')).toEqual({ kind: 'help' });
    expect(read('get -h')).toEqual({ kind: 'help' });
    expect(read('help')).toEqual({ kind: 'help' });
    expect(read('-V')).toEqual({ kind: 'version' });
    expect(read('demo')).toEqual({ kind: 'demo' });
  });

  it('says of a wrong option which it is, its value, and what was expected', () => {
    const url = 'http://a.test/';
    expect(refusal('get', url, '--attempts', '0')).toBe(
      "2: --attempts: expected a whole number of at least 1, or infinity, got '0'",
    );
    expect(refusal('get', url, '--attempts')).toBe(
      '2: --attempts: expected a whole number of at least 1, or infinity, got nothing',
    );
    for (const [option, given] of [
      ['--timeout', '-5'],
      ['--timeout', '0'],
      ['--total-timeout', '0ms'],
    ] as const) {
      expect(refusal('get', url, option, given)).toBe(
        `2: ${option}: expected a duration above 0 such as 500, 500ms, 2s, 1.5m or 1h (a plain number is ms), or none, got '${given}'`,
      );
    }
    expect(refusal('get', url, '--statuses', '200,abc')).toBe(
      "2: --statuses: expected statuses between commas such as 429,503, or none, got '200,abc'",
    );
    expect(refusal('get', url, '--rotation', 'round')).toBe("2: --rotation: expected cycle or hold, got 'round'");
    expect(refusal('get', url, '--factor', '0.5')).toBe("2: --factor: expected a number of at least 1, got '0.5'");
    expect(refusal('get', url, '--seed', '4294967296')).toBe(
      "2: --seed: expected a whole number from 0 to 4294967295, got '4294967296'",
    );
    expect(refusal('get', url, '-H', 'no colon')).toBe("2: -H: expected 'name: value', got something else");
    expect(refusal('get', url, '-H', 'bad name: x')).toBe("2: -H: expected 'name: value', got something else");
    expect(refusal('get', url, '--quiet=yes')).toBe("2: --quiet: expected no value, got 'yes'");
    expect(refusal('get', url, '--base-url', 'ftp://a.test')).toBe(
      "2: --base-url: expected a URL such as https://example.com/path, got 'ftp://a.test'",
    );
  });

  it('takes the method from --request as well, and refuses two that differ', () => {
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
    expect(refusal('put', 'http://a.test/', '-X', 'POST')).toBe('2: --request POST and put: expected one method');
    expect(refusal('-X', 'POST')).toBe('2: --request POST: expected a URL beside it');
    expect(refusal('-X', 'GET', 'http://a.test/', '-d', 'x')).toBe('2: --data: a GET request carries no body');
    expect(refusal('-X', 'P T', 'http://a.test/')).toBe("2: -X: expected a method such as GET or POST, got 'P T'");
    expect(refusal('demo', '-X', 'POST')).toBe("2: demo: expected nothing after it, got '--request'");
  });

  it('takes a user with a password, and shows neither where something is wrong', () => {
    const url = 'http://a.test/';
    expect(readArguments(['get', url, '-u', 'me:pass:word'])).toEqual(
      jasmine.objectContaining({ values: { user: { user: 'me', password: 'pass:word' } } }),
    );
    expect(readArguments(['get', url, '--user=:'])).toEqual(
      jasmine.objectContaining({ values: { user: { user: '', password: '' } } }),
    );
    expect(refusal('get', url, '-u', 'secret')).toBe(
      "2: -u: expected 'user:password' (the password is never asked for), got something else",
    );
    expect(refusal('get', url, '-u', 'me:secret', '-H', 'Authorization: x')).toBe(
      '2: --user and an authorization header: expected one of them',
    );
    expect(refusal('get', 'http://you:hush@a.test/', '-u', 'me:secret')).toBe(
      '2: --user and a user in the URL: expected one of them',
    );
    expect(refusal('get', '/', '--base-url', 'http://you:hush@a.test/', '-u', 'me:secret')).toBe(
      '2: --user and a user in the URL: expected one of them',
    );
  });

  it('gathers data that is given several times, and standard input once', () => {
    expect(readArguments(['post', 'http://a.test/', '-d', 'a=1', '--data', '@f', '-d', 'b'])).toEqual(
      jasmine.objectContaining({ values: { data: ['a=1', '@f', 'b'] } }),
    );
    expect(refusal('post', 'http://a.test/', '-d', '@-', '-d', '@-')).toBe(
      '2: --data @-: expected once, since standard input can be read only once',
    );
  });

  it('guesses what a mistyped option meant', () => {
    expect(refusal('get', 'http://a.test/', '--atempts', '3')).toBe(
      '2: --atempts: no such option, did you mean --attempts?',
    );
    expect(refusal('get', 'http://a.test/', '-x')).toBe('2: -x: no such option; --help lists them');
    expect(refusal('get', 'http://a.test/', '--zebra=1')).toBe('2: --zebra: no such option; --help lists them');
  });

  it('refuses what cannot be a request', () => {
    expect(refusal()).toBe('2: expected a method and a URL, such as: get https://example.com');
    expect(refusal('get')).toBe('2: get: expected a URL after it');
    expect(refusal('http://me:secret@a.test/')).toBe(
      '2: expected a method before the URL, such as: get http://a.test/',
    );
    expect(refusal('g t', 'http://a.test/')).toBe("2: expected a method such as GET or POST first, got 'g t'");
    expect(refusal('get', 'http://a.test/', '-d', 'x')).toBe('2: --data: a GET request carries no body');
    expect(refusal('get', 'http://a.test/', '-q', '--json')).toBe('2: --quiet and --json: expected one of them');
    expect(refusal('demo', 'http://a.test/')).toBe("2: demo: expected nothing after it, got 'http://a.test/'");
    expect(refusal('demo', '--seed', '3')).toBe("2: demo: expected nothing after it, got '--seed'");
  });

  it('refuses a malformed URL before anything is sent, unless it has a base', () => {
    expect(refusal('get', 'a.test/x')).toBe(
      "3: malformed URL 'a.test/x': expected a URL such as https://example.com/path, did you mean https://a.test/x?",
    );
    expect(refusal('get', 'ftp://a.test/')).toBe(
      "3: malformed URL 'ftp://a.test/': expected a URL such as https://example.com/path",
    );
    expect(refusal('get', 'x', '--base-url', 'http://a.test/')).toBe('accepted');
    for (const url of ['//b.test/', 'ftp://b.test/', 'http://[']) {
      const expected = `3: malformed URL '${url}': expected a URL such as https://example.com/path, or a path`;
      expect(refusal('get', url, '--base-url', 'http://a.test/')).toBe(expected);
    }
  });
});

describe('A refusal', () => {
  const urls = [
    'me:secret@host/x',
    '//me:secret@host/x',
    'http://me:sec/ret@host/x',
    'http://me:sec#ret@host/x',
    'http:\\\\me:sec/ret@host/x',
    'ftp://me:secret@host/x',
    'me:sec\nret@host/x',
  ];

  it('shows no user and password, wherever they stand in what is no URL', () => {
    const shown = urls.flatMap((url) => [
      refusal('get', url),
      refusal('get', url, '--base-url', 'http://a.test/'),
      refusal('get', '/', '--base-url', url),
      refusal('get', '/', `--base-url=${url}`),
      refusal(url),
      refusal('demo', url),
    ]);

    expect(shown.filter((text) => /me[:@]|sec|ret@/.test(text))).toEqual([]);
    expect(shown.filter((text) => !text.includes('host/x'))).toEqual([]);
  });

  it('shows what is harmless of control characters and signatures, wherever they stand', () => {
    const evil = '\x1b[2J\x9b31m\u202e\nfake';
    const texts = [
      refusal(`get${evil}`, 'http://a.test/'),
      refusal('get', `x${evil}`),
      refusal('get', `http://[${evil}`),
      refusal('get', '/', '--base-url', evil),
      refusal('get', 'http://a.test/', `--quiet=${evil}`),
      refusal('get', 'http://a.test/', `--no${evil}`),
      refusal('get', 'http://a.test/', '--rotation', evil),
      refusal('demo', evil),
      refusal('put', 'http://a.test/', '-X', `P${evil}`),
      refusal(`http://a.test/${evil}`),
    ];
    for (const text of texts) expect(text).toMatch(/^[^\p{Cc}\p{Cf}]+$/u);
    expect(refusal('get', 'ftp://a.test/?X-Amz-Signature=s1gned&sig=s1gned')).not.toContain('s1gned');
  });

  it('takes no longer for a long text than it must', () => {
    const began = performance.now();
    for (const text of [
      '/'.repeat(40_000),
      'a:'.repeat(20_000),
      'http://'.repeat(6_000),
      `${'a.'.repeat(20_000)}@`,
      '@'.repeat(40_000),
    ]) {
      refusal(text);
      refusal('get', text);
      refusal('get', 'http://a.test/', `--${text}`);
    }
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  it('shows the rest of it', () => {
    expect(refusal('get', 'me:secret@host/x')).toBe(
      "3: malformed URL 'host/x': expected a URL such as https://example.com/path, did you mean https://host/x?",
    );
    expect(refusal('get', 'http://me:sec/ret@host/x')).toContain("malformed URL 'http://host/x'");
    expect(refusal('get', '/', '--base-url', '//me:secret@host/x')).toContain("got '//host/x'");
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

  it('leaves a gap between an option and what it is', () => {
    expect(helpText()).toMatch(/--header 'NAME: VALUE' {2,}A header/);
    expect(helpText()).toMatch(/--no-retry-server-errors\n {20,}Of the statuses/);
  });
});
