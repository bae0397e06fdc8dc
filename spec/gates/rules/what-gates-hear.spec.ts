import { config, Observable, throwError, timer } from 'rxjs';

import {
  constant,
  defineGate,
  type Gate,
  type GateAttempt,
  retryBudget,
  RetryClient,
  type RetryStrategy,
  retryWithStrategy,
} from '../../../src/index.js';
import { forms, noteGate, notebook, send, url } from '../../support/gate-forms.js';
import { network } from '../../support/scripted-network.js';
import { settled } from '../../support/settled.js';
import { inVirtualTime, marbles } from '../../support/virtual-time.js';

describe('What a gate hears', () => {
  for (const [form, request] of Object.entries(forms)) {
    marbles(`is each sending, and how it ended, through ${form}`, ({ flush }) => {
      const { lines, note } = notebook();
      send(
        request({ gates: [noteGate('gate', note)], backoff: constant(3) }, note, ['down 1', 'down 2', 'ok 1']),
        note,
      );
      flush();
      expect(lines.filter((line) => line.includes('gate:') && !line.includes('response'))).toEqual([
        ...['0 gate: start 1/3', '1 gate: retry 1 +1 in 3'],
        ...['4 gate: start 2/3', '6 gate: retry 2 +2 in 3'],
        ...['9 gate: start 3/3', '10 gate: value 3 +1', '10 gate: success 3 +1'],
      ]);
    });

    marbles(`is heard without any listener of events, through ${form}`, ({ flush }) => {
      const types: string[] = [];
      const gate = defineGate({ name: 'gate', next: ({ type }) => void types.push(type) });
      send(
        request({ gates: [gate], attempts: 1 }, () => undefined, ['down 1']),
        () => undefined,
      );
      flush();
      expect(types).toEqual(['start', 'failure']);
    });

    marbles(`ends with cancel when the request is left, through ${form}`, ({ flush, cold }) => {
      const { lines, note } = notebook();
      const subscription = send(request({ gates: [noteGate('gate', note)] }, note, ['silence']), note);
      cold('--a').subscribe(() => {
        subscription.unsubscribe();
      });
      flush();
      expect(lines).toEqual(['0 gate: start 1/3', '0 sent', '2 gate: cancel 1 +2']);
    });
  }

  it('comes before the consumer, its observers and all listeners hear it', () => {
    inVirtualTime(({ flush }) => {
      const { lines, note } = notebook();
      const client = new RetryClient({
        interceptors: [network(503, 200).interceptor],
        strategy: { gates: [noteGate('gate', note)], backoff: constant(1) },
      });
      client.attempts$.subscribe(({ type }) => {
        note(`listener: ${type}`);
      });
      client.get(url, { observe: 'attempts' }).subscribe(({ type }) => {
        note(`consumer: ${type}`);
      });
      flush();
      const order = lines.map((line) => line.replace(/^\d+ /, '').replace(/^(\w+: \w+).*/, '$1'));
      for (const type of ['start', 'response', 'retry', 'value', 'success']) {
        expect(order.filter((line) => line.endsWith(` ${type}`)).slice(0, 3))
          .withContext(type)
          .toEqual([`gate: ${type}`, `consumer: ${type}`, `listener: ${type}`]);
      }
    });
  });

  it('of a retry comes before the attempt is left, and before listeners hear of it', () => {
    inVirtualTime(({ flush }) => {
      const { lines, note } = notebook();
      const failing$ = new Observable<never>((subscriber) => {
        const timeout = timer(1).subscribe(() => {
          subscriber.next('x' as never);
        });
        return () => {
          note('left');
          timeout.unsubscribe();
        };
      });
      const strategy: RetryStrategy = {
        gates: [noteGate('gate', note)],
        backoff: constant(1),
        attempts: 2,
        shouldRetry: ({ attempt: { number } }) => number === 1,
      };
      failing$.pipe(retryWithStrategy(strategy, { observe: 'attempts' })).subscribe(({ type }) => {
        note(`consumer: ${type}`);
      });
      flush();
      expect(lines.slice(0, 5)).toEqual([
        ...['0 gate: start 1/2', '0 consumer: start'],
        ...['1 gate: retry 1 +1 in 1', '1 left', '1 consumer: retry'],
      ]);
    });
  });

  it('is nothing of a rejection and of a wait', () => {
    inVirtualTime(({ flush, cold }) => {
      const { lines, note } = notebook();
      const inner = defineGate({
        name: 'inner',
        admit: ({ number }) => (number > 1 ? throwError(() => new Error('no')) : undefined),
      });
      const strategy: RetryStrategy = { gates: [inner, noteGate('gate', note)], backoff: constant(5) };
      const client = new RetryClient({ interceptors: [network(503).interceptor], strategy });
      client.get(url).subscribe({ error: () => undefined });
      const left = client.get(url).subscribe({ error: () => undefined });
      cold('--a').subscribe(() => {
        left.unsubscribe();
      });
      flush();
      expect(lines.map((line) => line.replace(/\+.*/, ''))).toEqual([
        ...['0 gate: start 1/3', '0 gate: response 1 503 ', '0 gate: retry 1 '],
        ...['0 gate: start 1/3', '0 gate: response 1 503 ', '0 gate: retry 1 '],
      ]);
    });
  });

  it('has the attempt’s own URL, method and context', async () => {
    const seen: GateAttempt[] = [];
    const gate = defineGate({
      name: 'gate',
      next: ({ type, attempt }) => {
        if (type === 'start') seen.push(attempt);
      },
    });
    const client = new RetryClient({
      interceptors: [network(503, 200).interceptor],
      strategy: { gates: [gate], backoff: constant(0) },
    });
    const context = { user: 7 };
    await settled(client.get(['http://me:secret@a.test/?sig=1', 'http://b.test/'], { context }));
    expect(seen.map(({ method, url: to }) => `${method ?? ''} ${to ?? ''}`)).toEqual([
      'GET http://a.test/?sig=REDACTED',
      'GET http://b.test/',
    ]);
    expect(seen.every(({ context: of }) => of === context)).toBeTrue();
  });

  it('by one of its functions that throws disturbs no other gate, and is reported as an error of a listener', async () => {
    const before = config.onUnhandledError;
    const reported: unknown[] = [];
    config.onUnhandledError = (error) => reported.push(error);
    try {
      const bug = new Error('a bug');
      const heard: string[] = [];
      const throwing = defineGate({
        name: 'throwing',
        next: () => {
          throw bug;
        },
      });
      const gates = [throwing, defineGate({ name: 'other', next: ({ type }) => void heard.push(type) })];
      const client = new RetryClient({ interceptors: [network(200).interceptor], strategy: { gates } });
      await settled(client.get(url));
      await new Promise((resolve) => setTimeout(resolve, 1));
      expect(heard).toEqual(['start', 'response', 'value', 'success']);
      expect(reported).toEqual([bug, bug, bug, bug]);
    } finally {
      config.onUnhandledError = before;
    }
  });
});

