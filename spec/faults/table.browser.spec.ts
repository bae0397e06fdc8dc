import { HttpNetworkError, HttpStatusError, HttpTimeoutError } from '../../src/index.js';
import { WHOLE } from '../support/hostile/whole.js';
import { hostilePlace, type RemotePlace } from '../support/hostile-server.browser.js';
import type { ScenarioName } from '../support/hostile-server.js';
import { answers, breaksOff, type Expectation, fails, isSilent, says, stalls } from './expectation.js';
import { ATTEMPTS, type Method, trial, UPLOAD } from './trial.js';

/** A browser does not tell how far a request had come. */
const failsSomewhere = fails([undefined]);
const failsUnread = fails([undefined], { requests: 0 });

const SHORT = 400;
const PATIENT = 10_000;

/** What a page can see of a hostile server. Some of what Node's clients refuse, a browser takes. */
const rows: Partial<Record<ScenarioName, Expectation>> = {
  refused: failsUnread,
  'reset-on-accept': failsUnread,
  'fin-on-accept': failsUnread,
  'self-signed-certificate': failsUnread,
  'fin-in-handshake': failsUnread,
  'http-on-https-url': failsUnread,
  'https-on-http-url': failsUnread,
  'stall-on-accept': isSilent({ requests: 0 }),
  'reset-after-request': failsSomewhere,
  'fin-after-request': failsSomewhere,
  'stall-after-request': isSilent(),
  'stall-in-headers': isSilent(),
  'stall-after-headers': stalls,
  'stall-in-body': stalls,
  'stall-before-last-chunk': stalls,
  'fin-in-body': breaksOff,
  'fin-in-chunk': breaksOff,
  'fin-before-last-chunk': breaksOff,
  'bad-chunk-size': breaksOff,
  'no-http': failsSomewhere,
  'nul-in-header': failsSomewhere,
  'huge-header': failsSomewhere,
  'conflicting-content-length': failsSomewhere,
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
  'redirect-to-refused': failsSomewhere,
  'redirect-to-bad-url': failsSomewhere,
  'redirect-loop': fails([undefined], { requests: 21 }),
};

describe('In a browser, a hostile server', () => {
  for (const [scenario, expected] of Object.entries(rows) as [ScenarioName, Expectation][]) {
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
  const place = await hostilePlace(scenario);
  const isHandedOver = reading === 'no selector' && expected.kind !== 'fails' && expected.kind !== 'is silent';
  const isShort = expected.kind === 'is silent' || (expected.kind === 'stalls' && !isHandedOver);
  const result = await trial(place, undefined, method, reading, isShort ? SHORT : PATIENT);
  const context = `${method}, ${reading}`;

  if (isHandedOver) await expectResponse(result.value as Response, expected, context);
  else if (expected.kind === 'answers') expect(result.value).withContext(context).toBe(expected.body);
  else await expectError(result.error, expected, context);

  const isRetried = expected.kind === 'says' ? expected.status >= 500 : expected.kind !== 'answers' && !isHandedOver;
  const attempts = isRetried && method === 'GET' ? ATTEMPTS : 1;
  const requests = await place.requests();
  expect(requests.length)
    .withContext(context)
    .toBe(attempts * expected.requests);
  if (method === 'POST') {
    expect(requests.every(({ body, ...request }) => request.method !== 'POST' || body === UPLOAD)).toBeTrue();
  }
  expect(result.illegality).withContext(context).toBeUndefined();
  expect(result.elapsed)
    .withContext(context)
    .toBeLessThan(PATIENT / 2);
  expect(result.notifications)
    .withContext(context)
    .toEqual(result.error === undefined ? ['next', 'complete'] : ['error']);
  await end(place);
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
    const told = expected.kind === 'breaks off' ? 'body' : undefined;
    expect({ phase, sent, permanent })
      .withContext(context)
      .toEqual({ phase: told, sent: undefined, permanent: undefined } as unknown as HttpNetworkError);
  }
}

async function end(place: RemotePlace): Promise<void> {
  await place.quiet();
  await place.close();
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
      const place = await hostilePlace(scenario, { faults: 1 });
      const { value, end: last } = await trial(
        place,
        undefined,
        'GET',
        'text()',
        scenario === 'stall-in-body' ? 1_000 : PATIENT,
      );

      expect({ value, last }).toEqual({ value: WHOLE, last: 'success 2' });
      await end(place);
    }, 15_000);
  }
});
