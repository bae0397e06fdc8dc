import { of, throwError, type Observable } from 'rxjs';

import { constant, retryWithStrategy, type AttemptEvent, type Backoff, type RetryStrategy } from '../../src/index.js';
import { withoutResponses } from '../support/attempt-events.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { answer, HttpErrorResponse, HttpResponse } from '../support/look-alikes.js';
import { inVirtualTime } from '../support/virtual-time.js';

/** The decision of the strategy on an outcome of attempt 1 of 2: `accept`, `retry`, or the reason of the failure. */
function decide(strategy: RetryStrategy, outcome: Observable<unknown>): string {
  return inVirtualTime(({ flush }) => {
    const events: AttemptEvent[] = [];
    outcome
      .pipe(retryWithStrategy({ attempts: 2, backoff: constant(1), ...strategy }, { observe: 'attempts' }))
      .subscribe({ next: (event) => events.push(event), error: () => undefined });
    flush();
    const decision = withoutResponses(events).find(({ type, attempt }) => type !== 'start' && attempt.number === 1);
    return decision?.type === 'failure'
      ? decision.reason
      : decision?.type === 'value'
        ? 'accept'
        : (decision?.type ?? 'nothing');
  });
}

const failing = (error: unknown): Observable<never> => throwError(() => error);
const status = (code: number): Observable<unknown> => of(answer(code));

class DatabaseError extends Error {}
class LockError extends DatabaseError {}
abstract class Abstract extends Error {}
class Concrete extends Abstract {
  constructor(readonly code: number) {
    super();
  }
}

