import fc from 'fast-check';
import { DisplayString, isInnerList, parseList as parseTheirs, Token } from 'structured-headers';

import { countOf, parseList, stringOf } from '../../src/http/structured-list.js';

/** The types that the gate reads have a value; the others a name. */
type Comparable = string | number;

function theirs(field: string): Comparable[][] | undefined {
  try {
    return parseTheirs(field).map((item) => {
      if (isInnerList(item)) throw new Error('inner lists are not read');
      const [value, parameters] = item;
      return [comparable(value), ...[...parameters].flatMap(([key, parameter]) => [key, comparable(parameter)])];
    });
  } catch {
    return undefined;
  }
}

function comparable(value: unknown): Comparable {
  if (typeof value === 'string') return `string ${value}`;
  if (typeof value === 'number') {
    return Number.isInteger(value) && value >= 0 && !Object.is(value, -0) ? value : 'number';
  }
  if (typeof value === 'boolean') return `boolean ${String(value)}`;
  if (value instanceof Token) return `token ${value.toString()}`;
  if (value instanceof DisplayString) return 'display';
  return value instanceof ArrayBuffer ? 'bytes' : 'other';
}

function ours(field: string): Comparable[][] | undefined {
  return parseList(field)?.map(({ value, parameters }) => [
    readOurs(value),
    ...[...parameters].flatMap(([key, parameter]) => [key, readOurs(parameter)]),
  ]);
}

function readOurs(item: string): Comparable {
  const text = stringOf(item);
  if (text !== undefined) return `string ${text}`;
  const count = countOf(item) ?? (/^\d+\.0+$/.test(item) ? Number(item) : undefined);
  if (count !== undefined) return count;
  if (/^[-\d]/.test(item)) return 'number';
  if (item.startsWith('?')) return `boolean ${String(item === '?1')}`;
  if (item.startsWith('%')) return 'display';
  return item.startsWith(':') ? 'bytes' : `token ${item}`;
}

/** Whether each byte sequence is in base64. The gate compares these keys, and does not decode them. */
function hasDecodableBytes(field: string): boolean {
  return [...field.matchAll(/:([A-Za-z\d+/=]*):/g)].every(([, base64 = '']) => {
    try {
      atob(base64);
      return true;
    } catch {
      return false;
    }
  });
}

describe('parseList beside structured-headers', () => {
  it('reads what it reads, and refuses what it refuses', () => {
    const bareItem = fc.oneof(
      fc.constantFrom('"a"', '"a\\"b"', '""', 'token', 'a/b:c', '*', '?1', '?0', ':YQ==:', ':cHsdsRa894==:', '::'),
      fc.integer().map(String),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number.toFixed(3)),
      fc.constantFrom('%"a%c3%bc"', '%"a"', '("a")', '"', '1.', ':', '?', ' ', ''),
    );
    const parameter = fc.tuple(
      fc.constantFrom(';', '; ', ' ;'),
      fc.constantFrom('r', 't', 'pk', '*a', 'R', ''),
      fc.option(bareItem),
    );
    const item = fc
      .tuple(bareItem, fc.array(parameter, { maxLength: 3 }))
      .map(([value, parameters]) =>
        [value, ...parameters.map(([mark, key, of]) => mark + key + (of === null ? '' : `=${of}`))].join(''),
      );
    const list = fc
      .array(fc.tuple(item, fc.constantFrom(',', ', ', ' , ', '\t,\t', '')), { maxLength: 4 })
      .map((items) => items.map(([text, separator]) => text + separator).join(''));
    const soup = fc
      .array(fc.constantFrom(...'"\\;,=:?%* \t1a.-/(Z'.split('')), { maxLength: 12 })
      .map((characters) => characters.join(''));
    fc.assert(
      fc.property(
        fc.oneof(
          list,
          soup,
          list.map((text) => text.slice(0, -1)),
        ),
        (field) => {
          fc.pre(hasDecodableBytes(field));
          expect(ours(field)).withContext(field).toEqual(theirs(field));
        },
      ),
      { numRuns: 30_000 },
    );
  });
});
