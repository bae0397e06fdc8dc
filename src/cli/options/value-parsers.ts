import type { Credentials } from './option-values.js';

/** Reads an option's text: what it may be, in words for help and errors, and its value, or `undefined` where it is none. */
export interface Reader<T> {
  readonly expected: string;
  /** Whether what was given may be a secret, and is not repeated in a message. */
  readonly secret?: true;
  /** Whether it is to be a URL, which may have a password in it. */
  readonly url?: true;
  /** @param before - what the same option, given earlier, was read as */
  read(text: string, before?: T): T | undefined;
}

const units: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);

/** A time span, into ms. */
export const duration: Reader<number> = {
  expected: 'a duration such as 500, 500ms, 2s, 1.5m or 1h (a plain number is ms)',
  read: (text) => {
    const [, digits, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
    return digits === undefined ? undefined : Number(digits) * (units.get(unit ?? '') ?? 1);
  },
};

/** A limit in ms, or `none` for no limit: within 0 nothing could happen. */
export const limit: Reader<number | false> = {
  expected: 'a duration above 0 such as 500, 500ms, 2s, 1.5m or 1h (a plain number is ms), or none',
  read: (text) => {
    if (text.toLowerCase() === 'none') return false;
    const ms = duration.read(text);
    return ms === 0 ? undefined : ms;
  },
};

/** A number of at least `least`. */
export function number(least: number): Reader<number> {
  return {
    expected: `a number of at least ${least}`,
    read: (text) => (/^\d+(\.\d+)?$/.test(text) && Number(text) >= least ? Number(text) : undefined),
  };
}

/** A whole number from `least` to `most`. */
export function whole(least: number, most: number = Number.MAX_SAFE_INTEGER): Reader<number> {
  return {
    expected:
      most === Number.MAX_SAFE_INTEGER
        ? `a whole number of at least ${least}`
        : `a whole number from ${least} to ${most}`,
    read: (text) => (/^\d+$/.test(text) && Number(text) >= least && Number(text) <= most ? Number(text) : undefined),
  };
}

/** One of some words. */
export function word<T extends string>(...words: readonly T[]): Reader<T> {
  return { expected: wordList(words), read: (text) => words.find((one) => one === text.toLowerCase()) };
}

/** Whatever `reader` reads, or one word that stands for a value of its own. */
export function orWord<T, U>(reader: Reader<T>, special: string, value: U): Reader<T | U> {
  return {
    expected: `${reader.expected}, or ${special}`,
    read: (text) => (text.toLowerCase() === special ? value : reader.read(text)),
  };
}

/** Several of what `reader` reads, between commas; or `none`. */
export function listOf<T>(reader: Reader<T>, what: string): Reader<readonly T[]> {
  return {
    expected: what,
    read: (text) => {
      if (text.toLowerCase() === 'none') return [];
      const items = text.split(',').map((item) => reader.read(item.trim()));
      return items.every((item) => item !== undefined) ? items : undefined;
    },
  };
}

/** What `reader` reads, each time the option is given. */
export function repeated<T>(reader: Reader<T>): Reader<readonly T[]> {
  return {
    ...reader,
    read: (text, before = []) => {
      const item = reader.read(text);
      return item === undefined ? undefined : [...before, item];
    },
  };
}

/** A method's name, in upper case. */
export const method: Reader<string> = {
  expected: 'a method such as GET or POST',
  read: (text) => (/^[!#$%&'*+.^_`|~\w-]+$/.test(text) ? text.toUpperCase() : undefined),
};

/** A header, as name and value. */
export const header: Reader<readonly [name: string, value: string]> = {
  expected: "'name: value'",
  secret: true,
  read: (text) => {
    const [, name, value] = /^([^:]+):(.*)$/s.exec(text) ?? [];
    if (name === undefined || value === undefined) return undefined;
    try {
      // The platform knows best what a header may hold.
      new Headers([[name.trim(), value.trim()]]);
    } catch {
      return undefined;
    }
    return [name.trim(), value.trim()];
  },
};

/** A user and password, for basic authentication. */
export const credentials: Reader<Credentials> = {
  expected: "'user:password' (the password is never asked for)",
  secret: true,
  read: (text) => {
    // Only the password may have a colon in it.
    const [, user, password] = /^([^:]*):(.*)$/s.exec(text) ?? [];
    return user === undefined || password === undefined ? undefined : { user, password };
  },
};

/** An absolute http or https URL. */
export const httpUrl: Reader<string> = {
  expected: 'a URL such as https://example.com/path',
  url: true,
  read: (text) => (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) ? text : undefined),
};

/** Any text. */
export const text: Reader<string> = { expected: 'a text', read: (value) => value };

/** `a, b or c`. */
function wordList(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
}
