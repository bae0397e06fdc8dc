import type { Credentials } from './option-values.js';

/** Parses the text of an option. */
export interface ValueParser<T> {
  /** What the text must be, in words for help and errors. */
  readonly expected: string;
  /** Whether the text can be a secret. An error message then does not repeat it. */
  readonly secret?: true;
  /** Whether the text must be a URL. An error message then leaves out a password in it. */
  readonly url?: true;
  /**
   * Returns the value, or `undefined` if the text is not valid.
   *
   * @param previous - the value of the same option given earlier in the command line
   */
  parse(text: string, previous?: T): T | undefined;
}

/** The length of each unit in ms. */
const UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);

/** A duration in ms. */
export const duration: ValueParser<number> = {
  expected: 'a duration such as 500, 500ms, 2s, 1.5m or 1h (a plain number is ms)',
  parse: (text) => {
    const [, digits, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
    return digits === undefined ? undefined : Number(digits) * (UNITS.get(unit ?? '') ?? 1);
  },
};

/** A time limit in ms, or `none` for no limit. A limit of 0 ms is not valid: nothing could happen within it. */
export const timeLimit: ValueParser<number | false> = {
  expected: 'a duration above 0 such as 500, 500ms, 2s, 1.5m or 1h (a plain number is ms), or none',
  parse: (text) => {
    if (text.toLowerCase() === 'none') return false;
    const ms = duration.parse(text);
    return ms === 0 ? undefined : ms;
  },
};

/** A number of at least `min`. */
export function number(min: number): ValueParser<number> {
  return {
    expected: `a number of at least ${min}`,
    parse: (text) => (/^\d+(\.\d+)?$/.test(text) && Number(text) >= min ? Number(text) : undefined),
  };
}

/** A whole number from `min` to `max`. */
export function integer(min: number, max: number = Number.MAX_SAFE_INTEGER): ValueParser<number> {
  return {
    expected:
      max === Number.MAX_SAFE_INTEGER ? `a whole number of at least ${min}` : `a whole number from ${min} to ${max}`,
    parse: (text) => (/^\d+$/.test(text) && Number(text) >= min && Number(text) <= max ? Number(text) : undefined),
  };
}

/** One of several keywords, in any case. */
export function oneOf<T extends string>(...keywords: readonly T[]): ValueParser<T> {
  return {
    expected: joinKeywords(keywords),
    parse: (text) => keywords.find((keyword) => keyword === text.toLowerCase()),
  };
}

/** What `parser` parses, or a keyword that stands for `value`. */
export function orKeyword<T, U>(parser: ValueParser<T>, keyword: string, value: U): ValueParser<T | U> {
  return {
    expected: `${parser.expected}, or ${keyword}`,
    parse: (text) => (text.toLowerCase() === keyword ? value : parser.parse(text)),
  };
}

/** Several of what `parser` parses, separated by commas, or `none`. */
export function listOf<T>(parser: ValueParser<T>, expected: string): ValueParser<readonly T[]> {
  return {
    expected,
    parse: (text) => {
      if (text.toLowerCase() === 'none') return [];
      const items = text.split(',').map((item) => parser.parse(item.trim()));
      return items.every((item) => item !== undefined) ? items : undefined;
    },
  };
}

/** What `parser` parses, collected each time the option is given. */
export function repeated<T>(parser: ValueParser<T>): ValueParser<readonly T[]> {
  return {
    ...parser,
    parse: (text, previous = []) => {
      const item = parser.parse(text);
      return item === undefined ? undefined : [...previous, item];
    },
  };
}

/** The name of a method, in upper case. */
export const method: ValueParser<string> = {
  expected: 'a method such as GET or POST',
  parse: (text) => (/^[!#$%&'*+.^_`|~\w-]+$/.test(text) ? text.toUpperCase() : undefined),
};

/** The name and value of a header. */
export const header: ValueParser<readonly [name: string, value: string]> = {
  expected: "'name: value'",
  secret: true,
  parse: (text) => {
    const [, name, value] = /^([^:]+):(.*)$/s.exec(text) ?? [];
    if (name === undefined || value === undefined) return undefined;
    try {
      // The platform's own Headers decides what a header may contain, so that fetch does not throw later.
      new Headers([[name.trim(), value.trim()]]);
    } catch {
      return undefined;
    }
    return [name.trim(), value.trim()];
  },
};

/** A key for the `Idempotency-Key` header: what the client's option accepts. */
export const idempotencyKey: ValueParser<string> = {
  expected: 'a key of printable ASCII without blanks',
  parse: (text) => (/^[!-~]+$/.test(text) ? text : undefined),
};

/** A user and password for basic authentication. */
export const credentials: ValueParser<Credentials> = {
  expected: "'user:password' (there is no password prompt)",
  secret: true,
  parse: (text) => {
    // Only the password may contain a colon (RFC 7617, section 2).
    const [, user, password] = /^([^:]*):(.*)$/s.exec(text) ?? [];
    return user === undefined || password === undefined ? undefined : { user, password };
  },
};

/** An absolute http or https URL. */
export const httpUrl: ValueParser<string> = {
  expected: 'a URL such as https://example.com/path',
  url: true,
  parse: (text) => (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) ? text : undefined),
};

/** Names separated by commas. */
export const names: ValueParser<readonly string[]> = {
  expected: 'names separated by commas such as none,plain,budget',
  parse: (text) => {
    const items = text.split(',').map((item) => item.trim());
    return items.includes('') ? undefined : items;
  },
};

/** Any text. */
export const anyText: ValueParser<string> = { expected: 'a text', parse: (text) => text };

/** Joins keywords for a message: `a, b or c`. */
function joinKeywords(keywords: readonly string[]): string {
  return keywords.length < 2 ? keywords.join('') : `${keywords.slice(0, -1).join(', ')} or ${keywords.at(-1) ?? ''}`;
}
