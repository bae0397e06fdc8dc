import { Agent, type Dispatcher } from 'undici';

import { readProperty } from '../util/foreign-object.js';
import type { OptionRule } from '../util/option-rule.js';
import { isWorkerd } from '../util/runtime.js';
import { followRedirects } from './redirect.js';
import { checkTransportOptions } from './transport-options.js';
import type { Transport } from './transport.js';
import { createAgent } from './undici/agent.js';
import { UndiciDispatch, type FollowRedirect } from './undici/undici-dispatch.js';
import type { UndiciResponse } from './undici/undici-response.js';

/** Options of {@link undiciFetch}. */
export interface UndiciFetchOptions {
  /**
   * The dispatcher that sends: an `Agent` with your own options, a `ProxyAgent`, a `Pool`, a `MockAgent`. Its timeouts
   * stay in force.
   *
   * @default an `Agent` that keeps connections alive, and has no request timeout except for connecting: the client has
   * the others
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
 * Creates a transport that sends with undici's dispatcher, without undici's fetch: the fastest transport in Node.
 * Headers and web streams are created on demand. `json()`, `text()`, `bytes()` and `arrayBuffer()` read a body straight
 * from the connection.
 *
 * Like fetch in Node, it follows redirects, decodes gzip, deflate and brotli, accepts every kind of body, and obeys the
 * signal. It ignores options that only browsers implement (`mode`, `credentials`, `cache`, `referrer`). It refuses
 * `integrity`, which it does not check.
 *
 * @param options - the dispatcher
 * @throws TypeError for an unknown or invalid option, and in Bun and workerd, where undici cannot send
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
  checkRuntime();
  checkTransportOptions('undiciFetch', options, RULES);
  // Not undici's global dispatcher: another version of undici (Node's own, say) may have set it, or an application one
  // that retries.
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

/** @throws TypeError where undici cannot send */
function checkRuntime(): void {
  const obstacle = isWorkerd()
    ? 'workerd does not permit the WebAssembly that undici is made of'
    : typeof readProperty(Agent.prototype, 'dispatch') === 'function'
      ? undefined
      : 'this runtime has a stub without dispatch() in the place of undici, as Bun does';
  if (obstacle === undefined) return;
  throw new TypeError(
    `undiciFetch() cannot send here: ${obstacle}. Leave out the option fetch, for the platform's own, or pass nodeFetch() of rxjs-retry-client/node`,
  );
}
