import { exitCodeOf } from '../../src/cli/exit-code.js';
import { errorWords } from '../../src/cli/outcome-words.js';
import { UsageError } from '../../src/cli/usage-error.js';
import { WriteError } from '../../src/cli/write-body.js';
import { HttpNetworkError, HttpStatusError, HttpTimeoutError, type NetworkPhase } from '../../src/index.js';
import { Story, systemError } from './events.js';

const story = new Story();
story.start(0);
const { attempt } = story;

function network(code: string | undefined, phase?: NetworkPhase): HttpNetworkError {
  return new HttpNetworkError({ attempt, phase, cause: code === undefined ? new TypeError('Load failed') : systemError(code) });
}

describe('The exit code', () => {
  const cases: readonly (readonly [what: string, error: unknown, code: number, words: string])[] = [
    ['a status', new HttpStatusError({ attempt, response: new Response(null, { status: 404 }) }), 22, '404'],
    ['silence', new HttpTimeoutError({ attempt, scope: 'attempt', limit: 500 }), 28, 'timed out after 500 ms'],
    ['a deadline', new HttpTimeoutError({ attempt, scope: 'total', limit: 1500 }), 28, 'deadline of 1.5 s over'],
    ['a name that is not resolved', network('ENOTFOUND', 'connect'), 6, 'name not resolved'],
    ['a refused connection', network('ECONNREFUSED', 'connect'), 7, 'connection refused'],
    ['a host out of reach', network('EHOSTUNREACH', 'connect'), 7, 'host not reachable'],
    ['a connection that takes too long', network('UND_ERR_CONNECT_TIMEOUT', 'connect'), 28, 'connecting timed out'],
    ['a certificate', network('DEPTH_ZERO_SELF_SIGNED_CERT', 'connect'), 60, 'certificate rejected'],
    ['a handshake', network('ERR_SSL_WRONG_VERSION_NUMBER', 'connect'), 35, 'TLS handshake failed'],
    ['a reset', network('ECONNRESET', 'headers'), 56, 'connection reset'],
    ['an end before the headers', network('UND_ERR_SOCKET', 'headers'), 56, 'connection cut'],
    ['a body that breaks off', network('UND_ERR_SOCKET', 'body'), 18, 'body cut off'],
    ['a malformed URL', network('ERR_INVALID_URL'), 3, 'malformed URL'],
    [
      'a reason in words',
      new HttpNetworkError({ attempt, summary: 'no such thing', phase: 'headers' }),
      56,
      'no such thing, in phase headers',
    ],
    ['a network error of which nothing is known', network(undefined), 56, 'Load failed'],
    ['a connect error of which nothing is known', network(undefined, 'connect'), 7, 'Load failed'],
    ['an output that is closed', new WriteError('closed'), 23, 'closed'],
    ['an output that is closed, told by another error', new Error('read', { cause: new WriteError('closed') }), 23, 'closed'],
    ['a wrong option', new UsageError('wrong'), 2, 'wrong'],
    ['a file', new UsageError('no such file', 26), 26, 'no such file'],
    ['an abort', new DOMException('stop', 'AbortError'), 1, 'aborted'],
    ['a bug', new TypeError('x is not a function'), 1, 'x is not a function'],
    ['what is no error', 'text', 1, 'text'],
  ];
  for (const [what, error, code, words] of cases) {
    it(`of ${what} is ${code}, in words "${words}"`, () => {
      expect(exitCodeOf(error)).toBe(code);
      expect(errorWords(error)).toBe(words);
    });
  }

  it('is that of the first address where a name has several', () => {
    const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    const error = new HttpNetworkError({
      attempt,
      cause: new TypeError('fetch failed', { cause: new AggregateError([refused, refused]) }),
    });

    expect(exitCodeOf(error)).toBe(7);
  });

  it('is found though causes form a ring', () => {
    const error = new Error('around');
    error.cause = error;

    expect(exitCodeOf(error)).toBe(1);
  });
});
