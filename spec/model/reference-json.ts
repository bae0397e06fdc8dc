class UnexpectedEnd extends Error {}
class SyntaxMismatch extends Error {}

/**
 * Classifies a text by JSON's grammar, character by character: JSON, the beginning of JSON, or neither.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8259 | RFC 8259}
 */
export function referenceJson(text: string): 'whole' | 'cut' | 'wrong' {
  let at = 0;
  const peek = (): string => {
    if (at === text.length) throw new UnexpectedEnd();
    return text[at] as string;
  };
  const take = (expected: RegExp): void => {
    if (!expected.test(peek())) throw new SyntaxMismatch();
    at += 1;
  };
  const space = (): void => {
    while (at < text.length && ' \t\n\r'.includes(text[at] as string)) at += 1;
  };
  const more = (expected: RegExp): boolean => at < text.length && expected.test(text[at] as string);
  const digits = (): void => {
    take(/\d/);
    while (more(/\d/)) at += 1;
  };
  const number = (): void => {
    if (more(/-/)) at += 1;
    if (more(/0/)) at += 1;
    else digits();
    if (more(/\./)) {
      at += 1;
      digits();
    }
    if (more(/e/i)) {
      at += 1;
      if (more(/[+-]/)) at += 1;
      digits();
    }
  };
  const string = (): void => {
    take(/"/);
    while (peek() !== '"') {
      if (peek() === '\\') {
        at += 1;
        if (peek() === 'u') {
          at += 1;
          for (let digit = 0; digit < 4; digit += 1) take(/[\da-f]/i);
        } else take(/["\\/bfnrt]/);
      } else take(/[^\0-\x1f]/);
    }
    at += 1;
  };
  const list = (end: string, item: () => void): void => {
    at += 1;
    space();
    if (peek() === end) {
      at += 1;
      return;
    }
    for (;;) {
      item();
      space();
      if (peek() === end) break;
      take(/,/);
      space();
    }
    at += 1;
  };
  const value = (): void => {
    space();
    const literal = { t: 'true', f: 'false', n: 'null' }[peek()];
    if (literal !== undefined) for (const char of literal) take(new RegExp(char));
    else if (peek() === '"') string();
    else if (peek() === '[') list(']', value);
    else if (peek() === '{') {
      list('}', () => {
        string();
        space();
        take(/:/);
        value();
      });
    } else number();
  };
  try {
    value();
    space();
    return at === text.length ? 'whole' : 'wrong';
  } catch (error) {
    if (error instanceof UnexpectedEnd) return 'cut';
    if (error instanceof SyntaxMismatch) return 'wrong';
    throw error;
  }
}
