import { announcedLength } from '../../src/http/announced-length.js';

describe('The announced length of a body', () => {
  const of = (headers: Record<string, string>) => announcedLength(new Headers(headers));

  it('is its Content-Length', () => {
    expect(of({ 'content-length': '5' })).toBe(5);
    expect(of({ 'content-length': '0' })).toBe(0);
  });

  it('is one of two equal values, which a proxy may have added', () => {
    expect(of({ 'content-length': '5, 5' })).toBe(5);
    expect(of({ 'content-length': '5, 6' })).toBeUndefined();
  });

  it('is unknown without a valid Content-Length', () => {
    expect(of({})).toBeUndefined();
    for (const value of ['', '-1', '+5', '1e3', '0x10', '5.5', 'many']) {
      expect(of({ 'content-length': value }))
        .withContext(value)
        .toBeUndefined();
    }
  });

  it('is unknown for an encoded body, which is decompressed on the way', () => {
    expect(of({ 'content-length': '5', 'content-encoding': 'gzip' })).toBeUndefined();
    for (const coding of ['', 'identity', 'Identity']) {
      expect(of({ 'content-length': '5', 'content-encoding': coding }))
        .withContext(coding)
        .toBe(5);
    }
  });
});
