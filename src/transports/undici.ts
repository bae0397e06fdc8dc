import type { Dispatcher } from 'undici';

import type { OptionRule } from '../util/option-rule.js';
import { followRedirects } from './redirect.js';
import { checkTransportOptions } from './transport-options.js';
import type { Transport } from './transport.js';
import { createAgent } from './undici/agent.js';
import { UndiciDispatch, type FollowRedirect } from './undici/undici-dispatch.js';
import type { UndiciResponse } from './undici/undici-response.js';

/** What {@link undiciFetch} takes. */
export interface UndiciFetchOptions {
  /**
   * What sends: an `Agent` with options of one's own, a `ProxyAgent`, a `Pool`, a `MockAgent`. Its timeouts are its own.
   *
   * @default an `Agent` that keeps connections alive, and leaves all timeouts but that of connecting to the client
   */
  readonly dispatcher?: Dispatcher | undefined;
}

const RULES: { readonly [Name in keyof UndiciFetchOptions]-?: OptionRule } = {
  dispatcher: [
    undefined,
    'a Dispatcher of undici',
    (dispatcher: unknown) => typeof (dispatcher as Dispatcher | null)?.dispatch === 'function',
  ],
};

/**
 * Undici's dispatcher as a transport, without undici's fetch: the fastest in Node. Headers and web streams are made for those who ask for
 * them; `json()`, `text()`, `bytes()` and `arrayBuffer()` read a body straight from the connection.
 *
 * It does what fetch does in Node: follows redirects, undoes gzip, deflate and brotli, takes every kind of body, obeys the signal. What only
 * a browser can do (`mode`, `credentials`, `cache`, `referrer`) is ignored; `integrity`, which it does not check, is refused.
 *
 * @param options - which dispatcher sends
 *
 * @example
 * ```ts
 * import { RetryClient } from 'rxjs-retry-client';
 * import { undiciFetch } from 'rxjs-retry-client/undici';
 * import { Agent } from 'undici';
 *
 * export const client = new RetryClient({ fetch: undiciFetch({ dispatcher: new Agent({ connections: 20 }) }) });
 * ```
 *
 * @see {@link https://undici.nodejs.org/#/docs/api/Dispatcher | Undici, Dispatcher}
 */
export function undiciFetch(options: UndiciFetchOptions = {}): Transport {
  checkTransportOptions('undiciFetch', options, RULES);
  // Not undici's global one: another version of undici, Node's own among them, may have put it there, or somebody else one that retries.
  const { dispatcher = createAgent() } = options;
  const send = (url: string, init: RequestInit, follow?: FollowRedirect): Promise<UndiciResponse> =>
    new Promise((resolve, reject) => {
      new UndiciDispatch(url, init, follow, resolve, reject).start(dispatcher);
    });
  const followRedirect: FollowRedirect = async (url, init, first) => {
    let received: UndiciResponse | undefined = first;
    const { hop, redirected } = await followRedirects(url, init, (hopUrl, request) => {
      const response = received;
      received = undefined;
      return response ? Promise.resolve(response) : send(hopUrl, request);
    });
    hop.redirected = redirected;
    return hop;
  };
  return (url, init) => send(url, init, followRedirect);
}
