import '@angular/compiler';

import { HttpResponse } from '@angular/common/http';
import { PLATFORM_ID } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import {
  asyncScheduler,
  BehaviorSubject,
  concat,
  delay,
  filter,
  map,
  mergeMap,
  NEVER,
  Observable,
  of,
  type Subscription,
  throwError,
  timer,
} from 'rxjs';

import { injectAttempts, retryContext } from '../../../src/angular/index.js';
import {
  constant,
  defineGate,
  type Gate,
  type GateAttempt,
  GateRejectedError,
  RetryClient,
} from '../../../src/index.js';
import { injected, retryingHttp } from '../../support/angular-app.js';
import { angularNetwork } from '../../support/angular-network.js';
import { findSequenceViolation, listen, plot } from '../../support/attempt-events.js';
import { formatEvent, watch } from '../../support/event-log.js';
import { forms, notebook, send, url } from '../../support/gate-forms.js';
import { type Answer, network } from '../../support/scripted-network.js';
import { inVirtualTime, marbles } from '../../support/virtual-time.js';

/** A gate that holds attempts, by number, for so many ms. */
const holding = (name: string, ms: (number: number) => number): Gate =>
  defineGate({ name, admit: ({ number }) => (ms(number) > 0 ? timer(ms(number)) : undefined) });

for (const [form, request] of Object.entries(forms)) {
  describe(`Admission, through ${form},`, () => {
    marbles(
      'asks the gates in turn, outermost first, each once the one before it has let the attempt in',
      ({ flush }) => {
        const { lines, note } = notebook();
        const gateOf = (name: string, ms: number): Gate =>
          defineGate({
            name,
            admit: ({ number }) => {
              note(`${name} is asked about ${String(number)}`);
              return ms > 0 ? timer(ms) : undefined;
            },
          });
        const gates = [gateOf('a', 5), gateOf('b', 0), gateOf('c', 7)];
        send(request({ gates, backoff: constant(10) }, note, ['down 0', 'ok 1']), note);
        flush();
        expect(lines).toEqual([
          ...['0 a is asked about 1', '5 b is asked about 1', '5 c is asked about 1', '12 sent'],
          ...['22 a is asked about 2', '27 b is asked about 2', '27 c is asked about 2', '34 sent'],
          ...['35 ok', '35 complete'],
        ]);
      },
    );

    marbles('lets an attempt in at once with undefined, or with what emits at once; any value will do', ({ flush }) => {
      const { lines, note } = notebook();
      const gates = [undefined, of(undefined), of(false, true), of(0), new BehaviorSubject(null)].map((admitted$) =>
        defineGate({ name: 'gate', admit: () => admitted$ }),
      );
      send(request({ gates }, note, ['ok 0']), note);
      expect(lines).toEqual(['0 sent', '0 ok', '0 complete']);
      flush();
    });

    const late$ = concat(of(1), timer(1).pipe(mergeMap(() => throwError(() => new Error('too late')))));
    for (const [what, admitted$] of Object.entries({
      'the end': of(1),
      'a value at once': of(1, 2),
      'values later': timer(0, 1),
      'an error': late$,
    })) {
      marbles(`ignores what comes after the first value: ${what}`, ({ flush }) => {
        const { lines, note } = notebook();
        const last = defineGate({
          name: 'last',
          admit: () => {
            note('admits');
            return undefined;
          },
        });
        send(request({ gates: [defineGate({ name: 'gate', admit: () => admitted$ }), last] }, note, ['ok 3']), note);
        flush();
        expect(lines).toEqual(['0 admits', '0 sent', '3 ok', '3 complete']);
      });
    }

    for (const replies of [['ok 0'], ['down 0', 'ok 0']] as const) {
      marbles(`leaves nothing of attempt ${replies.length} that is left while it is held`, ({ flush, cold }) => {
        const { lines, note } = notebook();
        let waiting = 0;
        const gate = defineGate({
          name: 'gate',
          admit: ({ number }) =>
            number < replies.length
              ? undefined
              : new Observable(() => {
                  waiting += 1;
                  return () => (waiting -= 1);
                }),
        });
        const subscription = send(request({ gates: [gate], backoff: constant(2) }, note, replies), note);
        cold('-----a').subscribe(() => {
          expect(waiting).toBe(1);
          subscription.unsubscribe();
          expect(waiting).toBe(0);
        });
        flush();
        expect(lines).toEqual(replies.length === 1 ? [] : ['0 sent']);
      });
    }
  });
}

