import { of, Subject, throwError } from 'rxjs';

import {
  constant,
  defineGate,
  type Gate,
  type GateDefinition,
  GateRejectedError,
  isHttpError,
  json,
  RetryClient,
  type RetryStrategy,
  retryWithStrategy,
} from '../../../src/index.js';
import { findSequenceViolation, listen, plot } from '../../support/attempt-events.js';
import { formatEvent, watch } from '../../support/event-log.js';
import { forms, noteGate, notebook, send, url } from '../../support/gate-forms.js';
import { network } from '../../support/scripted-network.js';
import { settled } from '../../support/settled.js';
import { inVirtualTime, marbles } from '../../support/virtual-time.js';

/** A gate that rejects the attempts whose numbers, or URLs, match. */
function rejecting(matches: (number: number, url: string) => boolean, more: Partial<GateDefinition> = {}): Gate {
  return defineGate({
    name: 'breaker',
    ...more,
    admit: ({ number, url: to = '' }) => (matches(number, to) ? throwError(() => new Error('it is open')) : undefined),
  });
}

describe('The retryAfter of a GateRejectedError', () => {
  const retryAfterOf = (retryAfter: unknown, delay?: () => number): unknown => {
    let admitted = false;
    const gate = defineGate({
      name: 'gate',
      // Asked before the attempt comes, too.
      ...(delay && { delay: () => (admitted ? delay() : 0) }),
      admit: () => {
        admitted = true;
        return throwError(() => Object.assign(new Error('shut'), { retryAfter }));
      },
    });
    const errors: GateRejectedError[] = [];
    inVirtualTime(() => {
      of(1)
        .pipe(retryWithStrategy({ gates: [gate] }))
        .subscribe({ error: (error: unknown) => errors.push(error as GateRejectedError) });
    });
    expect(errors[0]?.message).toContain('shut');
    return errors[0]?.retryAfter;
  };

  it('is that of the gate’s own error', () => {
    expect(retryAfterOf(700, () => 40)).toBe(700);
    expect(retryAfterOf(0, () => 40)).toBe(0);
  });

  it('is the gate’s delay, where its error has none that is a time', () => {
    for (const none of [undefined, null, '700', -1, NaN, new Date(700)]) {
      expect(retryAfterOf(none, () => 40))
        .withContext(String(none))
        .toBe(40);
    }
  });

  it('is absent where the gate does not know it, will never let the attempt in, or fails to say', () => {
    const bug = (): never => {
      throw new Error('a bug');
    };
    for (const delay of [undefined, () => 0, () => Number.MIN_VALUE, () => Infinity, bug]) {
      expect(retryAfterOf(undefined, delay)).withContext(String(delay)).toBeUndefined();
    }
    expect(retryAfterOf(Infinity)).toBeUndefined();
  });
});

for (const [form, request] of Object.entries(forms)) {
  const isHttp = form !== 'the operator';
  describe(`An attempt that is rejected at admission, through ${form},`, () => {
    marbles('ends the request with a GateRejectedError before the first sending', ({ flush }) => {
      const { lines, note } = notebook();
      const errors: GateRejectedError[] = [];
      request({ gates: [rejecting(() => true)], attempts: 3 }, note, []).subscribe({
        error: (error: unknown) => errors.push(error as GateRejectedError),
      });
      flush();
      expect(lines).toEqual([]);
      const [error] = errors;
      expect(error).toBeInstanceOf(GateRejectedError);
      expect(error?.message).toBe(
        `${isHttp ? `GET ${url}: ` : ''}rejected by the gate "breaker": it is open (attempt 1 of 3)`,
      );
      expect((error?.cause as Error).message).toBe('it is open');
      expect(error?.reason).toBe('rejected');
      expect(isHttpError(error)).toBe(isHttp);
      expect(error?.request).toEqual(isHttp ? { method: 'GET', url } : undefined);
    });

    marbles('ends the request with it after a wait, too, which holds no outcome', ({ flush }) => {
      const { lines, note } = notebook();
      send(request({ gates: [rejecting((number) => number > 1)], backoff: constant(5) }, note, ['down 2']), note);
      flush();
      expect(lines).toEqual([
        '0 sent',
        `7 GateRejectedError: ${isHttp ? `GET ${url}: ` : ''}rejected by the gate "breaker": it is open (attempt 2 of 3)`,
      ]);
    });

    marbles('is no outcome: the strategy is not asked', ({ flush }) => {
      const { lines, note } = notebook();
      const strategy: RetryStrategy = {
        gates: [rejecting(() => true)],
        errors: [Error],
        shouldRetry: () => {
          note('asked');
          return true;
        },
        backoff: () => {
          note('backoff');
          return 0;
        },
      };
      send(request(strategy, note, []), note);
      flush();
      expect(lines.length).toBe(1);
      expect(lines[0]).toContain('GateRejectedError');
    });

    marbles('tells the gates that had let it in that it was cancelled, and ends their leases', ({ flush }) => {
      const { lines, note } = notebook();
      const outer = noteGate('outer', note);
      const inner = noteGate('inner', note);
      // It hears nothing of what it has not let in.
      const breaker = noteGate('breaker', note, { admit: () => throwError(() => new Error('it is open')) });
      send(request({ gates: [outer, breaker, inner] }, note, []), note);
      flush();
      expect(lines[0]).toBe('0 outer: cancel 1 +0');
      expect(lines.length).toBe(2);
    });
  });
}

