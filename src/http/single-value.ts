/**
 * Reads a header that has one value. Some proxies add a value that is already there, so a list of two equal values
 * counts as that value. RFC 9110 allows this for `Content-Length`, and no other reading of such a list makes sense.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-8.6 | RFC 9110, section 8.6}
 */
export function singleValue(headers: Headers, name: string): string | null {
  const value = headers.get(name);
  const half = value?.slice(0, (value.length - 2) / 2);
  return half !== undefined && value === `${half}, ${half}` ? half : value;
}
