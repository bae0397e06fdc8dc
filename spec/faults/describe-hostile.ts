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
  type HostilePort,
  type HostileServer,
  type ScenarioName,
  WHOLE,
} from '../support/hostile-server.js';
import type { Expectation } from './expectation.js';
import { transports } from './transports.js';
import { ATTEMPTS, type Method, methods, type Reading, readings, trial, type Trial, UPLOAD } from './trial.js';

/** In ms. Long enough that no attempt times out that should not, even on a busy machine. */
const LONG_TIMEOUT_MS = 10_000;
/** In ms, for answers that never come. Anything else must come within it. */
const SHORT_TIMEOUT_MS = 200;
/** In ms, for a body that takes longer than this in total, but whose pauses are far shorter. */
const SLOW_BODY_TIMEOUT_MS = 500;
/** The time in ms that a busy machine may take in addition to the network. */
const SLACK_MS = 3_000;

/**
 * Defines a spec for each scenario and transport. It sends one request for each method and way of reading, all at once,
 * each to a port of its own.
 */
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
      if (runs.some(({ expected }) => timeoutFor(expected) === SHORT_TIMEOUT_MS)) {
        // These wait for a timeout, so they run together. Specs whose answer must come in time do not share the
        // machine.
        it(
          runs.map(({ title }) => title).join('; '),
          async () => {
            const results = await Promise.allSettled(runs.map(({ run }) => run()));
            for (const result of results) if (result.status === 'rejected') throw result.reason;
          },
          15_000,
        );
      } else {
        for (const { title, run } of runs) it(title, run, 15_000);
      }
    }
  });
}

interface NamedTransport {
  readonly name: string;
  readonly fetch: Transport | undefined;
}

