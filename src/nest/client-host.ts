import type { OnApplicationShutdown } from '@nestjs/common';
import { firstValueFrom, type Subscription } from 'rxjs';

import type { ClientOptions } from '../client/options.js';
import { RetryClient } from '../client/retry-client.js';
import { logToNest } from './log-to-nest.js';
import { resolveModuleOptions, type RetryClientModuleOptions } from './module-options.js';
import { NestRetryClient } from './nest-retry-client.js';

/** The options that an extension of another client cannot have: that client's apply. */
const ROOT_OPTIONS = ['log', 'shutdownTimeout'] as const;

/**
 * Makes a client for the module, writes what becomes of its attempts to Nest's log, and closes it with the application.
 *
 *     open ──► closing, from onApplicationShutdown on ──► closed
 *
 * The module owns one per client. The client of `forFeature` is an extension of the one of `forRoot`, if there is one:
 * that one logs and closes for both.
 */
export class ClientHost implements OnApplicationShutdown {
  readonly client: RetryClient;
  /** The client that others are extensions of; absent if that is another module's. */
  readonly #base: RetryClient | undefined;
  readonly #shutdownTimeout: number | false;
  readonly #log: Subscription | undefined;

  /**
   * @param name - the client's name; absent for the one of `forRoot`
   * @param root - the client of `forRoot`, if this is another one
   */
  constructor(options: RetryClientModuleOptions, name?: string, root?: RetryClient) {
    const { client, extensions, log, shutdownTimeout } = resolveModuleOptions(options);
    const named: ClientOptions = name === undefined ? client : { name, ...client };
    this.#shutdownTimeout = shutdownTimeout;
    // What a test has put in place of the root may be no client.
    if (root instanceof RetryClient) {
      for (const option of ROOT_OPTIONS) {
        if (options[option] === undefined) continue;
        throw new TypeError(
          `${option} is an option of forRoot(): the client "${name ?? ''}" is an extension of its client`,
        );
      }
      this.client = extendAll(root, [named, ...extensions]);
      return;
    }
    this.#base = new NestRetryClient(named);
    this.client = extendAll(this.#base, extensions);
    if (log !== false) this.#log = this.#base.attempts$.subscribe(logToNest(log));
  }

  /** The HTTP server has answered what it had to by now. */
  async onApplicationShutdown(): Promise<void> {
    const timeout = this.#shutdownTimeout;
    // eslint-disable-next-line rxjs-x/no-ignored-default-value -- it always emits
    if (this.#base) await firstValueFrom(this.#base.closeGracefully({ timeout }));
    this.#log?.unsubscribe();
  }
}

function extendAll(client: RetryClient, extensions: readonly ClientOptions[]): RetryClient {
  return extensions.reduce((base, extension) => base.extend(extension), client);
}
