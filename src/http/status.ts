/**
 * Whether a response of this status never has a body: 204, 205 and 304, by the rules of HTTP and of fetch.
 *
 * @see {@link https://fetch.spec.whatwg.org/#null-body-status | Fetch, null body status}
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-6.4.1 | RFC 9110, section 6.4.1}
 */
export function isBodiless(status: number): boolean {
  return status === 204 || status === 205 || status === 304;
}