async function checkAll(
  server: HostileServer,
  scenario: ScenarioName,
  transport: NamedTransport,
  expected: Expectation,
): Promise<void> {
  const pairs = Object.keys(methods).flatMap((method) =>
    Object.keys(readings).map((reading) => [method, reading] as [Method, Reading]),
  );
  // An Idempotency-Key changes retries, not reading, so one way of reading is enough for it.
  const checkedPairs = pairs.filter(
    ([method, reading]) => method !== 'POST with an Idempotency-Key' || reading === 'text()',
  );
  const results = await Promise.allSettled([
    ...checkedPairs.map(([method, reading]) => check(server, scenario, transport, expected, method, reading)),
    isRetried(expected, 'text()') && canRecover(scenario)
      ? checkRecovery(server, scenario, transport, expected)
      : undefined,
  ]);
  // Throws only after all have ended, so that none runs on during the next spec.
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

/**
 * Whether the server can answer the second attempt well. It cannot if the port is closed or the certificate is invalid.
 * In a redirect loop, the second answer still belongs to the first attempt.
 */
function canRecover(scenario: ScenarioName): boolean {
  return !/refused$|handshake|https|certificate|loop/.test(scenario);
}

/** Checks that a good answer after the fault is the value of the second attempt. */
async function checkRecovery(
  server: HostileServer,
  scenario: ScenarioName,
  { name, fetch }: NamedTransport,
  expected: Expectation,
): Promise<void> {
  const port = await server.openPort(scenario, { faults: 1 });
  const context = `${name}, with a good second answer`;
  const timeout = timeoutFor(expected) === LONG_TIMEOUT_MS ? LONG_TIMEOUT_MS : SLOW_BODY_TIMEOUT_MS;
  const {
    notifications,
    value,
    end,
    sequenceViolation: illegality,
  } = await trial(port, fetch, 'GET', 'text()', timeout);
  await expectQuiet(port);

  expect({ notifications, value, end, illegality })
    .withContext(context)
    .toEqual({ notifications: ['next', 'complete'], value: WHOLE, end: 'success 2', illegality: undefined });
  expect(port.requests.length)
    .withContext(context)
    .toBe(expected.requests + 1);
  await port.close();
}

async function check(
  server: HostileServer,
  scenario: ScenarioName,
  { name, fetch }: NamedTransport,
  expected: Expectation,
  method: Method,
  reading: Reading,
): Promise<void> {
  const port = await server.openPort(scenario);
  const isHandedOver = expected.kind === 'stalls' && reading === 'no selector';
  const result = await trial(port, fetch, method, reading, isHandedOver ? LONG_TIMEOUT_MS : timeoutFor(expected));
  const context = `${name}, ${method}, ${reading}`;
  const attempts = expectedAttempts(expected, method, reading, result);

  // The outcome.
  expectOutcome(result, expected, reading, context);
  expect(result.sequenceViolation).withContext(context).toBeUndefined();
  expect(result.end)
    .withContext(context)
    .toBe(expectedEnd(expected, reading, attempts));
  expectTime(result.elapsed, expected, reading, attempts, context);

  // The body of a Response that the consumer owns. It is read only after its end, since a failure before the read must
  // not be lost.
  const handedOver = result.error instanceof HttpStatusError ? result.error.response : result.value;
  if (handedOver instanceof Response) await expectBody(handedOver, port, expected, context);

  // The requests that the server received.
  if (!expected.lingers) await expectQuiet(port);
  const requests = attempts * expected.requests;
  expect(port.requests.length).withContext(`${context}: requests`).toBeLessThanOrEqual(requests);
  // On a busy machine the timeout may end before the request has arrived.
  if (!isShort(expected)) expect(port.requests.length).withContext(`${context}: requests`).toBe(requests);
  for (const request of port.requests) {
    if (request.complete && request.method === 'POST') expect(request.body).withContext(context).toBe(UPLOAD);
  }
  expect(result.notifications)
    .withContext(`${context}, afterwards`)
    .toEqual(result.error === undefined ? ['next', 'complete'] : ['error']);
  await port.close();
}

function isShort({ kind }: Expectation): boolean {
  return kind === 'is silent' || kind === 'stalls';
}

function timeoutFor(expected: Expectation): number {
  if (isShort(expected)) return SHORT_TIMEOUT_MS;
  return expected.kind === 'answers' && expected.slowly ? SLOW_BODY_TIMEOUT_MS : LONG_TIMEOUT_MS;
}

/** Whether a GET is retried. */
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

function expectedAttempts(expected: Expectation, method: Method, reading: Reading, { error }: Trial): number {
  if (!isRetried(expected, reading)) return 1;
  if (method !== 'POST') return ATTEMPTS;
  const unsent =
    expected.kind === 'fails' &&
    (expected.unsent === 'perhaps' ? (error as HttpNetworkError).sent === false : expected.unsent);
  return unsent ? ATTEMPTS : 1;
}

/** Whether json() must fail on an empty body. With a status that has no body, json() reads undefined. */
function isUnexpectedlyEmpty(expected: Expectation): boolean {
  return expected.kind === 'answers' && expected.body === '' && expected.status !== 204;
}

function expectedEnd(expected: Expectation, reading: Reading, attempts: number): string {
  if (isRetried(expected, reading)) return `failure ${attempts} ${attempts === ATTEMPTS ? 'attempts' : 'method'}`;
  const hasSelector = reading !== 'no selector';
  const isInvalidJson = reading === 'json()' && isUnexpectedlyEmpty(expected);
  return expected.kind === 'fails' || (expected.kind === 'says' && hasSelector) || isInvalidJson
    ? 'failure 1 permanent'
    : 'success 1';
}

function expectTime(elapsed: number, expected: Expectation, reading: Reading, attempts: number, context: string): void {
  const isTimeout = expected.kind === 'is silent' || (expected.kind === 'stalls' && reading !== 'no selector');
  const minElapsed = isTimeout ? attempts * SHORT_TIMEOUT_MS - 5 : 0;
  expect(elapsed).withContext(`${context}: time`).toBeGreaterThanOrEqual(minElapsed);
  expect(elapsed)
    .withContext(`${context}: time`)
    .toBeLessThan(minElapsed + SLACK_MS);
}

function expectOutcome(
  { notifications, value, error }: Trial,
  expected: Expectation,
  reading: Reading,
  context: string,
): void {
  const isHandedOver = reading === 'no selector' && expected.kind !== 'fails' && expected.kind !== 'is silent';
  if (isHandedOver || expected.kind === 'answers') {
    if (reading === 'json()' && isUnexpectedlyEmpty(expected)) {
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
      .toEqual(jasmine.objectContaining({ scope: 'attempt', limit: SHORT_TIMEOUT_MS }));
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
  const body = expected.kind === 'answers' ? expected.body : '';
  switch (reading) {
    case 'no selector':
      expect((value as Response).status)
        .withContext(context)
        .toBe('status' in expected ? expected.status : 200);
      break;
    case 'json()':
      expect(value)
        .withContext(context)
        .toEqual(body === '' ? undefined : JSON.parse(body));
      break;
    case 'text()':
      expect(value).withContext(context).toBe(body);
      break;
    case 'bytes()':
      expect(new TextDecoder().decode(value as Uint8Array))
        .withContext(context)
        .toBe(body);
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
  // The password in the URLs of some scenarios.
  for (const text of [message, JSON.stringify(error), inspect(error)]) {
    expect(text).withContext(context).not.toContain('sesame');
  }
}

async function expectBody(
  response: Response,
  port: HostilePort,
  expected: Expectation,
  context: string,
): Promise<void> {
  if (expected.kind === 'answers') {
    expect(await response.text())
      .withContext(context)
      .toBe(expected.body);
  } else if (expected.kind === 'breaks off' || (expected.kind === 'says' && expected.body === 'breaks off')) {
    await expectQuiet(port);
    await expectAsync(response.text()).withContext(`${context}: the body`).toBeRejected();
  } else {
    await response.body!.cancel();
  }
}

/** Waits until all open connections are idle, and fails with the others if that takes too long. */
async function expectQuiet(port: HostilePort): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, SLACK_MS, 'late');
  });
  if ((await Promise.race([port.quiet(), late])) === 'late') {
    fail(
      `${port.url}: still busy: ${JSON.stringify(port.connections.map(({ number, bytes, requests, busy }) => ({ number, bytes, requests, busy })))}`,
    );
  }
  clearTimeout(timer);
}

/** Describes the expected outcome, for the title of the spec. */
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
      return `a complete ${expected.status}`;
    case 'says':
      return `${expected.status}, whatever happens to its body`;
  }
}
