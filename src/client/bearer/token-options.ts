import { from, isObservable, map, type Observable, type ObservableInput, of } from 'rxjs';

import { checkKnownOptions, type OptionRules } from '../../util/known-options.js';
import { check, describeValue, type OptionRule } from '../../util/option-rule.js';

/** A token, or an Observable, promise or iterable of one, of which the first value counts. A string is a token. */
export type TokenInput<Token extends string | null | undefined> = Token | ObservableInput<Token>;

/** How a token is found and renewed. */
export interface TokenOptions {
  /**
   * Returns the current token, or an Observable or promise of it. It is asked for each sending, and after a 401.
   *
   * `undefined`, `null` and an empty string are no token: the request is sent without the header.
   */
  readonly token: (() => TokenInput<string | null | undefined>) | Observable<string | null | undefined>;
  /**
   * Obtains a new token. `token` should return it from then on.
   *
   * `null` says that there is none to be had, since the user is not signed in, for example. The 401 is then the
   * response.
   */
  readonly refresh: (() => TokenInput<string | null>) | Observable<string | null>;
  /**
   * The longest time that a refresh may take, in ms, or `false` for no limit: where it asks the user to sign in, for
   * example. It then fails, and with it all requests that wait for it.
   *
   * @default 20_000
   */
  readonly refreshTimeout?: number | false | undefined;
}

const SOURCE: OptionRule = [
  undefined,
  'a function that returns a token, an Observable or a promise of one; or an Observable',
  (source: unknown) => typeof source === 'function' || isObservable(source),
];

const TIMEOUT = 'a number of ms above 0, or false';

/** The rules for these options. */
export const TOKEN_RULES: OptionRules<TokenOptions> = {
  token: SOURCE,
  refresh: SOURCE,
  refreshTimeout: [undefined, TIMEOUT, (ms: unknown) => typeof ms === 'number' || ms === false],
};

/**
 * Checks options, of which `token` and `refresh` are required.
 *
 * @throws TypeError or RangeError that names the option, its value and what was expected
 */
export function checkTokenOptions<Options extends TokenOptions>(options: Options, rules: OptionRules<Options>): void {
  checkKnownOptions(options, rules);
  const { token, refresh, refreshTimeout } = options;
  check('token', token, SOURCE);
  check('refresh', refresh, SOURCE);
  if (typeof refreshTimeout === 'number') {
    check('refreshTimeout', refreshTimeout, [0, TIMEOUT, (ms: number) => ms > 0]);
  }
}

/** A token that a header can carry. A space is none of its characters: `Bearer` is not part of it. */
const TOKEN = /^[!-~]+$/;

/**
 * Asks for a token, and emits what is there, checked: a token, `null` for none, or `undefined`.
 *
 * @param name - the option that is asked
 * @param call - calls the option's function
 */
export function askFor(
  name: 'token' | 'refresh',
  source: TokenOptions[typeof name],
  call: <T>(work: () => T) => T,
): Observable<string | null | undefined> {
  const answer: unknown = typeof source === 'function' ? call(source) : source;
  const isAsync = (typeof answer === 'object' && answer !== null) || typeof answer === 'function';
  let tokens: Observable<unknown>;
  try {
    tokens = isAsync ? from(answer as ObservableInput<unknown>) : of(answer);
  } catch {
    // RxJS would not say where the value comes from.
    throw new TypeError(
      `what ${name} returns must be a token, or an Observable or a promise of one, not ${describeValue(answer)}`,
    );
  }
  return tokens.pipe(
    map((token) => {
      if (token === null || token === undefined || token === '') return token === null ? null : undefined;
      if (typeof token === 'string' && TOKEN.test(token)) return token;
      // The value is not shown: it may be a secret.
      throw new TypeError(
        `what ${name} emits must be a token of printable ASCII without spaces, and without the word Bearer, ` +
          `not ${typeof token === 'string' ? 'another string' : describeValue(token)}`,
      );
    }),
  );
}
