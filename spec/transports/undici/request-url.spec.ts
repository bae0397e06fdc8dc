import fc from 'fast-check';

import { splitUrl } from '../../../src/transports/undici/request-url.js';

describe('splitUrl()', () => {
  it('splits a URL as the platform does, whatever URLs were split before', () => {
    const unusual = fc.string({
      unit: fc.constantFrom(...Array.from('/.%2e?#&=+:;,@!$\'()*~_-^`|"<>{}[]\\ \taA1é\u{1f375}')),
      maxLength: 12,
    });
    const origin = fc.constantFrom(
      'http://a.test',
      'http://a.test:8080',
      'https://a.test',
      'HTTP://A.test:80',
      'http://a.test.',
      'http://[::1]',
    );
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            origin,
            fc.oneof(
              unusual,
              unusual.map((text) => `/${text}`),
            ),
          ),
          { minLength: 1, maxLength: 4 },
        ),
        (urls) => {
          for (const [start, rest] of urls) {
            const url = start + rest;
            const parsed = URL.canParse(url) ? new URL(url) : undefined;
            if (parsed?.username !== '' || parsed.password !== '') {
              expect(() => splitUrl(url)).toThrowError(TypeError);
              continue;
            }
            // The `?` of an empty query is a part of the path.
            const path = parsed.href.replace(/#.*/s, '').slice(parsed.origin.length);
            expect(splitUrl(url)).toEqual({ origin: parsed.origin, path, url: parsed.origin + path });
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('leaves a normalized URL unchanged', () => {
    for (const path of ['/', '/users/1', '/a.b/c-d_e~f', '/users?id=1&q=a+b%20c', '//two', '/a?b/../c']) {
      for (let again = 0; again < 2; again += 1) {
        expect(splitUrl(`http://a.test${path}`)).toEqual({
          origin: 'http://a.test',
          path,
          url: `http://a.test${path}`,
        });
      }
    }
  });
});
