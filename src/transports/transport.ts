/**
 * Sends one attempt: `fetch`, or a function of its shape. Bodies are web streams in both directions.
 *
 * It rejects with a `TypeError`, or an error with a code of Node's network, if the network failed. The client reports
 * that as an `HttpNetworkError`, and retries. It reports any other error as it is, and does not retry.
 *
 * A transport may set properties on its error:
 * - `sent: false`, if the request certainly never left
 * - `sent: true`, if another URL received the request, and redirected it to a URL that cannot be reached
 * - `permanent: true`, if the same URL would fail in the same way again
 */
export type Transport = (url: string, init: RequestInit) => Promise<Response>;
