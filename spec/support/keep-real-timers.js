// A helper of jasmine, in Node. While timers are fake, `clearTimeout` and `clearInterval` still clear real ones.
// Connections of earlier specs may close in that time. Node's fetch then clears their timers, and one that it could not
// clear throws seconds later, in whatever spec runs by then (https://github.com/nodejs/undici/issues/4755).
const Timeout = setTimeout(() => undefined, 0).constructor;

for (const name of ['clearTimeout', 'clearInterval']) {
  const real = globalThis[name];
  let current = real;
  const clear = (timer) => (timer instanceof Timeout ? real(timer) : current(timer));
  Object.defineProperty(globalThis, name, {
    configurable: true,
    enumerable: true,
    // Jasmine's clock wants to find the real one before it replaces it, and a spy wants to find itself.
    get: () => (current === real || jasmine.isSpy(current) ? current : clear),
    set: (value) => {
      if (value !== clear) current = value;
    },
  });
}
