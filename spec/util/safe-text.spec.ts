import { safeText, safeUrl } from '../../src/util/safe-text.js';

describe('A text from outside', () => {
  it('becomes one line, with single spaces between its words and none around them', () => {
    expect(safeText('\n two\r\n  lines\t\u2028and\u00a0 more \n')).toBe('two lines and more');
    expect(safeText('a\u0000\u202eb')).toBe('a b');
    expect(safeText('plain text')).toBe('plain text');
    expect(safeText(' \n')).toBe('');
  });

  it('keeps what is no space, in every script', () => {
    expect(safeText('Łódź – 東京 😀')).toBe('Łódź – 東京 😀');
  });

  it('is read in no more than linear time, however many spaces it has', () => {
    const started = performance.now();
    expect(safeText(`a${' '.repeat(1_000_000)}b`)).toBe('a b');
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('is trimmed also where it was meant to be a URL', () => {
    expect(safeUrl(' http://me:secret@a.test/\n')).toBe('http://a.test/');
  });
});
