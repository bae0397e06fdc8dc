/** A page that the spec takes offline: `navigator`, and the events of the global object. */
export interface FakePage {
  /** Sets `navigator.onLine` and dispatches the event, as a browser does. */
  go(state: 'online' | 'offline'): void;
  /** Dispatches the event alone. */
  dispatch(type: 'online' | 'offline'): void;
  /** Sets `navigator.onLine` alone. */
  setOnLine(onLine: boolean): void;
  /** The number of listeners that are added to the page. */
  readonly listeners: number;
  /** Gives the globals back. */
  restore(): void;
}

/** The parts of a page that a spec sets. */
export interface FakePageOptions {
  /** `navigator.onLine` at the start. @default true */
  readonly onLine?: unknown;
  /** Whether the global object has `ononline`. @default true */
  readonly hasEvents?: boolean;
  /** `location.origin`, in Node alone. */
  readonly origin?: string;
  /** What `navigator.serviceWorker` returns; a function throws what it returns. */
  readonly serviceWorker?: object | (() => Error);
}

/** Puts a fake page into the globals, in Node and in a browser. */
export function fakePage({ onLine = true, hasEvents = true, origin, serviceWorker }: FakePageOptions = {}): FakePage {
  const events = new EventTarget();
  let current = onLine;
  let listeners = 0;
  const navigator = Object.defineProperties(
    {},
    {
      onLine: { get: () => current },
      serviceWorker: {
        get: () => {
          if (typeof serviceWorker === 'function') throw (serviceWorker as () => Error)();
          return serviceWorker;
        },
      },
    },
  );
  const globals: Record<string, unknown> = {
    navigator,
    addEventListener: (type: string, listener: EventListener) => {
      listeners += 1;
      events.addEventListener(type, listener);
    },
    removeEventListener: (type: string, listener: EventListener) => {
      listeners -= 1;
      events.removeEventListener(type, listener);
    },
    // In Node only: a browser's own location cannot be replaced.
    ...(origin !== undefined && { location: { origin } }),
    ononline: null,
  };
  const originals = Object.keys(globals).map(
    (name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const,
  );
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  if (!hasEvents) Reflect.deleteProperty(globalThis, 'ononline');
  const dispatch = (type: 'online' | 'offline'): void => void events.dispatchEvent(new Event(type));
  return {
    go: (state) => {
      current = state === 'online';
      dispatch(state);
    },
    dispatch,
    setOnLine: (value) => {
      current = value;
    },
    get listeners() {
      return listeners;
    },
    restore: () => {
      for (const [name, original] of originals) {
        // A browser's own globals are inherited.
        if (original) Object.defineProperty(globalThis, name, original);
        else Reflect.deleteProperty(globalThis, name);
      }
    },
  };
}