describe('A rejection', () => {
  const urls = ['http://a.test/', 'http://b.test/', 'http://c.test/'];
  const eventsOf = (gate: Gate, method: 'get' | 'post', strategy: RetryStrategy = {}, ...answers: number[]): string[] =>
    inVirtualTime(({ flush }) => {
      const { interceptor } = network(...answers);
      const client = new RetryClient({
        interceptors: [interceptor],
        strategy: { gates: [gate], backoff: constant(5), ...strategy },
      });
      const request$ =
        method === 'get' ? client.get(urls, { observe: 'attempts' }) : client.post(urls, 'x', { observe: 'attempts' });
      const { lines } = watch(request$, (event) =>
        event.type === 'start'
          ? `${formatEvent(event)} ${event.attempt.url}`
          : formatEvent(event).replace('[object Response]', 'ok'),
      );
      flush();
      return lines;
    });

  it('has the other places asked in turn, and uses no attempt', () => {
    const gate = rejecting((number, to) => number === 1 && to !== urls[2]);
    expect(eventsOf(gate, 'get', { attempts: 2 }, 503, 200)).toEqual([
      ...['0 start 1/2 http://c.test/', '0 response 1 503 +0', '0 retry 1 (response: 503) +0 in 5'],
      ...['5 start 2/2 http://a.test/', '5 response 2 200 +0', '5 value 2 ok +0', '5 success 2 +0', '5 complete'],
    ]);
  });

  it('has a POST’s other places asked, too', () => {
    expect(
      eventsOf(
        rejecting((_, to) => to !== urls[1]),
        'post',
        {},
        200,
      )[0],
    ).toBe('0 start 1/3 http://b.test/');
  });

  it('with rotation: hold does not go back to earlier places', () => {
    const gate = rejecting((number, to) => number === 2 && to !== urls[0]);
    expect(eventsOf(gate, 'get', { rotation: 'hold' }, 503).at(-1)).toContain('rejected by the gate "breaker"');
  });

  it('at every place has the first place’s attempt and gate, and one failure event without a start', () => {
    const asked: string[] = [];
    const gate = rejecting((_, to) => asked.push(to) > 0);
    expect(eventsOf(gate, 'get')).toEqual([
      '0 failure 1 (error: GET http://a.test/: rejected by the gate "breaker": it is open (attempt 1 of 3)) +0 rejected',
      '0 error: GET http://a.test/: rejected by the gate "breaker": it is open (attempt 1 of 3)',
    ]);
    expect(asked).toEqual(urls);
  });

  it('asks each place again in the next attempt', () => {
    const asked: string[] = [];
    const gate = rejecting((number, to) => asked.push(`${String(number)} ${to}`) === 1);
    eventsOf(gate, 'get', {}, 503, 503, 200);
    expect(asked).toEqual([`1 ${urls[0]!}`, `1 ${urls[1]!}`, `2 ${urls[2]!}`, `3 ${urls[0]!}`]);
  });

  it('does not go to a place whose server asked to be left alone', () => {
    inVirtualTime(({ flush }) => {
      const { interceptor, urls: sent } = network(
        () => new Response(null, { status: 503, headers: { 'retry-after': '30' } }),
        200,
      );
      const client = new RetryClient({
        interceptors: [interceptor],
        strategy: { gates: [rejecting((_, to) => to === urls[1])], backoff: constant(1), maxRetryAfter: 60_000 },
      });
      const events = listen(client.attempts$);
      client.get([urls[0]!, urls[1]!]).subscribe({ error: () => undefined });
      flush();
      expect(sent()).toEqual([urls[0]!]);
      expect(plot(events).at(-1)).toBe('failure 2 rejected');
      expect(findSequenceViolation(events)).toBeUndefined();
    });
  });

  it('in a later attempt has that attempt’s own error', () => {
    const gate = rejecting((number, to) => number === 2 || to === urls[0]);
    expect(eventsOf(gate, 'get', {}, 503).at(-1)).toBe(
      '5 error: GET http://c.test/: rejected by the gate "breaker": it is open (attempt 2 of 3)',
    );
  });

  it('does not go to a place whose gate’s delay exceeds the total timeout, but to one that may admit it all the same', () => {
    const sentTo = (totalTimeout: number | false, delay: number): string[] =>
      inVirtualTime(({ flush }) => {
        const gate = rejecting((_, to) => to === urls[0], { delay: ({ url: to }) => (to === urls[0] ? 0 : delay) });
        const { interceptor, urls: sent } = network(200);
        const client = new RetryClient({ interceptors: [interceptor], strategy: { gates: [gate] }, totalTimeout });
        const { lines } = watch(client.get([urls[0]!, urls[1]!]), ({ status }) => `${status} of ${sent().join()}`);
        flush();
        return lines;
      });
    expect(sentTo(100, 500)).toEqual([
      '0 error: GET http://a.test/: rejected by the gate "breaker": it is open (attempt 1 of 3)',
    ]);
    for (const delay of [500, 100_000, Infinity]) {
      expect(sentTo(false, delay)).toEqual(['0 200 of http://b.test/', '0 complete']);
    }
  });

  it('names in the event the gate of the first place', () => {
    inVirtualTime(({ flush }) => {
      const gates = urls.map((of, index) =>
        defineGate({
          name: `gate ${index}`,
          admit: ({ url: to }) => (to === of ? throwError(() => new Error('open')) : undefined),
        }),
      );
      const client = new RetryClient({ interceptors: [network(200).interceptor], strategy: { gates } });
      const events = listen(client.attempts$);
      client.get(urls).subscribe({ error: () => undefined });
      flush();
      expect(events).toEqual([jasmine.objectContaining({ type: 'failure', gate: 'gate 0' })]);
    });
  });

  it('never sends a body that was sent already', () => {
    inVirtualTime(({ flush }) => {
      const { interceptor, urls: sent } = network(503, 200);
      const client = new RetryClient({
        interceptors: [interceptor],
        strategy: { gates: [rejecting((_, to) => to === urls[1])], backoff: constant(1) },
      });
      const lines: string[] = [];
      const once = { method: 'PUT', url: urls[0]!, body: new Blob(['sent']).stream() };
      watch(client.requests([once, { url: urls[1]! }]), ({ status }) => String(status), lines);
      flush();
      expect(sent()).toEqual([urls[0]!]);
      expect(lines).toEqual([
        '1 error: GET http://b.test/: rejected by the gate "breaker": it is open (attempt 2 of 2)'.replace(
          '2 of 2',
          '2 of 3',
        ),
      ]);
    });
  });

  it('has the time for which the gate expects to reject, by its error or by its delay', async () => {
    const byError = defineGate({
      name: 'a',
      admit: () => throwError(() => Object.assign(new Error('open'), { retryAfter: 700 })),
      delay: () => 900,
    });
    const byDelay = defineGate({ name: 'b', admit: () => throwError(() => 'open'), delay: () => 900 });
    const byNothing = defineGate({ name: 'c', admit: () => throwError(() => undefined), delay: () => Infinity });
    const errors: GateRejectedError[] = [];
    for (const gate of [byError, byDelay, byNothing]) {
      const source$ = throwError(() => new Error('never sent'));
      const { error } = await settled(source$.pipe(retryWithStrategy({ gates: [gate] })));
      errors.push(error as GateRejectedError);
    }
    expect(errors.map(({ retryAfter }) => retryAfter)).toEqual([700, 900, undefined]);
    expect(errors.map(({ cause }) => cause)).toEqual([jasmine.any(Error), 'open', undefined]);
  });

  it('is also what a gate says that completes without a value, at once or while it holds', () => {
    inVirtualTime(({ flush }) => {
      const { lines, note } = notebook();
      const closed$ = new Subject<never>();
      const gate = defineGate({ name: 'gate', admit: () => closed$ });
      const client = new RetryClient({ interceptors: [network(200).interceptor], strategy: { gates: [gate] } });
      watch(client.attempts$, formatEvent, lines);
      send(client.get(url), note);
      closed$.complete();
      send(client.get(url), note);
      flush();
      const message = 'GET http://a.test/: rejected by the gate "gate" (attempt 1 of 3)';
      expect(lines).toEqual([
        ...['0 hold 1 gate', `0 failure 1 (error: ${message}) +0 rejected`, `0 GateRejectedError: ${message}`],
        ...[`0 failure 1 (error: ${message}) +0 rejected`, `0 GateRejectedError: ${message}`],
      ]);
    });
  });

  it('ends a request with a selector, and one that throws on statuses, in the same way', async () => {
    const client = new RetryClient({
      interceptors: [network(200).interceptor],
      strategy: { gates: [rejecting(() => true)] },
    });
    expect((await settled(client.get(url, { selector: json() }))).error).toBeInstanceOf(GateRejectedError);
    expect((await settled(client.get(url, { throwHttpErrors: true }))).error).toBeInstanceOf(GateRejectedError);
  });

  it('of a nested request is final for the request around it', async () => {
    const { interceptor, requests } = network(200);
    const inner = new RetryClient({ strategy: { gates: [rejecting(() => true)] }, interceptors: [interceptor] });
    const outer = new RetryClient({
      interceptors: [network(200).interceptor],
      strategy: { backoff: constant(0) },
    });
    const { error } = await settled(outer.get(url, { selector: () => inner.get('http://token.test/') }));
    expect((error as GateRejectedError).request).toEqual({ method: 'GET', url: 'http://token.test/' });
    expect(requests).toEqual([]);
  });
});
