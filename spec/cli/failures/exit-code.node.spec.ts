import { exitCodeOf } from '../../../src/cli/failures/exit-code.js';
import { UsageError } from '../../../src/cli/failures/usage-error.js';
import { WriteError } from '../../../src/cli/failures/write-error.js';
import { describeError } from '../../../src/cli/output/describe-outcome.js';
import { readNetworkFailure } from '../../../src/errors/network-failure.js';
import {
  GateRejectedError,
  HttpNetworkError,
  HttpParseError,
  HttpStatusError,
  HttpTimeoutError,
  HttpValidationError,
  type NetworkPhase,
} from '../../../src/index.js';
import { EventBuilder, systemError } from '../event-builder.js';

const request = new EventBuilder();
request.start(0);
const { attempt } = request;

function network(code: string | undefined, phase?: NetworkPhase): HttpNetworkError {
  return new HttpNetworkError({
    attempt,
    phase,
    cause: code === undefined ? new TypeError('Load failed') : systemError(code),
  });
}

describe('The exit code', () => {
  const cases: readonly (readonly [what: string, error: unknown, code: number, words: string])[] = [
    ['a status', new HttpStatusError({ attempt, response: new Response(null, { status: 404 }) }), 22, '404'],
    [
      'an inactive attempt',
      new HttpTimeoutError({ attempt, scope: 'attempt', limit: 500 }),
      28,
      'timed out after 500 ms',
    ],
    ['a deadline', new HttpTimeoutError({ attempt, scope: 'total', limit: 1500 }), 28, 'deadline of 1.5 s exceeded'],
    ['a name that is not resolved', network('ENOTFOUND', 'connect'), 6, 'name not resolved'],
    ['a refused connection', network('ECONNREFUSED', 'connect'), 7, 'connection refused'],
    ['a host out of reach', network('EHOSTUNREACH', 'connect'), 7, 'host not reachable'],
    ['a connection that takes too long', network('UND_ERR_CONNECT_TIMEOUT', 'connect'), 28, 'connecting timed out'],
    ['a certificate', network('DEPTH_ZERO_SELF_SIGNED_CERT', 'connect'), 60, 'certificate rejected'],
    ['a certificate with too long a chain', network('PATH_LENGTH_EXCEEDED', 'connect'), 60, 'certificate rejected'],
    ['a certificate of another name', network('ERR_TLS_CERT_ALTNAME_INVALID', 'connect'), 60, 'certificate rejected'],
    ['a handshake', network('ERR_SSL_WRONG_VERSION_NUMBER', 'connect'), 35, 'TLS handshake failed'],
    [
      'a connection that is cut during the handshake',
      new HttpNetworkError({
        attempt,
        cause: systemError(
          'ECONNRESET',
          'Client network socket disconnected before secure TLS connection was established',
        ),
      }),
      35,
      'TLS handshake failed',
    ],
    ['a reset', network('ECONNRESET', 'headers'), 56, 'connection reset'],
    ['an end before the headers', network('UND_ERR_SOCKET', 'headers'), 56, 'connection cut'],
    ['a body that breaks off', network('UND_ERR_SOCKET', 'body'), 18, 'body cut off'],
    ['a malformed URL', network('ERR_INVALID_URL'), 3, 'malformed URL'],
    [
      'an error with a summary only',
      new HttpNetworkError({ attempt, summary: 'no such thing', phase: 'headers' }),
      56,
      'no such thing, in phase headers',
    ],
    ['an unknown network error', network(undefined), 56, 'Load failed'],
    ['an unknown connect error', network(undefined, 'connect'), 7, 'Load failed'],
    [
      'a body that cannot be parsed',
      new HttpParseError({
        attempt,
        summary: 'malformed JSON',
        response: new Response(null, { headers: { 'content-type': 'text/\x9bhtml' } }),
        cause: new SyntaxError('Unexpected token s3cret'),
      }),
      8,
      'malformed JSON (status 200, content type text/ html)',
    ],
    [
      'a body that is not valid',
      new HttpValidationError({ attempt, issues: [], summary: 'no number' }),
      8,
      'no number',
    ],
    ['a gate', new GateRejectedError({ gate: 'retry-budget', attempt }), 75, 'rejected by retry-budget'],
    [
      'a gate with its own reason',
      new GateRejectedError({ gate: 'rate-limit', attempt, cause: systemError('ECONNRESET', 'too many') }),
      75,
      'rejected by rate-limit: too many',
    ],
    [
      'a file that was changed',
      new HttpNetworkError({ attempt, cause: new DOMException('gone', 'NotReadableError') }),
      26,
      'the file to send changed between attempts',
    ],
    ['a closed output', new WriteError('closed'), 23, 'closed'],
    [
      'a closed output as the cause of another error',
      new Error('read', { cause: new WriteError('closed') }),
      23,
      'closed',
    ],
    ['a wrong option', new UsageError('wrong'), 2, 'wrong'],
    ['a file that cannot be read', new UsageError('no such file', 26), 26, 'no such file'],
    ['an abort', new DOMException('stop', 'AbortError'), 1, 'aborted'],
    ['a bug', new TypeError('x is not a function'), 1, 'x is not a function'],
    ['a thrown string', 'text', 1, 'text'],
  ];
  for (const [what, error, code, words] of cases) {
    it(`of ${what} is ${code}, described as "${words}"`, () => {
      expect(exitCodeOf(error)).toBe(code);
      expect(describeError(error)).toBe(words);
    });
  }

  it('is the code of the first address if a name has several', () => {
    const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    const error = new HttpNetworkError({
      attempt,
      cause: new TypeError('fetch failed', { cause: new AggregateError([refused, refused]) }),
    });

    expect(exitCodeOf(error)).toBe(7);
  });

  // The client and the command line classify the same error codes, and must not contradict each other.
  it('agrees with how the client classifies the same error', () => {
    const certificates = [
      'CERT_HAS_EXPIRED',
      'CERT_NOT_YET_VALID',
      'CRL_HAS_EXPIRED',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'ERR_TLS_CERT_ALTNAME_INVALID',
      'INVALID_CA',
      'INVALID_PURPOSE',
      'PATH_LENGTH_EXCEEDED',
      'HOSTNAME_MISMATCH',
    ];
    const handshakes = [
      'EPROTO',
      'ERR_SSL_WRONG_VERSION_NUMBER',
      'ERR_TLS_PROTOCOL_VERSION_CONFLICT',
      'UND_ERR_PRX_TLS',
    ];
    const readFailure = (code: string) => readNetworkFailure(systemError(code), 'https://a.test/', true);
    for (const code of certificates) {
      expect([code, readFailure(code).permanent, exitCodeOf(network(code))]).toEqual([code, true, 60]);
    }
    for (const code of handshakes) {
      expect([code, readFailure(code).permanent, readFailure(code).phase, exitCodeOf(network(code))]).toEqual([
        code,
        undefined,
        'connect',
        35,
      ]);
    }
    for (const [code, exit] of [
      ['ECONNRESET', 56],
      ['ECONNREFUSED', 7],
      ['ENOTFOUND', 6],
      ['EAI_AGAIN', 6],
      ['EAI_SERVICE', 6],
      ['ECONNABORTED', 56],
    ] as const) {
      expect([code, readFailure(code).permanent, exitCodeOf(network(code))]).toEqual([code, undefined, exit]);
    }
  });

  it('is found even if causes form a cycle', () => {
    const error = new Error('around');
    error.cause = error;

    expect(exitCodeOf(error)).toBe(1);
  });
});
