import { HttpNetworkError, HttpStatusError, HttpTimeoutError } from '../../src/index.js';
import { IS_FIREFOX } from '../support/browser-name.js';
import { FULL_BODY } from '../support/hostile/full-body.js';
import { openHostilePort, type RemoteHostilePort } from '../support/hostile-server.browser.js';
import type { ScenarioName } from '../support/hostile-server.js';
import { answers, breaksOff, type Expectation, fails, isSilent, says, stalls } from './expectation.js';
import { ATTEMPTS, type Method, trial, UPLOAD } from './trial.js';

/** A browser does not report the phase of a network error. */
const failsAnywhere = fails([undefined]);
const failsBeforeRequest = fails([undefined], { requests: 0 });

const SHORT_TIMEOUT_MS = 400;
const LONG_TIMEOUT_MS = 10_000;

/** The scenarios as a page sees them. A browser accepts some answers that Node's clients reject. */
const rows: Partial<Record<ScenarioName, Expectation>> = {
  refused: failsBeforeRequest,
  'reset-on-accept': failsBeforeRequest,
  'fin-on-accept': failsBeforeRequest,
  'self-signed-certificate': failsBeforeRequest,
  'fin-in-handshake': failsBeforeRequest,
  'http-on-https-url': failsBeforeRequest,
  'https-on-http-url': failsBeforeRequest,
  'stall-on-accept': isSilent({ requests: 0 }),
  'reset-after-request': failsAnywhere,
  'fin-after-request': failsAnywhere,
  'stall-after-request': isSilent(),
  'stall-in-headers': isSilent(),
  'stall-after-headers': stalls,
  'stall-in-body': stalls,
  'stall-before-last-chunk': stalls,
  'fin-in-body': breaksOff,
  'fin-in-chunk': breaksOff,
  'fin-before-last-chunk': breaksOff,
  'bad-chunk-size': breaksOff,
  'no-http': failsAnywhere,
  'nul-in-header': failsAnywhere,
  'huge-header': failsAnywhere,
  'conflicting-content-length': failsAnywhere,
  'content-length-and-chunked': answers(),
  'body-longer-than-content-length': answers(),
  gzip: answers(),
  'text-as-gzip': breaksOff,
  'continue-first': answers(),
  'early-hints-first': answers(),
  'no-content': answers({ status: 204, body: '' }),
  'no-content-with-body': answers({ status: 204, body: '' }),
  dribble: answers({ slowly: true }),
  'endless-503': says(503, 'does not end'),
  'silent-503': says(503, 'does not end'),
  'endless-404': says(404, 'does not end'),
  'redirect-to-refused': failsAnywhere,
  'redirect-to-bad-url': failsAnywhere,
  'redirect-loop': fails([undefined], { requests: 21 }),
};

const rowsOfFirefox: Readonly<Record<string, Expectation | undefined>> = {
  // It tells the headers with the first byte of the body.
  'stall-after-headers': isSilent(),
  // It fails before the headers or in the body, depending on the run.
  'bad-chunk-size': undefined,
};

describe('In a browser, a hostile server', () => {
  for (const [scenario, expected] of Object.entries({ ...rows, ...(IS_FIREFOX && rowsOfFirefox) }) as [
    ScenarioName,
    Expectation | undefined,
  ][]) {
    if (!expected) continue;
    it(`${scenario}: ${expected.kind}, by GET and POST, with a selector and without`, async () => {
      await Promise.all(
        (['GET', 'POST'] as const).flatMap((method) =>
          (['no selector', 'text()'] as const).map((reading) => check(scenario, expected, method, reading)),
        ),
      );
    }, 15_000);
  }
});

async function check(
  scenario: ScenarioName,
  expected: Expectation,
  method: Method,
  reading: 'no selector' | 'text()',
): Promise<void> {
  const port = await openHostilePort(scenario);
  const isHandedOver = reading === 'no selector' && expected.kind !== 'fails' && expected.kind !== 'is silent';
  const isShort = expected.kind === 'is silent' || (expected.kind === 'stalls' && !isHandedOver);
  const result = await trial(port, undefined, method, reading, isShort ? SHORT_TIMEOUT_MS : LONG_TIMEOUT_MS);
  const context = `${method}, ${reading}`;

  if (isHandedOver) await expectResponse(result.value as Response, expected, context);
  else if (expected.kind === 'answers') expect(result.value).withContext(context).toBe(expected.body);
  else await expectError(result.error, expected, context);

  const isRetried = expected.kind === 'says' ? expected.status >= 500 : expected.kind !== 'answers' && !isHandedOver;
  const attempts = isRetried && method === 'GET' ? ATTEMPTS : 1;
  const requests = await port.requests();
  expect(requests.length)
    .withContext(context)
    .toBe(attempts * expected.requests);
  if (method === 'POST') {
    expect(requests.every(({ body, ...request }) => request.method !== 'POST' || body === UPLOAD)).toBeTrue();
  }
  expect(result.sequenceViolation).withContext(context).toBeUndefined();
  expect(result.elapsed)
    .withContext(context)
    .toBeLessThan(LONG_TIMEOUT_MS / 2);
  expect(result.notifications)
    .withContext(context)
    .toEqual(result.error === undefined ? ['next', 'complete'] : ['error']);
  await close(port);
}

async function expectResponse(response: Response, expected: Expectation, context: string): Promise<void> {
  expect(response.status)
    .withContext(context)
    .toBe('status' in expected ? expected.status : 200);
  if (expected.kind === 'answers') {
    expect(await response.text())
      .withContext(context)
      .toBe(expected.body);
  } else if (expected.kind === 'breaks off') await expectAsync(response.text()).withContext(context).toBeRejected();
  else await response.body!.cancel();
}

async function expectError(error: unknown, expected: Expectation, context: string): Promise<void> {
  if (expected.kind === 'says') {
    expect(error).withContext(context).toBeInstanceOf(HttpStatusError);
    await (error as HttpStatusError).response.body!.cancel();
  } else if (expected.kind === 'is silent' || expected.kind === 'stalls') {
    expect(error).withContext(context).toBeInstanceOf(HttpTimeoutError);
  } else {
    expect(error).withContext(context).toBeInstanceOf(HttpNetworkError);
    const { phase, sent, permanent } = error as HttpNetworkError;
    const expectedPhase = expected.kind === 'breaks off' ? 'body' : undefined;
    expect({ phase, sent, permanent })
      .withContext(context)
      .toEqual({ phase: expectedPhase, sent: undefined, permanent: undefined } as unknown as HttpNetworkError);
  }
}

async function close(port: RemoteHostilePort): Promise<void> {
  // Firefox keeps the connection of a body that the consumer cancels until more of it comes.
  if (!IS_FIREFOX) await port.quiet();
  await port.close();
}

describe('In a browser, a good answer after a hostile one', () => {
  for (const scenario of [
    'reset-after-request',
    'fin-in-body',
    'stall-in-body',
    'endless-503',
    'text-as-gzip',
  ] satisfies ScenarioName[]) {
    it(`is the value (${scenario})`, async () => {
      const port = await openHostilePort(scenario, { faults: 1 });
      const { value, end: last } = await trial(
        port,
        undefined,
        'GET',
        'text()',
        scenario === 'stall-in-body' ? 1_000 : LONG_TIMEOUT_MS,
      );

      expect({ value, last }).toEqual({ value: FULL_BODY, last: 'success 2' });
      await close(port);
    }, 15_000);
  }
});
