import { assertNever } from '../../src/util/assert-never.js';

describe('assertNever()', () => {
  it('throws a TypeError that names the value', () => {
    expect(() => assertNever('other' as never)).toThrowError(TypeError, "unexpected value 'other'");
    expect(() => assertNever(undefined as never)).toThrowError(TypeError, 'unexpected value undefined');
  });

  it('names an object by its type, and shows nothing else of it', () => {
    expect(() => assertNever({ type: 'other', token: 'secret' } as never)).toThrowError("unexpected value 'other'");
    expect(() => assertNever({ token: 'secret' } as never)).toThrowError('unexpected value an object');
  });
});
