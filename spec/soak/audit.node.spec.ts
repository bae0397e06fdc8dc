import type { AttemptEvent, HttpAttempt } from '../../src/index.js';
import { WHOLE } from '../support/hostile-server.js';
import { Audit } from './audit.js';
import { type Plan, plans } from './plan.js';

const plan: Plan = {
  index: 0,
  scenario: 'reset-in-body',
  faults: 1,
  transport: 'fetch',
  method: 'GET',
  idempotencyKey: false,
  reads: 'text',
  attempts: 2,
  totalTimeout: false,
  unsubscribeAfter: undefined,
};

type Event = AttemptEvent<unknown, HttpAttempt>;

function attempt(number: number): HttpAttempt {
  return { number, of: 2, requestId: 'r', startedAt: 0, method: 'GET', url: 'http://a.test/', context: {} };
}
const start = (number: number): Event => ({ type: 'start', attempt: attempt(number) });
const retry = (number: number, error: unknown = new Error('down')): Event => {
  return {
    type: 'retry',
    attempt: attempt(number),
    elapsed: 1,
    delay: 1,
    outcome: { kind: 'error', attempt: attempt(number), error },
  };
};
const success = (number: number): Event => ({ type: 'success', attempt: attempt(number), elapsed: 1, total: 1 });

/** Returns the violations of a request with these steps. */
function violations(differs: Partial<Plan>, ...steps: readonly ((audit: Audit) => void)[]): string[] {
  const found: string[] = [];
  const audit = new Audit({ ...plan, ...differs }, found);
  for (const step of steps) step(audit);
  return found.map((violation) => violation.replace(/^#0 .*?\): /, ''));
}

const events =
  (...all: readonly Event[]) =>
  (audit: Audit): void => {
    for (const event of all) audit.onEvent(event);
  };
const twice = events(start(1), retry(1), start(2), success(2));
const value = (audit: Audit): void => {
  audit.onValue();
};
const completes = (audit: Audit): void => {
  audit.onSettle('completed');
};
const body =
  (text: string) =>
  (audit: Audit): void => {
    audit.onBody(text);
  };
const received =
  (times: number) =>
  (audit: Audit): void => {
    audit.close({ [audit.plan.scenario]: times });
  };

describe('The audit of a request', () => {
  it('finds nothing in a correct request', () => {
    expect(violations({}, twice, value, body(WHOLE), completes, received(2))).toEqual([]);
    expect(violations({ method: 'POST' }, events(start(1), success(1)), value, completes, received(1))).toEqual([]);
    expect(violations({ method: 'POST', idempotencyKey: true }, twice, value, completes, received(2))).toEqual([]);
    const unsent = events(start(1), retry(1, { sent: false }), start(2), success(2));
    expect(violations({ method: 'POST' }, unsent, value, completes, received(1))).toEqual([]);
    expect(violations({ scenario: 'no-content' }, twice, value, body(''), completes, received(1))).toEqual([]);
  });

  it('finds requests that never settle, or settle more than once', () => {
    expect(violations({}, twice, received(2))).toEqual(['it never settled']);
    expect(violations({}, twice, value, completes, completes, received(2))).toEqual([
      'completed after the end: completed',
    ]);
    expect(violations({}, twice, value, completes, value, received(2))).toEqual([
      'a value after the end: completed',
      'a second value',
    ]);
    expect(violations({}, twice, completes, received(2))).toEqual(['completed without a value']);
    expect(violations({}, value, completes, twice, received(2))).toContain('an attempt starts after the end');
  });

  it('finds attempts that never settle or settle twice, too many attempts, and a wrong order', () => {
    expect(violations({}, events(start(1)), value, completes, received(1))).toEqual(['a request without an end']);
    expect(violations({}, twice, events(success(2)), value, completes, received(1))[0]).toMatch(
      /^success of attempt 2 at place 4/,
    );
    expect(violations({ attempts: 1 }, twice, value, completes, received(1))).toEqual([
      'there are more attempts than 1',
    ]);
    expect(violations({}, events(start(1), retry(1), start(1), success(1)), value, completes, received(1))).toEqual([
      'start 2 is of attempt 1',
    ]);
  });

  it('finds a second response, a response after the end, and a hold that is told twice', () => {
    const held = { type: 'hold', attempt: start(1).attempt, gate: 'limit' } as const;
    const response = {
      type: 'response',
      attempt: start(1).attempt,
      response: new Response(),
      url: 'http://a.test/',
      elapsed: 0,
    } as const;
    const settled = [value, completes, received(1)];
    expect(violations({}, events(held, start(1), response, success(1)), ...settled)).toEqual([]);
    expect(violations({}, events(start(1), response, response, success(1)), ...settled)[0]).toMatch(
      /^response of attempt 1 at place 2, in state answered/,
    );
    expect(violations({}, events(start(1), success(1), response), ...settled)[0]).toMatch(
      /^response of attempt 1 at place 2, in state ended/,
    );
    expect(violations({}, events(held, held, start(1), success(1)), ...settled)[0]).toMatch(
      /^hold of attempt 1 at place 1, in state held/,
    );
  });

  it('finds incomplete bodies, except those that no client can detect', () => {
    expect(violations({}, body(WHOLE.slice(1)))[0]).toMatch(
      new RegExp(`^a body of ${WHOLE.length - 1} characters was emitted as complete: [0-9a-f]{16}$`),
    );
    expect(violations({}, body('')).length).toBe(1);
    expect(violations({ scenario: 'truncated-gzip' }, body(WHOLE.slice(0, 9)))).toEqual([]);
    expect(violations({ scenario: 'truncated-gzip' }, body('forged')).length).toBe(1);
    expect(violations({ scenario: 'truncated-gzip', transport: 'undici' }, body(WHOLE.slice(0, 9))).length).toBe(1);
  });

  it('finds requests that reached the server too often, or not at all', () => {
    expect(violations({}, twice, value, completes, received(3))).toEqual([
      '2 attempts and 0 hedges reached the server 3 times',
    ]);
    expect(violations({}, twice, value, completes, received(0))).toEqual(['it completed without the server']);
    const post = violations({ method: 'POST' }, twice, value, completes, received(2));
    expect(post).toEqual([
      'a POST without a key was tried 2 times, 0 of them unsent',
      'a POST without a key reached the server 2 times',
    ]);
  });
});

describe('The plans of a soak', () => {
  const first = (seed: number): Plan[] => {
    const all = plans(seed);
    return Array.from({ length: 2_000 }, () => all.next().value);
  };

  it('are equal for equal seeds, and differ for others', () => {
    expect(first(1)).toEqual(first(1));
    expect(first(1)).not.toEqual(first(2));
  });

  it('rarely have endless answers, and have every scenario at least once', () => {
    const names = first(1).map(({ scenario }) => scenario);
    const share = (wanted: string): number => names.filter((name) => name === wanted).length;
    expect(share('endless-404')).toBeLessThan(share('ok'));
    expect(new Set(names).size).toBeGreaterThan(70);
    expect(names).toContain('endless-headers');
  });
});
