import { defer, type Observable } from 'rxjs';

import { OPTIONS_INDEX } from '../client/options-index.js';
import type { ClientOptions, RequestOptions } from '../client/options.js';
import { RetryClient } from '../client/retry-client.js';
import { limitsOf, requestDeadline } from './request-deadline.js';

type Method = (...args: unknown[]) => Observable<unknown>;
type LimitedOptions = Pick<RequestOptions, 'signal' | 'totalTimeout'> | undefined;

/**
 * A client whose requests keep within the deadline of the request that is being handled when they are subscribed to.
 * The module provides it as `RetryClient`.
 */
export class NestRetryClient extends RetryClient {
  readonly #totalTimeout: number | false | undefined;

  constructor(options: ClientOptions, parent?: NestRetryClient) {
    if (parent) super(options, parent);
    else super(options);
    this.#totalTimeout = options.totalTimeout ?? (parent ? parent.#totalTimeout : undefined);
  }

  override extend(options: ClientOptions): NestRetryClient {
    return new NestRetryClient(options, this);
  }

  static {
    for (const [name, at] of Object.entries(OPTIONS_INDEX)) {
      const method = (RetryClient.prototype as unknown as Record<string, Method>)[name] as Method;
      const limited = function (this: NestRetryClient, ...args: unknown[]): Observable<unknown> {
        // Made at once, so that bad options throw at once.
        const unlimited$ = method.apply(this, args);
        return defer(() => {
          const deadline = requestDeadline();
          if (!deadline) return unlimited$;
          const options = args[at] as LimitedOptions;
          const limits = limitsOf(deadline, options?.totalTimeout ?? this.#totalTimeout);
          // Both signals count: the request's, and the one of its client.
          const client = options?.signal ? new NestRetryClient({ signal: limits.signal }, this) : this;
          const own = [...args];
          own[at] = { ...options, ...limits, ...(options?.signal && { signal: options.signal }) };
          return method.apply(client, own);
        });
      };
      Object.defineProperty(this.prototype, name, { value: limited, writable: true, configurable: true });
    }
  }
}
