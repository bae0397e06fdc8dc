import { countOf, parseList, stringOf } from '../../src/http/structured-list.js';

/** Formats a list: each item with its parameters. */
function format(field: string): string[] | undefined {
  return parseList(field)?.map(({ value, parameters }) =>
    [value, ...[...parameters].map((pair) => pair.join('='))].join(' '),
  );
}

describe('parseList', () => {
  const lists: Record<string, string[]> = {
    '': [],
    '   ': [],
    '"default";r=50;t=30': ['"default" r=50 t=30'],
    '"burst";q=100;w=60,"daily";q=1000;w=86400': ['"burst" q=100 w=60', '"daily" q=1000 w=86400'],
    '"peruser";q=100;w=60;pk=:cHsdsRa894==:': ['"peruser" q=100 w=60 pk=:cHsdsRa894==:'],
    '"a"; r=1;   t=2 \t,\t "b"': ['"a" r=1 t=2', '"b"'],
    '  "a"  ': ['"a"'],
    '"a" \t': ['"a"'],
    '"a";r=1;r=2': ['"a" r=2'],
    '"a";flag;b=?0': ['"a" flag=?1 b=?0'],
    'token;x=to/k:en': ['token x=to/k:en'],
    '*star;*k=1': ['*star *k=1'],
    '100;w=60, 1.5, -3': ['100 w=60', '1.5', '-3'],
    '999999999999999': ['999999999999999'],
    '999999999999.999': ['999999999999.999'],
    '@1659578233': ['@1659578233'],
    '%"f%c3%bc"': ['%"f%c3%bc"'],
    '"say \\"a\\\\b\\""': ['"say \\"a\\\\b\\""'],
    '"a, b;c"': ['"a, b;c"'],
    '"a";a_b.c-d*9=1': ['"a" a_b.c-d*9=1'],
  };
  for (const [field, items] of Object.entries(lists)) {
    it(`reads ${JSON.stringify(field)}`, () => {
      expect(format(field)).toEqual(items);
    });
  }

  const malformed = [
    '"a",',
    '"a", ',
    ',"a"',
    '"a" "b"',
    '"a',
    '"a\\b"',
    '"ü"',
    '"a\tb"',
    '\t"a"',
    '"a";',
    '"a";R=1',
    '"a";r=',
    '"a";r= 1',
    '"a" ;r=1',
    '"a";\tr=1',
    'limit=100, remaining=50',
    '("a" "b")',
    '1000000000000000',
    '1234567890123.1',
    '1.',
    '1.2345',
    '--1',
    '?2',
    ':a b:',
    ':abc',
    '@1.5',
    '%"f%C3%BC"',
    '%"a',
    'ü',
  ];
  for (const field of malformed) {
    it(`refuses ${JSON.stringify(field)}`, () => {
      expect(parseList(field)).toBeUndefined();
    });
  }

  it('takes linear time for a field that never ends', () => {
    for (const piece of ['"a",', '"a";b;', '\\"', 'a;', '1', ':', ' ', ';b=']) {
      const before = performance.now();
      parseList(piece.repeat(100_000));
      parseList(`"${piece.repeat(100_000)}`);
      expect(performance.now() - before).toBeLessThan(2_000);
    }
  });
});

describe('stringOf and countOf', () => {
  it('read a String, and nothing else', () => {
    expect(['"a\\"b\\\\"', '""', 'token', '1', ':YQ==:', undefined].map(stringOf)).toEqual([
      'a"b\\',
      '',
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('read an Integer that is not negative, and nothing else', () => {
    expect(['0', '042', '-1', '-0', '1.0', '"1"', '@1', undefined].map(countOf)).toEqual([
      0,
      42,
      ...Array.from({ length: 6 }, () => undefined),
    ]);
  });
});