describe('An attempt that gates hold', () => {
  const clientOf = (gates: readonly Gate[], ...answers: readonly Answer[]) => {
    const scripted = network(...answers);
    return {
      ...scripted,
      client: new RetryClient({ interceptors: [scripted.interceptor], strategy: { gates, backoff: constant(10) } }),
    };
  };

  marbles('is told once for each gate, before its start', ({ flush }) => {
    const gates = [holding('a', (number) => 5 * number), holding('b', () => 0), holding('c', () => 7)];
    const { client } = clientOf(gates, 503, 200);
    const { lines } = watch(client.attempts$, formatEvent);
    client.get(url).subscribe();
    flush();
    expect(lines.filter((line) => / (hold|start|retry) \d/.test(line))).toEqual([
      ...['0 hold 1 a', '5 hold 1 c', '12 start 1/3', '12 retry 1 (response: 503) +0 in 10'],
      ...['22 hold 2 a', '32 hold 2 c', '39 start 2/3'],
    ]);
  });

  marbles('is the same object throughout, and its startedAt is when it is sent', ({ flush }) => {
    const seen: [GateAttempt, number][] = [];
    const gate = defineGate({
      name: 'gate',
      delay: (attempt) => (seen.push([attempt, attempt.startedAt]), 0),
      admit: (attempt) => (seen.push([attempt, attempt.startedAt]), timer(5)),
    });
    const { client, requests } = clientOf([gate], 200);
    const events = listen(client.attempts$);
    client.get(url).subscribe();
    flush();
    const all = [...seen.map(([attempt]) => attempt), ...events.map(({ attempt }) => attempt), requests[0]?.attempt];
    expect(new Set(all).size).toBe(1);
    expect(seen.map(([, startedAt]) => startedAt)).toEqual([0, 0]);
    expect(requests[0]?.attempt.startedAt).toBe(5);
    expect(events.at(-1)).toEqual(jasmine.objectContaining({ type: 'success', elapsed: 0 }));
  });

  for (const inRetry of [false, true]) {
    const which = inRetry ? 'a retry' : 'a first attempt';
    const number = inRetry ? 2 : 1;
    const gateThatHolds = (): { readonly gate: Gate; readonly isHolding: () => boolean } => {
      let held = 0;
      const gate = defineGate({
        name: 'gate',
        admit: (attempt) =>
          attempt.number < number
            ? undefined
            : new Observable(() => {
                held += 1;
                return () => (held -= 1);
              }),
      });
      return { gate, isHolding: () => held > 0 };
    };

    for (const [how, end] of [
      ['unsubscribing', `cancel ${number}`],
      ['its signal', `failure ${number} aborted`],
      ['closing the client', `failure ${number} closed`],
      ['its total timeout', `failure ${number} deadline`],
    ] as const) {
      marbles(`can be ended by ${how}: ${which}`, ({ flush }) => {
        const { gate, isHolding } = gateThatHolds();
        const { client, requests } = clientOf([gate], 503);
        const controller = new AbortController();
        const events = listen(client.attempts$);
        const errors: unknown[] = [];
        const subscription: Subscription = client
          .get(url, { signal: controller.signal, totalTimeout: how === 'its total timeout' ? 50 : false, timeout: 5 })
          .subscribe({ error: (error: unknown) => errors.push(error) });
        timer(50).subscribe(() => {
          if (how !== 'its total timeout') expect(isHolding()).toBeTrue();
          if (how === 'unsubscribing') subscription.unsubscribe();
          else if (how === 'its signal') controller.abort(new Error('enough'));
          else if (how === 'closing the client') client.close();
        });
        flush();
        expect(isHolding()).toBeFalse();
        expect(plot(events).at(-1)).toBe(end);
        expect(plot(events).at(-2)).toBe(`hold ${number} gate`);
        expect(findSequenceViolation(events)).toBeUndefined();
        expect(requests.length).toBe(number - 1);
        expect(errors.length).toBe(how === 'unsubscribing' ? 0 : 1);
        const elapsed = (events.at(-1) as { elapsed?: number }).elapsed;
        // What it was held counts.
        expect(elapsed).toBe(inRetry ? 40 : 50);
      });
    }

    marbles(`has not begun its timeout: ${which}`, ({ flush }) => {
      const gate = holding('gate', (of) => (of === number ? 500 : 0));
      const { client } = clientOf(
        [gate],
        ...(inRetry ? [503, of(new Response()).pipe(delay(4))] : [of(new Response()).pipe(delay(4))]),
      );
      const { lines } = watch(client.get(url, { timeout: 5 }), () => 'ok');
      flush();
      expect(lines).toEqual(inRetry ? ['514 ok', '514 complete'] : ['504 ok', '504 complete']);
    });

    marbles(`emits its hold to observe: 'attempts': ${which}`, ({ flush }) => {
      const { client } = clientOf(
        [holding('gate', (of) => (of === number ? 5 : 0))],
        ...(inRetry ? [503, 200] : [200]),
      );
      const { lines } = watch(client.get(url, { observe: 'attempts' }), (event) => plot([event])[0] ?? '');
      flush();
      expect(lines.filter((line) => / (hold|start) /.test(line)).slice(-2)).toEqual(
        inRetry ? ['10 hold 2 gate', '15 start 2'] : ['0 hold 1 gate', '5 start 1'],
      );
    });
  }

  marbles('can be rejected later, also by an error, and by a gate after others', ({ flush }) => {
    const shut$ = timer(30).pipe(filter(() => false));
    const gates = [holding('a', () => 5), defineGate({ name: 'b', admit: () => shut$ })];
    const { client } = clientOf(gates, 200);
    const { lines } = watch(client.get(url, { observe: 'attempts' }), formatEvent);
    flush();
    const message = 'GET http://a.test/: rejected by the gate "b" (attempt 1 of 3)';
    expect(lines).toEqual([
      ...['0 hold 1 a', '5 hold 1 b'],
      ...[`35 failure 1 (error: ${message}) +35 rejected`, `35 error: ${message}`],
    ]);
  });

  marbles('goes to another place when it is rejected, without another event', ({ flush }) => {
    const gate = defineGate({
      name: 'gate',
      admit: ({ url: to }) => (to === url ? timer(5).pipe(filter(() => false)) : timer(3)),
    });
    const { client, urls } = clientOf([gate], 200);
    const { lines } = watch(
      client.get([url, 'http://b.test/'], { observe: 'attempts' }),
      (event) => plot([event])[0] ?? '',
    );
    flush();
    expect(lines.slice(0, 2)).toEqual(['0 hold 1 gate', '8 start 1']);
    expect(urls()).toEqual(['http://b.test/']);
  });
});

