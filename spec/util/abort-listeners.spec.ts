import * as separate from '../../src/util/abort-listeners.browser.js';
import * as shared from '../../src/util/abort-listeners.js';

for (const [where, { addAbortListener, removeAbortListener }] of [
  ['in Node, under one listener', shared],
  ['in browsers, each by a listener of its own', separate],
] as const) {
  describe(`The callbacks of a signal ${where},`, () => {
    it('are called once, when it is aborted', () => {
      const controller = new AbortController();
      const called: string[] = [];
      addAbortListener(controller.signal, () => called.push('a'));
      addAbortListener(controller.signal, () => called.push('b'));
      expect(called).toEqual([]);
      controller.abort();
      controller.abort();

      expect(called).toEqual(['a', 'b']);
    });

    it('are not called after they are removed, unlike the others', () => {
      const controller = new AbortController();
      const called: string[] = [];
      const removed = (): void => void called.push('removed');
      addAbortListener(controller.signal, removed);
      addAbortListener(controller.signal, () => called.push('kept'));
      removeAbortListener(controller.signal, removed);
      controller.abort();

      expect(called).toEqual(['kept']);
    });
  });
}
