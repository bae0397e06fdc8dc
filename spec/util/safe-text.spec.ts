import { redactSignatures, safeText, safeUrl } from '../../src/util/safe-text.js';

describe('A text from outside', () => {
  it('is one line without characters that a terminal interprets', () => {
    expect(safeText('404 \u001b[2J\u001b]0;owned\u0007')).toBe('404 [2J ]0;owned');
    expect(safeText('one\r\n[fake] line')).toBe('one [fake] line');
    expect(safeText('\u009b2J \u202egnp.exe\u2066 \u2028 \ud800')).toBe('2J gnp.exe');
    expect(safeText('\n two\r\n  lines\t\u2028and\u00a0 more \n')).toBe('two lines and more');
    expect(safeText(' \n')).toBe('');
    expect(safeText('Łódź – 東京 and 🎈 stay')).toBe('Łódź – 東京 and 🎈 stay');
  });

  it('has no user and password of a URL in it', () => {
    expect(safeText('request to https://me:pa55@a.test/x?y#z failed')).toBe('request to https://a.test/x?y#z failed');
    expect(safeText('http://a.test/@handle is fine, and so is me@a.test')).toBe(
      'http://a.test/@handle is fine, and so is me@a.test',
    );
  });

  it('has no signature of a presigned URL in it, and keeps the names', () => {
    const url =
      'https://b.test/f?X-Amz-Credential=a%2Fb&X-Amz-Date=1&X-Amz-Signature=abc&X-Amz-Security-Token=t&sig=s&AWSAccessKeyId=k&Signature=q&X-Goog-Signature=g#end';
    expect(redactSignatures(url)).toBe(
      'https://b.test/f?X-Amz-Credential=REDACTED&X-Amz-Date=1&X-Amz-Signature=REDACTED&X-Amz-Security-Token=REDACTED&sig=REDACTED&AWSAccessKeyId=REDACTED&Signature=REDACTED&X-Goog-Signature=REDACTED#end',
    );
    expect(redactSignatures('https://a.test/?signature=case&design=x&asig=1')).toBe(
      'https://a.test/?signature=case&design=x&asig=1',
    );
  });

  it('that was meant to be a URL loses everything before its last @', () => {
    expect(safeUrl('https://me:pa/55@a.test:99999/x')).toBe('https://a.test:99999/x');
    expect(safeUrl(' http:\\\\me:pa55@a.test')).toBe('http:\\\\a.test');
    expect(safeUrl('me:pa55@a.test')).toBe('me:a.test');
    expect(safeUrl('/path/@handle')).toBe('/path/@handle');
  });

  it('is read in linear time, however it is made', () => {
    const time = (work: (text: string) => string, text: string): number => {
      const began = performance.now();
      work(text);
      return performance.now() - began;
    };
    for (const piece of ['/', '\\', 'a.', 'a://', '@', 'a:', ' ', '//@', '?sig=', '\u0000', 'a-']) {
      // A quadratic one would take seconds.
      for (const work of [safeText, safeUrl, redactSignatures]) {
        expect(time(work, piece.repeat(200_000)))
          .withContext(`${work.name} of ${JSON.stringify(piece)}`)
          .toBeLessThan(1_000);
      }
    }
  });
});
