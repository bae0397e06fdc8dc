import { type GateKey, KeyedState } from '../../src/gates/keyed-state.js';
import { type GateAttempt } from '../../src/index.js';

interface State {
  readonly key: string;
  inUse: boolean;
}

function keyedState(by: GateKey = 'origin'): KeyedState<State, { readonly name: string }> {
  return new KeyedState<State, { readonly name: string }>({
    by,
    create: (key) => ({ key, inUse: false }),
    isInUse: ({ inUse }) => inUse,
    snapshotOf: ({ key }) => ({ name: key }),
  });
}

function attempt(url?: string): GateAttempt {
  return { number: 1, of: 3, requestId: 'a', startedAt: 0, ...(url !== undefined && { url }) };
}

/** The names from `first` on, `count` of them. */
function names(first: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(first + index));
}

describe('KeyedState', () => {
  it('has a key for each origin, and one for attempts without a URL', () => {
    const states = keyedState();
    const keys = ['https://a.test:8443/x?y', 'https://a.test/', undefined].map((url) => states.keyOf(attempt(url)));

    expect(keys).toEqual(['https://a.test:8443', 'https://a.test', 'all']);
  });

  it('can have one key for all, or those of a function', () => {
    expect(keyedState('all').keyOf(attempt('https://a.test/'))).toBe('all');
    expect(keyedState(({ requestId }) => `of ${requestId}`).keyOf(attempt())).toBe('of a');
    expect(keyedState((() => 7) as never).keyOf(attempt())).toBe('7');
  });

  it('keeps the state of a key', () => {
    const states = keyedState();

    expect(states.peek('a')).toBeUndefined();

    const state = states.use('a');

    expect(states.use('a')).toBe(state);
    expect(states.peek('a')).toBe(state);
  });

  it('keeps 1,000 keys, and drops those that were not used for the longest time', () => {
    const states = keyedState();
    for (const name of names(0, 1_000)) states.use(name);
    states.use('0');
    for (const name of names(1_000, 2)) states.use(name);

    expect([...states.snapshot().keys()]).toEqual([...names(3, 997), '0', ...names(1_000, 2)]);
  });

  it('counts no question as a use', () => {
    const states = keyedState();
    for (const name of names(0, 1_000)) states.use(name);
    states.peek('0');
    states.snapshot('0');
    states.use('new');

    expect(states.peek('0')).toBeUndefined();
    expect(states.peek('1')).toBeDefined();
  });

  it('never drops one in use, which counts as used then', () => {
    const states = keyedState();
    for (const name of names(0, 1_000)) states.use(name).inUse = Number(name) < 3;
    states.use('new');

    expect([...states.snapshot().keys()]).toEqual([...names(4, 996), 'new', '0', '1', '2']);
  });

  it('keeps more than 1,000 while all are in use, looks at ten at a time, and shrinks once they are free', () => {
    const states = keyedState();
    for (const name of names(0, 1_100)) states.use(name).inUse = true;

    expect(states.snapshot().size).toBe(1_100);

    let looks = 0;
    for (const { name } of states.snapshot().values()) {
      const state = states.peek(name) as State;
      Object.defineProperty(state, 'inUse', {
        get: () => {
          looks += 1;
          return true;
        },
      });
    }
    states.use('one more').inUse = true;

    expect(looks).toBe(10);

    const free = keyedState();
    for (const name of names(0, 1_100)) free.use(name).inUse = true;
    for (const name of names(0, 1_100)) (free.peek(name) as State).inUse = false;
    free.use('1099');

    expect(free.snapshot().size).toBe(1_090);

    for (const name of names(2_000, 10)) free.use(name);

    expect(free.snapshot().size).toBe(1_000);
  });

  it('shows one key, or a Map of all, and a key that was never used as at the start', () => {
    const states = keyedState();
    states.use('a');
    states.use('b');
    const { snapshot } = states;

    expect(snapshot('b')).toEqual({ name: 'b' });
    expect(snapshot('c')).toEqual({ name: 'c' });
    expect([...snapshot()]).toEqual([
      ['a', { name: 'a' }],
      ['b', { name: 'b' }],
    ]);
  });

  it('emits what it is told to have changed, with the key', () => {
    const states = keyedState();
    const changes: unknown[] = [];
    states.notify('a');
    const subscription = states.changes$.subscribe((change) => changes.push(change));
    states.notify('b');
    subscription.unsubscribe();
    states.notify('c');

    expect(changes).toEqual([{ name: 'b', key: 'b' }]);
  });

  it('computes no state that nobody sees', () => {
    const snapshotOf = jasmine.createSpy();
    const states = new KeyedState({ by: 'all', create: () => 0, isInUse: () => false, snapshotOf });
    states.notify('a');

    expect(snapshotOf).not.toHaveBeenCalled();
  });
});
