import { interval, take, timer } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';

import { constant, RetryClient } from '../../src/index.js';
import { failing, type Scenario, type Server, simulate } from '../../src/simulate/index.js';

type Owner = 'globalThis' | 'Date' | 'performance' | 'Math';

const OWNERS = { globalThis, Date, performance, Math };

/** What a simulation replaces. */
const REPLACED: readonly (readonly [owner: Owner, name: string])[] = [
  ['globalThis', 'setTimeout'],
  ['globalThis', 'clearTimeout'],
  ['globalThis', 'setInterval'],
  ['globalThis', 'clearInterval'],
  ['Date', 'now'],
  ['performance', 'now'],
  ['Math', 'random'],
];

/** The properties as they are: own ones, or those of a prototype. */
function platform(): readonly unknown[] {
  return REPLACED.map(([owner, name]) => {
    const object = OWNERS[owner] as unknown as Record<string, unknown>;
    return { name, value: object[name], own: Object.getOwnPropertyDescriptor(object, name) };
  });
}

const scenario: Scenario = { duration: 3_000, clients: 3, rate: 5, network: () => 10, server: failing(0.3) };

/** Runs a simulation whose server does some work at its first request. */
function within(work: (request: Parameters<Server>[0]) => void, duration = 3_000): void {
  let isFirst = true;
  const server: Server = (request) => {
    if (isFirst) work(request);
    isFirst = false;
    return { delay: 0, status: 200 };
  };
  simulate({ ...scenario, duration, server }, { plain: {} });
}

function fail(message: string): never {
  throw new Error(message);
}

