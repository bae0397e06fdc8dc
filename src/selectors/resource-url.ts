import { tryParseUrl, withoutCredentials } from '../http/url.js';

/** The parameter that makes a URL a presigned one: its signature, by the names of AWS, Google, Azure and CloudFront. */
const SIGNATURE_PARAM = /^(?:X-Amz-Signature|X-Goog-Signature|Signature|sig)$/i;

/** The parameters of a presigned URL that grant access: to whom, and until when. They do not select the resource. */
const ACCESS_PARAM =
  /^(?:X-(?:Amz|Goog)-.+|AWSAccessKeyId|GoogleAccessId|Expires|Policy|Key-Pair-Id|Signature|s(?:v|r|p|e|t|i|ip|pr|ig)|sk(?:oid|tid|t|e|s|v)|jwt)$/i;

/**
 * Returns the URL that identifies a resource, so that two responses can be compared. It has no user, password and
 * fragment.
 *
 * A presigned URL differs each time that it is signed. It loses its signature and the parameters that grant access, so
 * the result grants no access either.
 */
export function toResourceUrl(url: string): string {
  const parsed = tryParseUrl(url);
  if (!parsed) return url;
  parsed.hash = '';
  const params = [...parsed.searchParams];
  // Only in a presigned URL: elsewhere `st` or `Expires` may select the resource.
  if (params.some(([name]) => SIGNATURE_PARAM.test(name))) {
    parsed.search = new URLSearchParams(params.filter(([name]) => !ACCESS_PARAM.test(name))).toString();
  }
  return withoutCredentials(parsed).url;
}

/**
 * Returns the URL of a response, or the requested one: the responses of some transports and interceptors have no URL.
 */
export function responseUrl({ url }: Response, requestedUrl: string): string {
  return url === '' ? requestedUrl : url;
}
