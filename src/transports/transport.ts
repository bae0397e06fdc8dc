/**
 * What sends one attempt: `fetch`, or anything of its shape. Bodies are web streams both ways, whatever lies beneath.
 *
 * It rejects with a `TypeError`, or an error with a code of Node's network, where the network failed: that is told as an HttpNetworkError, and
 * retried. Any other error is told as it is, and not retried.
 *
 * One that knows for certain that a request never left may say so by `sent: false` on the error that it rejects with, or by `sent: true` that
 * it did, to another URL that redirected to one that cannot be reached; one that knows that the same URL would fail in the same way again, by
 * `permanent: true`.
 */
export type Transport = (url: string, init: RequestInit) => Promise<Response>;
