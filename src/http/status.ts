/**
 * Whether a status has no body by HTTP's own rules: 204 and 205 (fetch refuses a body for both), and 304.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-6.4.1 | RFC 9110, section 6.4.1}
 */
export function isBodiless(status: number): boolean {
  return status === 204 || status === 205 || status === 304;
}
