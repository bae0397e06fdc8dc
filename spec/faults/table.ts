import { inspect } from 'node:util';

import {
  HttpNetworkError,
  HttpParseError,
  HttpStatusError,
  HttpTimeoutError,
  type Transport,
} from '../../src/index.js';
import {
  hostileServer,
  type HostilePlace,
  type HostileServer,
  type ScenarioName,
  WHOLE,
} from '../support/hostile-server.js';
import type { Expectation } from './expectation.js';
import { transports } from './transports.js';
import { ATTEMPTS, type Method, methods, type Reading, readings, trial, type Trial, UPLOAD } from './trial.js';

/** Long enough for what must not be cut short by it, however busy the machine. */
const PATIENT = 10_000;
/** For what never comes; what does come must do so within it. */
const SHORT = 200;
/** Of a body that takes longer than this in all, and is never silent for nearly as long. */
const SLOW = 500;
/** What a busy machine may take beyond what the network does. */
const SLACK = 3_000;

/** A spec for each scenario and transport: with each method and each way of reading, at the same time, each at a port of its own. */
export function describeHostile(title: string, rows: Partial<Record<ScenarioName, Expectation>>): void {
  describe(title, () => {
    let server: HostileServer;

    beforeAll(async () => {
      server = await hostileServer();
    });

    afterAll(() => server.close());

    for (const [scenario, row] of Object.entries(rows) as [ScenarioName, Expectation][]) {
      const runs = transports.map(({ name, make }) => {
        const expected = row.but?.[name] ?? row;
        return {
          title: `${name}, ${scenario}: ${describeOutcome(expected)}`,
          expected,
          run: () => checkAll(server, scenario, { name, fetch: make() }, expected),
        };
      });
      if (runs.some(({ expected }) => timeoutFor(expected) === SHORT)) {
        // They wait in vain. Those that must hear something in time do not share that time with other transports.
        it(
          runs.map(({ title }) => title).join('; '),
          async () => {
            const all = await Promise.allSettled(runs.map(({ run }) => run()));
            for (const one of all) if (one.status === 'rejected') throw one.reason;
          },
          15_000,
        );
      } else {
        for (const { title, run } of runs) it(title, run, 15_000);
      }
    }
  });
}

interface Through {
  readonly name: string;
  readonly fetch: Transport | undefined;
}

async function checkAll(
  server: HostileServer,
  scenario: ScenarioName,
  through: Through,
  expected: Expectation,
): Promise<void> {
  const pairs = Object.keys(methods).flatMap((method) =>
    Object.keys(readings).map((reading) => [method, reading] as [Method, Reading]),
  );
  // What the key changes has nothing to do with who reads.
  const some = pairs.filter(([method, reading]) => method !== 'POST with an Idempotency-Key' || reading === 'text()');
  const all = await Promise.allSettled([
    ...some.map(([method, reading]) => check(server, scenario, through, expected, method, reading)),
    isRetried(expected, 'text()') && canGoWell(scenario)
      ? checkRecovery(server, scenario, through, expected)
      : undefined,
  ]);
  // Only when all are over, so that none runs on beside the next spec.
  for (const one of all) if (one.status === 'rejected') throw one.reason;
}

/**
 * Whether a second answer can be a good one: not where nobody listens, or the certificate is wrong for good; and of a loop, the second answer
 * is still the first attempt's.
 */
function canGoWell(scenario: ScenarioName): boolean {
  return !/refused$|handshake|https|certificate|loop/.test(scenario);
}

/** A scenario, and then a good answer: the value of the second attempt. */
async function checkRecovery(
  server: HostileServer,
  scenario: ScenarioName,
  { name, fetch }: Through,
  expected: Expectation,
): Promise<void> {
  const place = await server.place(scenario, { faults: 1 });
  const context = `${name}, with a good second answer`;
  const timeout = timeoutFor(expected) === PATIENT ? PATIENT : SLOW;
  const { notifications, value, end, illegality } = await trial(place, fetch, 'GET', 'text()', timeout);
  await quiet(place);

  expect({ notifications, value, end, illegality })
    .withContext(context)
    .toEqual({ notifications: ['next', 'complete'], value: WHOLE, end: 'success 2', illegality: undefined });
  expect(place.requests.length)
    .withContext(context)
    .toBe(expected.requests + 1);
  await place.close();
}

