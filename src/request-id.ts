let prefix: string | undefined;
let count = 0;

/** An id that no other request bears, in this process or another: some fifty random bits for the process, then a count. */
export function nextRequestId(): string {
  prefix ??= `${Math.random().toString(36).slice(2)}-`;
  count += 1;
  return prefix + count.toString(36);
}