describe('RetryStrategy', () => {
  describe('by default', () => {
    for (const code of [408, 425, 429, 500, 501, 502, 503, 504, 507, 511, 599]) {
      it(`retries status ${String(code)}`, () => {
        expect(decide({}, status(code))).toBe('retry');
        expect(decide({}, failing(new HttpErrorResponse(code)))).toBe('retry');
      });
    }

    for (const code of [200, 201, 204, 206, 304, 400, 401, 403, 404, 405, 409, 410, 412, 413, 418, 422, 451, 499]) {
      it(`does not retry status ${String(code)}`, () => {
        expect(decide({}, status(code))).toBe('accept');
        expect(decide({}, failing(new HttpErrorResponse(code)))).toBe('permanent');
      });
    }

    it('retries every error except an AbortError', () => {
      for (const error of [
        new Error('down'),
        new TypeError('Failed to fetch'),
        new DOMException('slow', 'TimeoutError'),
        'a string',
        undefined,
        null,
        0,
      ]) {
        expect(decide({}, failing(error)))
          .withContext(String(error))
          .toBe('retry');
      }
      expect(decide({}, failing(new DOMException('aborted', 'AbortError')))).toBe('permanent');
      expect(decide({}, failing(Object.assign(new Error('aborted'), { name: 'AbortError' })))).toBe('permanent');
    });

    it('accepts every value that does not look like HTTP', () => {
      for (const value of [
        0,
        '',
        false,
        null,
        undefined,
        {},
        [],
        new Error('a value all the same'),
        503,
        { status: 503 },
      ]) {
        expect(decide({}, of(value)))
          .withContext(JSON.stringify(value))
          .toBe('accept');
      }
    });
  });

  describe('statuses', () => {
    it('replaces the default list, and leaves server errors to retryAllServerErrors', () => {
      expect(decide({ statuses: [404] }, status(404))).toBe('retry');
      expect(decide({ statuses: [404] }, status(429))).toBe('accept');
      expect(decide({ statuses: [404] }, status(503))).toBe('retry');
      expect(decide({ statuses: [] }, status(408))).toBe('accept');
      expect(decide({ statuses: [] }, status(500))).toBe('retry');
    });

    it('can list a success status', () => {
      expect(decide({ statuses: [202] }, status(202))).toBe('retry');
    });
  });

  describe('retryAllServerErrors', () => {
    it('false retries only the server errors that statuses lists', () => {
      expect(decide({ retryAllServerErrors: false }, status(503))).toBe('accept');
      expect(decide({ retryAllServerErrors: false }, failing(new HttpErrorResponse(500)))).toBe('permanent');
      expect(decide({ retryAllServerErrors: false }, status(429))).toBe('retry');
      expect(decide({ retryAllServerErrors: false, statuses: [503] }, status(503))).toBe('retry');
      expect(decide({ retryAllServerErrors: false, statuses: [503] }, status(500))).toBe('accept');
    });
  });

  describe('errors', () => {
    it('retries only errors of the listed classes and their subclasses', () => {
      expect(decide({ errors: [DatabaseError] }, failing(new DatabaseError()))).toBe('retry');
      expect(decide({ errors: [DatabaseError] }, failing(new LockError()))).toBe('retry');
      expect(decide({ errors: [DatabaseError] }, failing(new Error('down')))).toBe('permanent');
      expect(decide({ errors: [LockError] }, failing(new DatabaseError()))).toBe('permanent');
      expect(decide({ errors: [RangeError, LockError] }, failing(new LockError()))).toBe('retry');
      expect(decide({ errors: [DatabaseError] }, failing('a string'))).toBe('permanent');
      expect(decide({ errors: [DatabaseError] }, failing(undefined))).toBe('permanent');
    });

    it('can list abstract classes and classes with constructor parameters', () => {
      expect(decide({ errors: [Abstract] }, failing(new Concrete(1)))).toBe('retry');
      expect(decide({ errors: [Concrete] }, failing(new Concrete(1)))).toBe('retry');
    });

    it('retries no error when it is empty', () => {
      expect(decide({ errors: [] }, failing(new Error('down')))).toBe('permanent');
    });

    it('does not apply to an error with an HTTP status', () => {
      expect(decide({ errors: [DatabaseError] }, failing(new HttpErrorResponse(503)))).toBe('retry');
      expect(decide({ errors: [HttpErrorResponse] }, failing(new HttpErrorResponse(404)))).toBe('permanent');
    });
  });

  describe('methods', () => {
    it('has no effect on the operator, which does not know the method', () => {
      expect(decide({ methods: [] }, failing(new Error('down')))).toBe('retry');
      expect(decide({ methods: ['GET'] }, status(503))).toBe('retry');
    });
  });

  describe('shouldRetry', () => {
    it('retries when it returns true, whatever the other fields say', () => {
      const shouldRetry = (): boolean => true;
      expect(decide({ shouldRetry }, of('fine'))).toBe('retry');
      expect(decide({ shouldRetry }, status(200))).toBe('retry');
      expect(decide({ shouldRetry }, failing(new HttpErrorResponse(404)))).toBe('retry');
      expect(decide({ shouldRetry, errors: [] }, failing(new Error('down')))).toBe('retry');
      expect(decide({ shouldRetry }, failing(new DOMException('aborted', 'AbortError')))).toBe('retry');
    });

    it('accepts when it returns false: a value is emitted, an error is final', () => {
      const shouldRetry = (): boolean => false;
      expect(decide({ shouldRetry }, status(503))).toBe('accept');
      expect(decide({ shouldRetry }, of(new HttpResponse(null, 503)))).toBe('accept');
      expect(decide({ shouldRetry }, failing(new Error('down')))).toBe('permanent');
      expect(decide({ shouldRetry }, failing(new HttpErrorResponse(503)))).toBe('permanent');
    });

    it('leaves the decision to the other fields when it returns undefined', () => {
      const shouldRetry = (): undefined => undefined;
      expect(decide({ shouldRetry }, status(503))).toBe('retry');
      expect(decide({ shouldRetry }, status(404))).toBe('accept');
      expect(decide({ shouldRetry }, of('fine'))).toBe('accept');
      expect(decide({ shouldRetry }, failing(new Error('down')))).toBe('retry');
      expect(decide({ shouldRetry, errors: [] }, failing(new Error('down')))).toBe('permanent');
    });

    it('does not override the number of attempts', () => {
      expect(decide({ shouldRetry: () => true, attempts: 1 }, of('fine'))).toBe('attempts');
      expect(decide({ shouldRetry: () => true, attempts: 1 }, failing(new Error('down')))).toBe('attempts');
    });
  });

  describe('random', () => {
    it('is the source of random numbers for the backoff', () => {
      const drawn: number[] = [];
      let draws = 0;
      const backoff: Backoff = ({ random }) => {
        drawn.push(random(), random());
        return 1;
      };
      expect(decide({ backoff, random: () => (draws += 1) / 8, attempts: 3 }, failing(new Error('down')))).toBe(
        'retry',
      );
      expect(drawn).toEqual([0.125, 0.25, 0.375, 0.5]);
    });

    it('is Math.random by default', () => {
      const chance = spyOn(Math, 'random').and.returnValue(0.625);
      let drawn = 0;
      const backoff: Backoff = ({ random }) => (drawn = random());
      expect(decide({ backoff }, failing(new Error('down')))).toBe('retry');
      expect(drawn).toBe(0.625);
      expect(chance).toHaveBeenCalled();
    });
  });

  describe('is refused', () => {
    const refused = (field: string, value: unknown, ...kinds: ErrorConstructor[]): void => {
      it(`with ${field}: ${shown(value)}`, () => {
        const parts =
          typeof value === 'number' || value === null ? [String(value)] : typeof value === 'string' ? [value] : [];
        expectRefusal(() => retryWithStrategy({ [field]: value }), kinds, field, ...parts);
      });
    };

    refused('attempts', 0, RangeError);
    refused('attempts', -1, RangeError);
    refused('attempts', 2.5, RangeError);
    refused('attempts', Number.NaN, RangeError);
    refused('attempts', Number.NEGATIVE_INFINITY, RangeError);
    refused('attempts', '3', TypeError);
    refused('attempts', null, TypeError);

    refused('backoff', 100, TypeError);
    refused('backoff', null, TypeError);
    refused('backoff', {}, TypeError);
    it('with a backoff whose own attempts are 0', () => {
      expectRefusal(
        () => retryWithStrategy({ backoff: Object.assign(() => 1, { attempts: 0 }) }),
        [RangeError],
        'attempts',
        '0',
      );
    });

    refused('methods', 'GET', TypeError);
    refused('methods', [1], TypeError);
    refused('statuses', 503, TypeError);
    refused('statuses', ['503'], TypeError);
    refused('statuses', [Number.NaN], TypeError, RangeError);
    refused('retryAllServerErrors', 'no', TypeError);
    refused('errors', Error, TypeError);
    refused('errors', ['TypeError'], TypeError);
    refused('shouldRetry', true, TypeError);
    refused('maxRetryAfter', -1, RangeError);
    refused('maxRetryAfter', Number.NaN, RangeError);
    refused('maxRetryAfter', '60', TypeError);
    refused('rotation', 'shuffle', TypeError, RangeError);
    refused('random', 0.5, TypeError);
    refused('resetOnSuccess', 1, TypeError);

    it('with an unknown or misspelt field', () => {
      expectRefusal(() => retryWithStrategy({ attempt: 3 } as RetryStrategy), [TypeError], 'attempt');
      expectRefusal(() => retryWithStrategy({ retries: 3, attempts: 3 } as RetryStrategy), [TypeError], 'retries');
    });

    it('when it is not an object', () => {
      expectRefusal(() => retryWithStrategy(3 as unknown as RetryStrategy), [TypeError], '3');
      expectRefusal(() => retryWithStrategy('often' as unknown as RetryStrategy), [TypeError], 'often');
      expectRefusal(() => retryWithStrategy(null as unknown as RetryStrategy), [TypeError], 'null');
      expectRefusal(() => retryWithStrategy((() => true) as unknown as RetryStrategy), [TypeError]);
    });

    it('with an error that says what was expected', () => {
      expectRefusal(
        () => retryWithStrategy({ rotation: 'shuffle' as unknown as 'hold' }),
        [TypeError, RangeError],
        'rotation',
        'shuffle',
        'cycle',
        'hold',
      );
      expectRefusal(() => retryWithStrategy({ backoff: 100 as unknown as Backoff }), [TypeError], 'function');
      expectRefusal(() => retryWithStrategy({ statuses: 503 as unknown as number[] }), [TypeError], 'array');
    });
  });

  it('can have every field at the limit of its range', () => {
    const strategy: RetryStrategy = {
      attempts: Number.POSITIVE_INFINITY,
      backoff: constant(0),
      methods: [],
      statuses: [],
      retryAllServerErrors: false,
      errors: [],
      shouldRetry: () => undefined,
      maxRetryAfter: 0,
      rotation: 'hold',
      random: () => 0,
      resetOnSuccess: true,
    };
    expect(() => retryWithStrategy(strategy)).not.toThrow();
    expect(() =>
      retryWithStrategy({ attempts: 1, rotation: 'cycle', maxRetryAfter: Number.POSITIVE_INFINITY }),
    ).not.toThrow();
    expect(() => retryWithStrategy()).not.toThrow();
    expect(() => retryWithStrategy({})).not.toThrow();
  });

  it('treats undefined in any field as absent', () => {
    const fields = [
      'attempts',
      'backoff',
      'methods',
      'statuses',
      'retryAllServerErrors',
      'errors',
      'shouldRetry',
      'maxRetryAfter',
      'rotation',
      'random',
      'resetOnSuccess',
    ];
    const absent = Object.fromEntries(fields.map((field) => [field, undefined])) as RetryStrategy;
    expect(decide({ ...absent, attempts: 2, backoff: constant(1) }, status(503))).toBe('retry');
    expect(decide({ ...absent, attempts: 2, backoff: constant(1) }, failing(new Error('down')))).toBe('retry');
    expect(() => retryWithStrategy(absent)).not.toThrow();
  });
});

function shown(value: unknown): string {
  return typeof value === 'function' ? value.name : typeof value === 'number' ? String(value) : JSON.stringify(value);
}
