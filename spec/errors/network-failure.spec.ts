import { readNetworkFailure as ofBrowsers } from '../../src/errors/network-failure.browser.js';
import { readNetworkFailure as ofNode } from '../../src/errors/network-failure.js';

const url = 'http://a.test/';
const refused = { syscall: 'connect', code: 'ECONNREFUSED', address: '10.0.0.1', port: 80, message: 'connect ECONNREFUSED' };

for (const [where, read] of [
  ['everywhere', (error: unknown) => ofNode(error, url, true)],
  ['in browsers', (error: unknown) => ofBrowsers(error)],
] as const) {
  describe(`What is read from a transport’s error, ${where},`, () => {
    it('is what its innermost cause says', () => {
      expect(read(new TypeError('outer', { cause: new Error('inner') })).summary).toBe('inner');
      expect(read(new TypeError('outer', { cause: new Error('') })).summary).toBe('outer');
      expect(read(new AggregateError([new Error('one'), new Error('two'), new Error('one')], 'both')).summary).toBe('one; two');
      for (const nothing of [undefined, null, 'text', 7, {}]) expect(read(nothing).summary).toBeUndefined();
    });

    it('is whether it was sent, and whether it would fail again, where the transport knows that', () => {
      const told = (marks: object) => {
        const { sent, permanent } = read(new Error('down', { cause: Object.assign(new Error('cause'), marks) }));
        return [sent, permanent];
      };

      expect(told({})).toEqual([undefined, undefined]);
      expect(told({ sent: false })).toEqual([false, undefined]);
      expect(told({ sent: true, ...refused, address: 'a.test' })).toEqual([undefined, undefined]);
      expect(told({ permanent: true })).toEqual([undefined, true]);
      expect(told({ sent: 'no', permanent: 'yes' })).toEqual([undefined, undefined]);
    });

    it('ends with causes that go in a circle', () => {
      const circle = new Error('round');
      circle.cause = circle;

      expect(read(circle).summary).toBe('round');
    });
  });
}

describe('What is read from an error of Node', () => {
  it('is nothing in browsers, which have no such codes', () => {
    expect(ofNode(refused, 'http://10.0.0.1/', true)).toEqual({ isNetwork: true, summary: 'connect ECONNREFUSED', phase: 'connect', sent: false, permanent: undefined, cause: refused });
    expect(ofBrowsers(refused)).toEqual({ isNetwork: false, summary: 'connect ECONNREFUSED', sent: undefined, permanent: undefined, cause: refused });
  });
});