describe('In the browser, an attempt of Angular’s that a gate holds', () => {
  it('needs no timer, since it may be held for ever', () => {
    inVirtualTime(({ flush }) => {
      const gates = [defineGate({ name: 'gate', admit: () => NEVER })];
      const subscription = retryingHttp({ gates }, [angularNetwork(200).interceptor])
        .get(url)
        .subscribe({ error: fail });
      flush();
      expect(asyncScheduler.now()).toBe(0);
      subscription.unsubscribe();
    });
  });
});

describe('On Angular’s server, an attempt that a gate holds', () => {
  const onServer = { provide: PLATFORM_ID, useValue: 'server' };
  const eventsOn = (
    gates: readonly Gate[],
    urls: readonly string[],
    platform: typeof onServer | [] = onServer,
  ): string[] =>
    inVirtualTime(({ flush }) => {
      const http = retryingHttp({ gates, maxServerWait: 100 }, [angularNetwork(200).interceptor], platform);
      const { lines } = watch(
        injected(() => injectAttempts()),
        formatEvent,
      );
      const errors: unknown[] = [];
      http
        .get(url, { context: retryContext(urls.length === 0 ? {} : { urls: [...urls] }) })
        .subscribe({ error: (error: unknown) => errors.push(error) });
      flush();
      TestBed.resetTestingModule();
      if (errors.length > 0) expect(errors).toEqual([jasmine.any(GateRejectedError)]);
      return lines.filter((line) => !line.endsWith('complete')).map((line) => line.replace(/ \(.*\)/, ''));
    });

  it('is held no longer than maxServerWait', () => {
    expect(eventsOn([defineGate({ name: 'gate', admit: () => NEVER })], [])).toEqual([
      '0 hold 1 gate',
      '100 failure 1 +100 rejected',
    ]);
    expect(eventsOn([holding('gate', () => 99)], [])[1]).toBe('99 start 1/3');
  });

  it('is held no longer than that by several gates, and the one that holds it last is named', () => {
    const gates = [holding('a', () => 60), defineGate({ name: 'b', admit: () => NEVER })];
    inVirtualTime(({ flush }) => {
      const http = retryingHttp({ gates, maxServerWait: 100 }, [angularNetwork(200).interceptor], onServer);
      const failures: (string | undefined)[] = [];
      injected(() => injectAttempts()).subscribe((event) => {
        if (event.type === 'failure') failures.push(event.gate);
      });
      const { lines } = watch(http.get(url));
      flush();
      expect(lines).toEqual([
        '100 error: GET http://a.test/: rejected by the gate "b": it was held until the deadline (attempt 1 of 3)',
      ]);
      expect(failures).toEqual(['b']);
    });
  });

  it('is held no longer than that at several places', () => {
    const gate = defineGate({
      name: 'gate',
      admit: ({ url: to }) => (to === url ? timer(60).pipe(filter(() => false)) : NEVER),
    });
    expect(eventsOn([gate], ['http://b.test/'])).toEqual(['0 hold 1 gate', '100 failure 1 +100 rejected']);
  });

  it('has no deadline any more once it is sent', () => {
    inVirtualTime(({ flush }) => {
      const answer$ = timer(200).pipe(map(() => new HttpResponse({ body: 'ok', url })));
      const http = retryingHttp(
        { gates: [holding('gate', () => 60)], maxServerWait: 100 },
        [angularNetwork(answer$).interceptor],
        onServer,
      );
      const { lines } = watch(http.get(url));
      flush();
      expect(lines).toEqual(['260 ok', '260 complete']);
    });
  });

  it('is held as long as the gate wants in a browser', () => {
    expect(eventsOn([holding('gate', () => 5_000)], [], [])[1]).toBe('5000 start 1/3');
  });
});

describe('A gate that rejects by an error of any kind', () => {
  it('is the cause of the GateRejectedError', () => {
    for (const value of ['text', null, 0, Symbol('s'), Object.freeze({ message: 5 })]) {
      const errors: unknown[] = [];
      const gate = defineGate({ name: 'gate', admit: () => throwError((): unknown => value) });
      new RetryClient({ strategy: { gates: [gate] } })
        .get(url)
        .subscribe({ error: (error: unknown) => errors.push(error) });
      expect((errors[0] as GateRejectedError).cause).toBe(value);
      expect((errors[0] as GateRejectedError).message).toBe(
        'GET http://a.test/: rejected by the gate "gate" (attempt 1 of 3)',
      );
    }
  });
});
