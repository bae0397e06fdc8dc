let prefix: string | undefined;
let count = 0;

/** An id that no other request bears, in this process or another: 64 random bits for the process, then a count. */
export function nextRequestId(): string {
  prefix ??= Array.from(crypto.getRandomValues(new Uint32Array(2)), (bits) => bits.toString(36).padStart(7, '0')).join('');
  count += 1;
  return `${prefix}-${count.toString(36)}`;
}
