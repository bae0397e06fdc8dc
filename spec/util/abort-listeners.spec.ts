import * as own from '../../src/util/abort-listeners.browser.js';
import * as shared from '../../src/util/abort-listeners.js';

for (const [where, { addAbortListener: listenToAbort, removeAbortListener: unlistenToAbort }] of [
  ['in Node, under one listener', shared],
  ['in browsers, each by a listener of its own', own],
] as const) {
  describe(`Those who wait for a signal ${where},`, () => {
    it('are called back once, when it is aborted', () => {
      const controller = new AbortController();
      const called: string[] = [];
      listenToAbort(controller.signal, () => called.push('a'));
      listenToAbort(controller.signal, () => called.push('b'));
      expect(called).toEqual([]);
      controller.abort();
      controller.abort();

      expect(called).toEqual(['a', 'b']);
    });

    it('hear nothing once they are forgotten, and the others do', () => {
      const controller = new AbortController();
      const called: string[] = [];
      const left = (): void => void called.push('left');
      listenToAbort(controller.signal, left);
      listenToAbort(controller.signal, () => called.push('stayed'));
      unlistenToAbort(controller.signal, left);
      controller.abort();

      expect(called).toEqual(['stayed']);
    });
  });
}