describe('What a gate notes about an attempt', () => {
  /** Notes the events of each attempt in its memo. */
  const remembering = (note: (text: string) => void): Gate =>
    defineGate<{ said: string[] }>({
      name: 'memory',
      admit: ({ number }, memo) => {
        note(`attempt ${number}: ${JSON.stringify(memo)}`);
        memo.said = ['admit'];
        return undefined;
      },
      next: ({ type, attempt: { number } }, { said = [] }) => {
        // Not in all forms there is one.
        if (type !== 'response') said.push(type);
        if (type === 'retry' || type === 'success') note(`attempt ${number}: ${said.join()}`);
      },
    });

  for (const [form, request] of Object.entries(forms)) {
    marbles(
      `is known to it until the attempt is over, and to no other attempt or gate, through ${form}`,
      ({ flush }) => {
        const { lines, note } = notebook();
        send(
          request({ gates: [remembering(note), remembering(note)], backoff: constant(3) }, () => undefined, [
            'down 1',
            'ok 1',
          ]),
          () => undefined,
        );
        flush();
        const ofBoth = (line: string): string[] => [line, line];
        expect(lines).toEqual([
          ...ofBoth('0 attempt 1: {}'),
          ...ofBoth('1 attempt 1: admit,start,retry'),
          ...ofBoth('4 attempt 2: {}'),
          ...ofBoth('5 attempt 2: admit,start,value,success'),
        ]);
      },
    );
  }
});

describe('A gate that is listed twice', () => {
  it('counts an attempt once', () => {
    const charge = (gates: (budget: Gate) => readonly Gate[]): number => {
      const budget = retryBudget({ ratio: 0.5, minPerSecond: 0 });
      inVirtualTime(({ flush }) => {
        const client = new RetryClient({
          interceptors: [network(200).interceptor],
          strategy: { gates: gates(budget) },
        });
        client.get(url).subscribe();
        client.get(url).subscribe();
        flush();
      });
      return inVirtualTime(() => budget.snapshot('http://a.test').balance);
    };
    expect(charge((budget) => [budget, budget])).toBe(charge((budget) => [budget]));
  });
});
