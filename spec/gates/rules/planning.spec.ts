import { throwError } from 'rxjs';

import {
  constant,
  defineGate,
  type GateAttempt,
  HttpNetworkError,
  type Outcome,
  RetryClient,
  retryWithStrategy,
} from '../../../src/index.js';
import { forms, noteGate, notebook, send, url } from '../../support/gate-forms.js';
import { network } from '../../support/scripted-network.js';
import { settled } from '../../support/settled.js';
import { marbles } from '../../support/virtual-time.js';

for (const [form, request] of Object.entries(forms)) {
  describe(`A retry that is planned, through ${form},`, () => {
    marbles('is allowed or not by the gates in turn, and the first false ends it', ({ flush }) => {
      const { lines, note } = notebook();
      const ask = (name: string, answer: boolean) =>
        defineGate({
          name,
          allowsRetry: ({ number }, outcome) => {
            note(`${name} is asked after attempt ${String(number)}, ${String(outcome?.kind)}`);
            return answer;
          },
          next: ({ type }) => {
            if (type === 'retry') note(`${name} is told`);
          },
        });
      const gates = [ask('a', true), ask('b', false), ask('c', true)];
      send(request({ gates, backoff: constant(5) }, note, ['down 2']), note);
      flush();
      expect(lines.slice(0, 3)).toEqual([
        '0 sent',
        '2 a is asked after attempt 1, error',
        '2 b is asked after attempt 1, error',
      ]);
      expect(lines.length).toBe(4);
      expect(lines[3]).toMatch(/^2 (Error|HttpNetworkError|HttpErrorResponse): /);
    });

    marbles('is told to gates at once, before the wait, if all agree', ({ flush }) => {
      const { lines, note } = notebook();
      const gates = [noteGate('a', note), noteGate('b', note)];
      send(request({ gates, backoff: constant(5) }, note, ['down 2', 'ok 1']), note);
      flush();
      const withoutResponses = lines.filter((line) => !line.includes('response'));
      expect(withoutResponses).toEqual([
        ...['0 a: start 1/3', '0 b: start 1/3', '0 sent'],
        ...['2 a: retry 1 +2 in 5', '2 b: retry 1 +2 in 5'],
        ...['7 a: start 2/3', '7 b: start 2/3', '7 sent'],
        ...['8 a: value 2 +1', '8 b: value 2 +1', '8 ok'],
        ...['8 a: success 2 +1', '8 b: success 2 +1', '8 complete'],
      ]);
    });

    marbles('charges a budget that stays charged when the request is left during the wait', ({ flush }) => {
      const { lines, note } = notebook();
      let balance = 1;
      const budget = defineGate({
        name: 'budget',
        allowsRetry: () => balance > 0,
        next: ({ type }) => {
          if (type === 'retry') balance -= 1;
        },
      });
      const strategy = { gates: [budget], backoff: constant(5) };
      const left = send(request(strategy, note, ['down 0']), note);
      expect(balance).toBe(0);
      left.unsubscribe();
      flush();
      expect(balance).toBe(0);
      expect(lines).toEqual(['0 sent']);
    });
  });
}

describe('A retry that a gate does not allow', () => {
  const never = defineGate({ name: 'never', allowsRetry: () => false });

  it('leaves the last response as it is', async () => {
    const response = new Response('sorry', { status: 503 });
    const client = new RetryClient({
      interceptors: [network(() => response).interceptor],
      strategy: { gates: [never] },
    });
    expect((await settled(client.get(url))).values[0]).toBe(response);
  });

  it('leaves the last error as it is, with the reason rejected', async () => {
    const client = new RetryClient({
      interceptors: [({ attempt }) => throwError(() => new HttpNetworkError({ attempt, summary: 'down' }))],
      strategy: { gates: [never] },
    });
    const { error } = await settled(client.get(url));
    expect(error).toBeInstanceOf(HttpNetworkError);
    expect((error as HttpNetworkError).reason).toBe('rejected');

    const down = new Error('down');
    const ends = await settled(throwError(() => down).pipe(retryWithStrategy({ gates: [never] })));
    expect(ends.error).toBe(down);
  });

  it('has the reason rejected and the gate’s name in the event', async () => {
    const client = new RetryClient({ interceptors: [network(503).interceptor], strategy: { gates: [never] } });
    const { values } = await settled(client.get(url, { observe: 'attempts' }));
    expect(values.at(-1)).toEqual(jasmine.objectContaining({ type: 'failure', reason: 'rejected', gate: 'never' }));
  });

  it('is not asked for where no retry is possible: no attempt is left, the outcome is permanent, or it succeeded', async () => {
    const asked: (Outcome | undefined)[] = [];
    const gate = defineGate({ name: 'gate', allowsRetry: (_, outcome) => asked.push(outcome) > 0 });
    const client = new RetryClient({
      interceptors: [network(503, 404, 200).interceptor],
      strategy: { gates: [gate], attempts: 1 },
    });
    for (let request = 0; request < 3; request += 1) await settled(client.get(url));
    await settled(client.post(url, 'x'));
    expect(asked).toEqual([]);
  });

  it('is given the attempt that had the outcome', async () => {
    const seen: [GateAttempt, GateAttempt | undefined][] = [];
    const gate = defineGate({
      name: 'gate',
      allowsRetry: (attempt, outcome) => seen.push([attempt, outcome?.attempt]) > 0,
    });
    const client = new RetryClient({
      interceptors: [network(503).interceptor],
      strategy: { gates: [gate], attempts: 3, backoff: constant(0) },
    });
    const { values } = await settled(
      client.post(url, 'x', { observe: 'attempts', headers: { 'idempotency-key': 'k' } }),
    );
    const starts = values.filter(({ type }) => type === 'start').map(({ attempt }) => attempt);
    expect(seen.map(([attempt]) => attempt)).toEqual(starts.slice(0, 2));
    expect(seen.every(([attempt, sent]) => attempt === sent)).toBeTrue();
    expect(seen[0]?.[0]).toEqual(jasmine.objectContaining({ number: 1, of: 3, method: 'POST', url, context: {} }));
  });
});