async function check(
  server: HostileServer,
  scenario: ScenarioName,
  { name, fetch }: Through,
  expected: Expectation,
  method: Method,
  reading: Reading,
): Promise<void> {
  const place = await server.place(scenario);
  const isHandedOver = expected.kind === 'stalls' && reading === 'no selector';
  const result = await trial(place, fetch, method, reading, isHandedOver ? PATIENT : timeoutFor(expected));
  const context = `${name}, ${method}, ${reading}`;
  const attempts = attemptsOf(expected, method, reading, result);

  // What is said of the outcome.
  expectOutcome(result, expected, reading, context);
  expect(result.illegality).withContext(context).toBeUndefined();
  expect(result.end)
    .withContext(context)
    .toBe(endOf(expected, reading, attempts));
  expectTime(result.elapsed, expected, reading, attempts, context);

  // What the body is to whoever gets the Response. It is read only now that nothing more comes: a failure that nobody waited for must not
  // have been lost.
  const handedOver = result.error instanceof HttpStatusError ? result.error.response : result.value;
  if (handedOver instanceof Response) await expectBody(handedOver, place, expected, context);

  // What the server saw.
  if (!expected.lingers) await quiet(place);
  const requests = attempts * expected.requests;
  expect(place.requests.length).withContext(`${context}: requests`).toBeLessThanOrEqual(requests);
  // On a busy machine the timeout may be over before the request has come.
  if (!isShort(expected)) expect(place.requests.length).withContext(`${context}: requests`).toBe(requests);
  for (const request of place.requests) {
    if (request.complete && request.method === 'POST') expect(request.body).withContext(context).toBe(UPLOAD);
  }
  expect(result.notifications)
    .withContext(`${context}, afterwards`)
    .toEqual(result.error === undefined ? ['next', 'complete'] : ['error']);
  await place.close();
}

function isShort({ kind }: Expectation): boolean {
  return kind === 'is silent' || kind === 'stalls';
}

function timeoutFor(expected: Expectation): number {
  if (isShort(expected)) return SHORT;
  return expected.kind === 'answers' && expected.slowly ? SLOW : PATIENT;
}

/** Whether a GET is tried again. */
function isRetried(expected: Expectation, reading: Reading): boolean {
  switch (expected.kind) {
    case 'fails':
      return expected.permanent !== true;
    case 'is silent':
      return true;
    case 'breaks off':
    case 'stalls':
      return reading !== 'no selector';
    case 'answers':
    case 'says':
      return expected.status >= 500;
  }
}

function attemptsOf(expected: Expectation, method: Method, reading: Reading, { error }: Trial): number {
  if (!isRetried(expected, reading)) return 1;
  if (method !== 'POST') return ATTEMPTS;
  const unsent =
    expected.kind === 'fails' &&
    (expected.unsent === 'perhaps' ? (error as HttpNetworkError).sent === false : expected.unsent);
  return unsent ? ATTEMPTS : 1;
}

/** No bytes are a text, but no JSON, unless the status says that there are none: then they are read as undefined. */
function isEmpty(expected: Expectation): boolean {
  return expected.kind === 'answers' && expected.body === '' && expected.status !== 204;
}

function endOf(expected: Expectation, reading: Reading, attempts: number): string {
  if (isRetried(expected, reading)) return `failure ${attempts} ${attempts === ATTEMPTS ? 'attempts' : 'method'}`;
  const isSelected = reading !== 'no selector';
  const isNoJson = reading === 'json()' && isEmpty(expected);
  return expected.kind === 'fails' || (expected.kind === 'says' && isSelected) || isNoJson
    ? 'failure 1 permanent'
    : 'success 1';
}

function expectTime(elapsed: number, expected: Expectation, reading: Reading, attempts: number, context: string): void {
  const silent = expected.kind === 'is silent' || (expected.kind === 'stalls' && reading !== 'no selector');
  const least = silent ? attempts * SHORT - 5 : 0;
  expect(elapsed).withContext(`${context}: time`).toBeGreaterThanOrEqual(least);
  expect(elapsed)
    .withContext(`${context}: time`)
    .toBeLessThan(least + SLACK);
}

