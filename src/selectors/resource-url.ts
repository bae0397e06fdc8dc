import { tryParseUrl, withoutCredentials } from '../http/url.js';

/** What makes a URL a presigned one: its signature, by the names of AWS, Google, Azure and CloudFront. */
const SIGNATURE_PARAM = /^(?:X-Amz-Signature|X-Goog-Signature|Signature|sig)$/i;

/** The parameters of such a URL that say who may ask, and until when; they do not say for what. */
const ACCESS_PARAM =
  /^(?:X-(?:Amz|Goog)-.+|AWSAccessKeyId|GoogleAccessId|Expires|Policy|Key-Pair-Id|Signature|s(?:v|r|p|e|t|i|ip|pr|ig)|sk(?:oid|tid|t|e|s|v)|jwt)$/i;

/**
 * Names the resource of a URL, so that two answers can be compared: without user, password and fragment. A presigned URL, which is another
 * each time that it is made, is named without its signature and what goes with it: so the name grants no access either.
 */
export function toResourceUrl(url: string): string {
  const parsed = tryParseUrl(url);
  if (!parsed) return url;
  parsed.hash = '';
  const pairs = [...parsed.searchParams];
  // Only there: `st` or `Expires` may select a resource elsewhere.
  if (pairs.some(([name]) => SIGNATURE_PARAM.test(name))) {
    parsed.search = new URLSearchParams(pairs.filter(([name]) => !ACCESS_PARAM.test(name))).toString();
  }
  return withoutCredentials(parsed).url;
}

/** The URL that answered, where the platform, or an interceptor's own response, says it; else the one that was asked for. */
export function answeringUrl({ url }: Response, asked: string): string {
  return url === '' ? asked : url;
}
