import { concat, EMPTY, map, mergeMap, Observable, of, throwError, timer } from 'rxjs';

import {
  constant,
  defineGate,
  type Gate,
  HttpNetworkError,
  type ResumableReading,
  RetryClient,
  retryWithStrategy,
  serverSentEvents,
  text,
} from '../../../src/index.js';
import { forms, noteGate, notebook, type Note, send, url } from '../../support/gate-forms.js';
import { type Answer, bodiless, network } from '../../support/scripted-network.js';
import { settled } from '../../support/settled.js';
import { inVirtualTime, marbles } from '../../support/virtual-time.js';

/** A gate that notes when its lease begins and ends. */
const leasing = (name: string, note: Note): Gate =>
  defineGate({
    name,
    admit: ({ number }) =>
      new Observable((subscriber) => {
        note(`${name} + ${number}`);
        subscriber.next(0);
        return () => {
          note(`${name} - ${number}`);
        };
      }),
  });

/** The same, without an Observable. */
const leasingAtOnce = (name: string, note: Note): Gate =>
  defineGate({
    name,
    admit: ({ number }) => {
      note(`${name} + ${number}`);
      return () => {
        note(`${name} - ${number}`);
      };
    },
  });

const shapes = { 'an Observable': leasing, 'a function': leasingAtOnce };

for (const [form, request] of Object.entries(forms)) {
  for (const [shape, leasing] of Object.entries(shapes)) {
    describe(`A lease that is ${shape}, through ${form},`, () => {
      marbles('begins outermost first, and ends innermost first, before each wait and at the end', ({ flush }) => {
        const { lines, note } = notebook();
        const gates = [leasing('outer', note), leasing('inner', note)];
        send(request({ gates, backoff: constant(10) }, note, ['down 3', 'ok 4']), note);
        flush();
        expect(lines).toEqual([
          ...['0 outer + 1', '0 inner + 1', '0 sent', '3 inner - 1', '3 outer - 1'],
          ...['13 outer + 2', '13 inner + 2', '13 sent', '17 ok', '17 inner - 2', '17 outer - 2', '17 complete'],
        ]);
      });

      marbles('of an outer gate is held while an inner gate holds, and ends when that rejects', ({ flush }) => {
        const { lines, note } = notebook();
        const inner = defineGate({
          name: 'inner',
          admit: () => timer(5).pipe(mergeMap(() => throwError(() => new Error('no')))),
        });
        send(request({ gates: [leasing('outer', note), inner] }, note, []), note);
        flush();
        expect(lines.slice(0, 2)).toEqual(['0 outer + 1', '5 outer - 1']);
        expect(lines[2]).toContain('GateRejectedError');
      });

      marbles('ends when the request is left, or is never begun where it was left before', ({ flush, cold }) => {
        const { lines, note } = notebook();
        const subscription = send(request({ gates: [leasing('gate', note)] }, note, ['silence']), note);
        cold('---a').subscribe(() => {
          subscription.unsubscribe();
        });
        flush();
        expect(lines).toEqual(['0 gate + 1', '0 sent', '3 gate - 1']);
      });

      marbles('ends after the gates were told of the event that settles the attempt', ({ flush }) => {
        const { lines, note } = notebook();
        const listening = noteGate('listening', note);
        const gates = [leasing('gate', note), listening];
        send(request({ gates, backoff: constant(10), attempts: 2 }, note, ['down 1']), note);
        flush();
        expect(lines.slice(0, -1)).toEqual([
          ...['0 gate + 1', '0 listening: start 1/2', '0 sent', '1 listening: retry 1 +1 in 10', '1 gate - 1'],
          ...[
            '11 gate + 2',
            '11 listening: start 2/2',
            '11 sent',
            '12 listening: failure 2 +1 attempts',
            '12 gate - 2',
          ],
        ]);
      });
    });
  }
}

