let prefix: string | undefined;
let count = 0;

/**
 * An id that no other request bears, in this process or another: some thirty random bits for the process, then a count.
 *
 * It is short on purpose: text of less than 13 characters is put together at once, longer text is kept in parts.
 */
export function nextRequestId(): string {
  prefix ??= `${Math.random().toString(36).slice(2, 8)}-`;
  count += 1;
  return prefix + count.toString(36);
}
