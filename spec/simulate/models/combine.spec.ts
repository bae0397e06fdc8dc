import { lastValueFrom, type Observable, of } from 'rxjs';

import { constant } from '../../../src/index.js';
import {
  combine,
  contended,
  failing,
  outage,
  queueing,
  type Server,
  type ServerAnswer,
  simulate,
  slowing,
} from '../../../src/simulate/index.js';
import { askModel } from '../../support/server-request.js';

const takes =
  (delay: number): Server =>
  () => ({ delay, status: 200 });

describe('combine()', () => {
  it('adds the delays of its models', () => {
    expect(askModel(combine(takes(10), slowing({ base: 100, perRequest: 1 }), takes(5)))({ inFlight: 4 })).toEqual({
      delay: 119,
      status: 200,
    });
  });

  it('of nothing answers at once', () => {
    expect(askModel(combine())()).toEqual({ delay: 0, status: 200 });
  });

  it('does not ask the models after one that fails the request, which keeps the delay so far', () => {
    let asked = 0;
    const never: Server = () => {
      asked += 1;
      return { delay: 1, status: 200 };
    };
    const failures: readonly ServerAnswer[] = [
      { delay: 5, status: 503 },
      { delay: 5, status: 404 },
      { delay: 5, failure: 'connect' },
      { delay: 5, failure: 'cut' },
      'silent',
    ];

    expect(failures.map((failure) => askModel(combine(takes(10), () => failure, never))())).toEqual([
      { delay: 15, status: 503 },
      { delay: 15, status: 404 },
      { delay: 15, failure: 'connect' },
      { delay: 15, failure: 'cut' },
      'silent',
    ]);
    expect(asked).toBe(0);
  });

  it('keeps the headers of the answer that decides', () => {
    const limited: Server = () => ({ delay: 5, status: 429, headers: { 'retry-after': '1' } });

    expect(askModel(combine(takes(10), limited))()).toEqual({
      delay: 15,
      status: 429,
      headers: { 'retry-after': '1' },
    });
  });

  it('combines what is combined, and models that answer by Observables', async () => {
    const later: Server = () => of({ delay: 7, status: 200 });
    const failingLater: Server = () => of({ delay: 7, status: 500 });
    const answerOf = (server: Server): Promise<ServerAnswer> =>
      lastValueFrom(askModel(server)() as unknown as Observable<ServerAnswer>, { defaultValue: 'silent' });

    expect(await answerOf(combine(takes(1), combine(later, takes(2)), later))).toEqual({ delay: 17, status: 200 });
    expect(await answerOf(combine(takes(1), failingLater, takes(2)))).toEqual({ delay: 8, status: 500 });
  });

  it('gives two models of a kind a memory each', () => {
    const server = combine(queueing({ workers: 1, serviceTime: 100 }), queueing({ workers: 1, serviceTime: 10 }));
    const { one } = simulate({ duration: 9_000, clients: 3, rate: 'together', server }, { one: {} });

    // 100 + 10, 200 + 20, 300 + 30.
    expect([one.latency.p50, one.latency.max]).toEqual([220, 330]);
  });

  it('has each model see its part in a simulation', () => {
    const server = combine(
      outage({ from: 1_000, to: 2_000 }),
      failing((at) => (at >= 3_000 ? 1 : 0)),
      contended(),
    );
    const { one } = simulate(
      { duration: 4_000, clients: 1, rate: 200, server },
      { one: { attempts: 1, backoff: constant(0) } },
    );

    expect(one.series.map(({ answered, failed }) => [answered > 0, failed > 0])).toEqual([
      [true, false],
      [false, true],
      [true, false],
      [false, true],
    ]);
  });
});