describe('A lease', () => {
  const run = (ask: (client: RetryClient, note: Note) => void, answers: readonly Answer[], strategy = {}): string[] =>
    inVirtualTime(({ flush }) => {
      const { lines, note } = notebook();
      const client = new RetryClient({
        interceptors: [network(...answers).interceptor],
        strategy: { gates: [leasing('gate', note)], backoff: constant(10), ...strategy },
      });
      ask(client, note);
      flush();
      return lines;
    });

  it('lasts until the headers without a selector, and until the body was read with one', async () => {
    const { lines, note } = notebook();
    const client = new RetryClient({
      interceptors: [() => of(new Response('body'))],
      strategy: { gates: [leasing('gate', note)] },
    });
    const seen = (): string[] => lines.splice(0).map((line) => line.replace(/^\S+ /, ''));
    const response = (await settled(client.get(url))).values[0];
    expect(seen()).toEqual(['gate + 1', 'gate - 1']);
    expect(await response?.text()).toBe('body');
    await settled(client.get(url, { selector: text() }));
    expect(seen()).toEqual(['gate + 1', 'gate - 1']);
  });

  it('lasts as long as a selector emits, and ends when the consumer leaves after a value', () => {
    const lines = run(
      (client, note) => {
        const selector = () => timer(5, 5);
        send(client.get(url, { selector }), note);
        const subscription = client.get(url, { selector }).subscribe();
        timer(12).subscribe(() => {
          note('leaves');
          subscription.unsubscribe();
        });
        timer(16).subscribe(() => {
          note('closes');
          client.close();
        });
      },
      [200],
    );
    expect(lines).toEqual([
      ...['0 gate + 1', '0 gate + 1', '5 0', '10 1', '12 leaves', '12 gate - 1', '15 2'],
      ...['16 closes', '16 gate - 1', '16 AbortError: The client is closed'],
    ]);
  });

  it('of an attempt whose response is read to its end as an error lasts until then', () => {
    const lines = run(
      (client, note) => {
        send(client.get(url, { throwHttpErrors: true, selector: () => timer(7) }), note);
      },
      [bodiless(404)],
    );
    expect(lines.slice(0, 2)).toEqual(['0 gate + 1', '0 gate - 1']);
  });

  it('is one per connection of a stream that resumes: the wait between them holds nothing', () => {
    const lines = run(
      (client, note) => {
        const open = (): ResumableReading<string> => {
          let connection = 0;
          return {
            select: (_, attempt) => {
              connection += 1;
              const broken$ = throwError(() => new HttpNetworkError({ attempt, phase: 'body', summary: 'cut' }));
              return concat(
                timer(5).pipe(map(() => `event of ${String(attempt.number)}`)),
                connection < 4 ? broken$ : EMPTY,
              );
            },
          };
        };
        send(client.get(url, { selector: { open } }), note);
      },
      [200],
      { attempts: 2, resetOnSuccess: true },
    );
    // After a value each attempt is the second one again.
    expect(lines).toEqual([
      ...['0 gate + 1', '5 event of 1', '5 gate - 1'],
      ...['15 gate + 2', '20 event of 2', '20 gate - 2'],
      ...['30 gate + 2', '35 event of 2', '35 gate - 2'],
      ...['45 gate + 2', '50 event of 2', '50 gate - 2', '50 complete'],
    ]);
  });

  it('is one per connection of serverSentEvents, whose own delay is waited for', async () => {
    const { lines, note } = notebook();
    const streams = ['retry: 5\nid: 1\ndata: a\n\n', 'id: 2\ndata: b\n\n'];
    const client = new RetryClient({
      interceptors: [
        () => {
          const body = streams.shift();
          return body === undefined
            ? of(new Response(null, { status: 204 }))
            : of(new Response(body, { headers: { 'content-type': 'text/event-stream' } }));
        },
      ],
      strategy: { gates: [leasing('gate', note)], backoff: constant(0), resetOnSuccess: true },
    });
    const { values, ...end } = await settled(client.get(url, { selector: serverSentEvents() }));
    expect(values.map(({ data }) => data)).toEqual(['a', 'b']);
    expect(end).toEqual({});
    expect(lines.map((line) => line.replace(/^\S+ /, ''))).toEqual([
      ...['gate + 1', 'gate - 1', 'gate + 2', 'gate - 2', 'gate + 2', 'gate - 2'],
    ]);
  });

  it('of a nested operator in a selector or an interceptor is its own', () => {
    const { lines, note } = notebook();
    inVirtualTime(({ flush }) => {
      const inner = leasing('inner', note);
      const client = new RetryClient({
        interceptors: [
          (request, next) => next(request).pipe(retryWithStrategy({ gates: [inner], backoff: constant(1) })),
          network(503, 200).interceptor,
        ],
        strategy: { gates: [leasing('outer', note)] },
      });
      send(client.get(url).pipe(map(({ status }) => status)), note);
      flush();
    });
    expect(lines).toEqual([
      ...['0 outer + 1', '0 inner + 1', '0 inner - 1', '1 inner + 2'],
      ...['1 200', '1 inner - 2', '1 outer - 1', '1 complete'],
    ]);
  });

  it('that completes or errors after it began changes nothing', () => {
    inVirtualTime(({ flush }) => {
      const { lines, note } = notebook();
      const gates = [
        of(0),
        concat(
          of(0),
          throwError(() => new Error('late')),
        ),
      ].map((admit$) => defineGate({ name: 'gate', admit: () => admit$ }));
      send(timer(5).pipe(retryWithStrategy({ gates })), note);
      flush();
      expect(lines).toEqual(['5 0', '5 complete']);
    });
  });

  it('that is given back lets the next request in: 1,000 in a row', () => {
    const queue: (() => void)[] = [];
    let busy = false;
    const gate = defineGate({
      name: 'one at a time',
      admit: () =>
        new Observable((subscriber) => {
          const enter = (): void => {
            busy = true;
            subscriber.add(() => {
              busy = false;
              // In a task of its own, as a gate's queue must not recurse.
              queueMicrotask(() => {
                if (!busy) queue.pop()?.();
              });
            });
            subscriber.next(0);
          };
          if (busy) queue.push(enter);
          else enter();
        }),
    });
    const client = new RetryClient({
      interceptors: [() => timer(0).pipe(map(() => new Response()))],
      strategy: { gates: [gate] },
    });
    let [done, errors] = [0, 0];
    return new Promise<void>((resolve) => {
      for (let request = 0; request < 1_000; request += 1) {
        client.get(url).subscribe({
          error: () => (errors += 1),
          complete: () => {
            done += 1;
            if (done === 1_000) resolve();
          },
        });
      }
    }).then(() => {
      expect([done, errors]).toEqual([1_000, 0]);
    });
    // Browsers wait for 4 ms at least.
  }, 20_000);
});
