import { nodeFetch } from '../../src/transports/node-fetch.js';
import { undiciFetch } from '../../src/transports/undici.js';
import { expectRefusal } from '../support/expect-refusal.js';

describe('Creating a transport', () => {
  it('throws an error that names an unknown or invalid option', () => {
    const refusals: readonly (readonly [make: () => unknown, ...words: string[]])[] = [
      [() => undiciFetch(5 as never), 'undiciFetch()', '5'],
      [() => undiciFetch({ dispatcher: {} as never }), 'dispatcher', 'an object', 'Dispatcher'],
      [() => undiciFetch({ dispatcher: null as never }), 'dispatcher', 'null'],
      [() => undiciFetch({ dispatchr: 1 } as never), 'dispatchr', 'known options: dispatcher'],
      [() => nodeFetch(null as never), 'nodeFetch()', 'null'],
      [() => nodeFetch({ agnet: 1 } as never), 'agnet', 'agent, size, highWaterMark, compress'],
      [() => nodeFetch({ agent: 5 as never }), 'agent', '5', 'http.Agent'],
      [() => nodeFetch({ size: '5' as never }), 'size', "'5'", 'a whole number'],
      [() => nodeFetch({ size: -1 }), 'size', '-1'],
      [() => nodeFetch({ highWaterMark: NaN }), 'highWaterMark', 'NaN'],
      [() => nodeFetch({ compress: 1 as never }), 'compress', '1', 'true or false'],
    ];
    for (const [make, ...words] of refusals) expectRefusal(make, [TypeError, RangeError], ...words);
  });

  it('treats undefined options as absent', () => {
    expect(() => [
      undiciFetch({ dispatcher: undefined }),
      nodeFetch({ agent: undefined, size: undefined, highWaterMark: undefined, compress: undefined }),
    ]).not.toThrow();
  });
});
