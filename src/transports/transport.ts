/**
 * What sends one attempt: `fetch`, or anything of its shape. Bodies are web streams both ways, whatever lies beneath.
 *
 * One that knows for certain that a request never left may say so by `sent: false` on the error that it rejects with; one that knows that
 * the same URL would fail in the same way again, by `permanent: true`.
 */
export type Transport = (url: string, init: RequestInit) => Promise<Response>;

/** The platform's own fetch, looked up when it is needed, so that what replaces it later (a mock, an instrumentation) is used. */
export const platformFetch: Transport = (url, init) => globalThis.fetch(url, init);