describe('The platform of a simulation', () => {
  it('is virtual: timers, clocks and random numbers', () => {
    const real = platform() as readonly { readonly value: unknown }[];
    let seen: readonly { readonly value: unknown }[] = [];
    within(() => (seen = platform() as typeof seen));

    expect(seen.length).toBe(REPLACED.length);
    seen.forEach(({ value }, index) => {
      expect(value).withContext(REPLACED[index]![1]).not.toBe(real[index]!.value);
    });
  });

  it('has clocks that show the time of the simulation, which begins in 2026', () => {
    const seen: number[] = [];
    const server: Server = ({ at }) => {
      seen.push(Date.now() - Math.floor(Date.UTC(2026, 0) + at), performance.now() - at);
      return { delay: 0, status: 200 };
    };
    simulate({ ...scenario, server }, { plain: {} });

    expect(seen.length).toBeGreaterThan(40);
    expect(seen.every((difference) => difference === 0)).toBeTrue();
  });

  it('has timers that fire in its time, in order, and with their arguments', () => {
    const fired: string[] = [];
    within(({ at }) => {
      const note = (...names: unknown[]): void => {
        fired.push(`${names.join('+')} ${Math.round(performance.now() - at)}`);
      };
      setTimeout(note, 200, 'timeout', 'of two');
      const repeated = setInterval(note, 150, 'interval');
      setTimeout(() => {
        clearInterval(repeated);
      }, 350);
      clearTimeout(setTimeout(note, 100, 'cleared'));
      // Either function clears both kinds.
      clearInterval(setTimeout(note, 100, 'cleared'));
      clearTimeout(setInterval(note, 100, 'cleared'));
      setTimeout(note);
      setTimeout(note, -5, 'negative');
      setTimeout(note, NaN, 'NaN');
      setTimeout(note, 2 ** 31, 'too long');
    });

    expect(fired).toEqual([
      ' 0',
      'negative 0',
      'NaN 0',
      'too long 0',
      'interval 150',
      'timeout+of two 200',
      'interval 300',
    ]);
  });

  it('has intervals that can end themselves, and that of 0 ms fire each ms', () => {
    const times: number[] = [];
    within(({ at }) => {
      const repeated = setInterval(() => {
        times.push(Math.round(performance.now() - at));
        if (times.length === 4) clearInterval(repeated);
      }, 0);
    });

    expect(times).toEqual([0, 1, 2, 3]);
  });

  it('has the timers of RxJS', () => {
    const times: number[] = [];
    within(({ at }) => {
      interval(100)
        .pipe(take(3))
        .subscribe(() => times.push(Math.round(performance.now() - at)));
    });

    expect(times).toEqual([100, 200, 300]);
  });

  it('is put back as it was, when a simulation ends', () => {
    const before = platform();
    simulate(scenario, { plain: { attempts: 3 } });

    expect(platform()).toEqual(before);
  });

  const failures: Record<string, () => void> = {
    'the server throws': () => {
      within(() => fail('expected'));
    },
    'the network throws': () => {
      simulate({ ...scenario, network: () => fail('expected') }, { plain: {} });
    },
    'the rate throws': () => {
      simulate({ ...scenario, rate: () => fail('expected') }, { plain: {} });
    },
    'a timer throws': () => {
      within(() => {
        setTimeout(() => fail('expected'), 5);
      });
    },
    'a strategy cannot be made': () => {
      simulate(scenario, { plain: () => fail('expected') });
    },
    'a backoff throws': () => {
      simulate(scenario, { plain: { backoff: () => fail('expected') } });
    },
    'onProgress throws': () => {
      simulate(scenario, { plain: {} }, { onProgress: () => fail('expected') });
    },
    'a listener of RxJS throws': () => {
      within(() => {
        timer(5).subscribe(() => fail('expected'));
      });
    },
  };
  for (const [reason, run] of Object.entries(failures)) {
    it(`is put back as it was, and the error comes out, when ${reason}`, () => {
      const before = platform();

      expect(run).toThrowError('expected');
      expect(platform()).toEqual(before);
      // And another simulation can run.
      expect(simulate(scenario, { plain: {} }).plain.requests).toBeGreaterThan(0);
    });
  }

  it('is put back as it was if a part of it cannot be replaced', () => {
    const real = Math;
    const random = Object.getOwnPropertyDescriptor(Math, 'random')!;
    globalThis.Math = Object.freeze(Object.create(Math, { random }) as typeof Math);
    try {
      const before = platform();

      expect(() => simulate(scenario, { plain: {} })).toThrowError(TypeError, /random/);
      expect(platform()).toEqual(before);
    } finally {
      globalThis.Math = real;
    }

    expect(simulate(scenario, { plain: {} }).plain.requests).toBeGreaterThan(0);
  });

  it('is put back as it was where it had been replaced before', () => {
    const report = simulate(scenario, { plain: {} });
    jasmine.clock().install();
    jasmine.clock().mockDate(new Date(2_000_000));
    try {
      const before = { setTimeout, setInterval, clearTimeout, clearInterval, now: Date.now };
      const fired: string[] = [];
      setTimeout(() => fired.push('of the fake clock'), 10);

      expect(simulate(scenario, { plain: {} })).toEqual(report);
      expect({ setTimeout, setInterval, clearTimeout, clearInterval, now: Date.now }).toEqual(before);
      expect([Date.now(), fired.length]).toEqual([2_000_000, 0]);
      jasmine.clock().tick(10);

      expect(fired).toEqual(['of the fake clock']);
    } finally {
      jasmine.clock().uninstall();
    }
  });

  it('is put back with what was an accessor, and what was not writable', () => {
    const originals = [Object.getOwnPropertyDescriptor(Math, 'random')!, Object.getOwnPropertyDescriptor(Date, 'now')!];
    const random = (): number => 0.5;
    Object.defineProperty(Math, 'random', { configurable: true, enumerable: true, get: () => random });
    Object.defineProperty(Date, 'now', { ...originals[1], writable: false });
    try {
      const before = platform();
      simulate(scenario, { plain: {} });

      expect(platform()).toEqual(before);
      expect(Math.random()).toBe(0.5);
    } finally {
      Object.defineProperty(Math, 'random', originals[0]!);
      Object.defineProperty(Date, 'now', originals[1]!);
    }
  });

  it('leaves the timers real that were started before, and lets them be cleared', async () => {
    const fired: string[] = [];
    const cleared = [
      setTimeout(() => fired.push('cleared timeout'), 0),
      setInterval(() => fired.push('cleared interval'), 0),
    ] as const;
    const kept = new Promise((resolve) => {
      setTimeout(resolve, 0);
    });
    within(() => {
      clearTimeout(cleared[0]);
      clearInterval(cleared[1]);
      fired.push('simulation');
    }, 60_000);

    expect(fired).toEqual(['simulation']);
    await kept;

    expect(fired).toEqual(['simulation']);
  });

  it('cannot begin within another one', () => {
    let thrown: unknown;
    within(() => {
      try {
        simulate(scenario, { plain: {} });
      } catch (error) {
        thrown = error;
      }
    });

    expect(thrown).toEqual(new Error('simulate() was called within a simulation: one ends before the next begins'));
  });

  it('cannot begin in the virtual time of a TestScheduler, and leaves that as it was', () => {
    const before = platform();
    new TestScheduler(() => undefined).run(({ flush }) => {
      expect(() => simulate(scenario, { plain: {} })).toThrowError(/cannot run in that of RxJS's TestScheduler/);
      const times: number[] = [];
      interval(10)
        .pipe(take(2))
        .subscribe((index) => times.push(index));
      flush();

      expect(times).toEqual([0, 1]);
    });

    expect(platform()).toEqual(before);
  });

  it('can begin in a callback of an RxJS timer: the report is the same, and nothing is left behind', async () => {
    const strategy = { attempts: 4, backoff: constant(300) };
    const expected = simulate(scenario, { strategy });
    const reports = await new Promise<unknown[]>((resolve) => {
      const all: unknown[] = [];
      // The second time shows that RxJS's own timers go on.
      interval(1)
        .pipe(take(2))
        .subscribe({
          next: () => all.push(simulate(scenario, { strategy })),
          complete: () => {
            resolve(all);
          },
        });
    });

    expect(expected.strategy.load).toBeGreaterThan(1.2);
    expect(reports).toEqual([expected, expected]);
  });

  it('is the real one in onProgress, also for a simulation that runs there', () => {
    const real = platform();
    const seen: unknown[] = [];
    const report = simulate(scenario, { plain: {} });
    const onProgress = (): void => {
      seen.push(platform());
      if (seen.length === 1) seen.push(simulate(scenario, { plain: {} }));
    };

    expect(simulate(scenario, { plain: {} }, { onProgress })).toEqual(report);
    expect(seen).toEqual([real, report, real, real]);
  });

  it('has no part in the ids of requests: a seed does not choose them', () => {
    const idOf = (): string => {
      const client = new RetryClient({ interceptors: [() => fail('not sent')] });
      let id = '';
      client.attempts$.subscribe(({ attempt }) => (id = attempt.requestId));
      client.get('http://server.test/').subscribe({ error: () => undefined });
      return id.split('-')[0]!;
    };
    const ids = new Set<string>();
    const server: Server = ({ attempt }) => {
      ids.add(attempt.requestId.split('-')[0]!);
      return { delay: 0, status: 200 };
    };
    simulate({ ...scenario, server }, { plain: {} });

    expect([...ids]).toEqual([idOf()]);
  });
});
