import type { UrlInput } from '../../http/url.js';
import { invalidOptionMessage, type OptionRule } from '../../util/option-rule.js';

/** Which requests a token is for: those to the origins of these URLs, or those for which a function returns `true`. */
export type AppliesTo<Request> = UrlInput | ((request: Request) => boolean);

/** The rule for `appliesTo`; what its URLs are is checked apart. */
export const APPLIES_TO: OptionRule = [
  undefined,
  'a URL, an array of URLs, or a function of the request',
  (value: unknown) => typeof value === 'string' || typeof value === 'object' || typeof value === 'function',
];

/**
 * Asks a function whether a token is for a request.
 *
 * @throws TypeError if it answers with anything but a boolean: a promise would count as true for every request
 */
export function askApplies<Request>(appliesTo: (request: Request) => boolean, request: Request): boolean {
  const answer: unknown = appliesTo(request);
  if (typeof answer === 'boolean') return answer;
  throw new TypeError(invalidOptionMessage('what appliesTo returns', answer, 'true or false'));
}

/**
 * Checks that URLs are of HTTP. Others have no origin of their own, and a token for one of them would be for all.
 *
 * @throws RangeError that names the URL
 */
export function checkHttp(urls: readonly URL[]): void {
  for (const { protocol, href } of urls) {
    if (!/^https?:$/.test(protocol)) {
      throw new RangeError(invalidOptionMessage('appliesTo', href, 'a URL of http or https, or an array of such URLs'));
    }
  }
}