function expectOutcome(
  { notifications, value, error }: Trial,
  expected: Expectation,
  reading: Reading,
  context: string,
): void {
  const isHandedOver = reading === 'no selector' && expected.kind !== 'fails' && expected.kind !== 'is silent';
  if (isHandedOver || expected.kind === 'answers') {
    if (reading === 'json()' && isEmpty(expected)) {
      expect(error).withContext(context).toBeInstanceOf(HttpParseError);
    } else {
      expect(error).withContext(context).toBeUndefined();
      expectValue(value, expected, reading, context);
    }
    return;
  }
  expect(notifications).withContext(context).toEqual(['error']);
  if (isShort(expected)) {
    expect(error).withContext(context).toBeInstanceOf(HttpTimeoutError);
    expect(error)
      .withContext(context)
      .toEqual(jasmine.objectContaining({ scope: 'attempt', limit: SHORT }));
  } else if (expected.kind === 'says') {
    expect(error).withContext(context).toBeInstanceOf(HttpStatusError);
    expect((error as HttpStatusError).status)
      .withContext(context)
      .toBe(expected.status);
  } else {
    expectNetworkError(error, expected, context);
  }
}

function expectValue(value: unknown, expected: Expectation, reading: Reading, context: string): void {
  const whole = expected.kind === 'answers' ? expected.body : '';
  switch (reading) {
    case 'no selector':
      expect((value as Response).status)
        .withContext(context)
        .toBe('status' in expected ? expected.status : 200);
      break;
    case 'json()':
      expect(value)
        .withContext(context)
        .toEqual(whole === '' ? undefined : JSON.parse(whole));
      break;
    case 'text()':
      expect(value).withContext(context).toBe(whole);
      break;
    case 'bytes()':
      expect(new TextDecoder().decode(value as Uint8Array))
        .withContext(context)
        .toBe(whole);
  }
}

function expectNetworkError(error: unknown, expected: Expectation, context: string): void {
  expect(error).withContext(context).toBeInstanceOf(HttpNetworkError);
  const { phase, sent, permanent, message, cause } = error as HttpNetworkError;
  const phases = expected.kind === 'fails' ? expected.phases : ['body'];
  expect(phases).withContext(`${context}: phase of "${message}"`).toContain(phase);
  expect(cause).withContext(context).toBeDefined();
  if (expected.kind !== 'fails' || expected.unsent === false) {
    expect(sent).withContext(`${context}: sent`).toBeUndefined();
  } else if (expected.unsent === true) expect(sent).withContext(`${context}: sent`).toBeFalse();
  expect(permanent)
    .withContext(`${context}: permanent`)
    .toEqual(expected.kind === 'fails' && expected.permanent ? true : undefined);
  // The password of scenarios that have one.
  for (const text of [message, JSON.stringify(error), inspect(error)]) {
    expect(text).withContext(context).not.toContain('sesame');
  }
}

async function expectBody(
  response: Response,
  place: HostilePlace,
  expected: Expectation,
  context: string,
): Promise<void> {
  if (expected.kind === 'answers') {
    expect(await response.text())
      .withContext(context)
      .toBe(expected.body);
  } else if (expected.kind === 'breaks off' || (expected.kind === 'says' && expected.body === 'breaks off')) {
    await quiet(place);
    await expectAsync(response.text()).withContext(`${context}: the body`).toBeRejected();
  } else {
    await response.body!.cancel();
  }
}

/** Waits until no connection is left but those that rest, and says which are if that takes too long. */
async function quiet(place: HostilePlace): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, SLACK, 'late');
  });
  if ((await Promise.race([place.quiet(), late])) === 'late') {
    fail(
      `${place.url}: left open: ${JSON.stringify(place.connections.map(({ number, bytes, requests, busy }) => ({ number, bytes, requests, busy })))}`,
    );
  }
  clearTimeout(timer);
}

/** The outcome, in words for the title. */
function describeOutcome(expected: Expectation): string {
  switch (expected.kind) {
    case 'fails':
      return `an HttpNetworkError${expected.phases[0] ? ` of phase ${expected.phases.filter((phase) => phase).join(' or ')}` : ''}${
        expected.permanent ? ', not retried' : ''
      }${expected.unsent === true ? ', unsent' : ''}`;
    case 'is silent':
      return 'an HttpTimeoutError';
    case 'breaks off':
      return 'a body that fails, to a selector in phase body';
    case 'stalls':
      return 'a body that stalls, to a selector an HttpTimeoutError';
    case 'answers':
      return `a whole ${expected.status}`;
    case 'says':
      return `${expected.status}, whatever becomes of its body`;
  }
}
