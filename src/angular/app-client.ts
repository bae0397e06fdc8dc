import { isPlatformServer, PlatformLocation } from '@angular/common';
import { inject, NgZone, PendingTasks, PLATFORM_ID } from '@angular/core';
import type { Observable } from 'rxjs';

import { OPTIONS_INDEX } from '../client/options-index.js';
import { type ClientOptions, DEFAULT_OPTIONS, mergeClientOptions, type ResolvedOptions } from '../client/options.js';
import { RetryClient } from '../client/retry-client.js';
import type { AttemptEvent, HttpAttempt } from '../retry/attempt.js';
import { jsonSelector } from '../selectors/json-selector.js';
import type { Selector } from '../selectors/selector.js';
import { markTextFormat } from '../selectors/whole-text.js';
import { BOOLEAN, check, isOptions } from '../util/option-rule.js';
import type { StandardSchema } from '../util/standard-schema.js';
import { rejectHttpLimits } from './client-strategies.js';
import { PageTransfer } from './page-transfer.js';
import { pageBase, resolveBaseUrls } from './page-url.js';
import { optionsOf, withAbsoluteUrls } from './request-arguments.js';
import { runInApp } from './run-in-app.js';
import { inZoneOfSubscriber } from './zones.js';

type Method = (...args: unknown[]) => Observable<unknown>;

/** The options of a request that the client of an app looks at. They are not checked yet. */
interface UncheckedOptions {
  readonly selector?: Selector<unknown>;
  readonly schema?: StandardSchema<unknown>;
  readonly context?: { readonly transferState?: unknown };
}

/** What the clients of one injector share. Create it in an injection context. */
export class AppServices {
  readonly isServer: boolean = isPlatformServer(inject(PLATFORM_ID));
  readonly location: PlatformLocation = inject(PlatformLocation);
  readonly pendingTasks: PendingTasks = inject(PendingTasks);
  readonly transfer: PageTransfer = new PageTransfer();
  readonly zone: NgZone = inject(NgZone);
}

/**
 * Checks the options of a client without a page: a relative `baseUrl` is valid.
 *
 * @param base - those of the client that it extends
 * @returns the merged options, whose relative base URLs lead nowhere
 * @throws TypeError or RangeError that names the option, its value and what was expected
 */
export function checkClientOptions(options: ClientOptions, base: ResolvedOptions = DEFAULT_OPTIONS): ResolvedOptions {
  if (isOptions(options)) rejectHttpLimits(options);
  const resolved = mergeClientOptions(base, withBaseUrls(options, undefined));
  checkContext(options.context);
  return resolved;
}

function checkContext(context: UncheckedOptions['context']): void {
  if (context?.transferState !== undefined) check('context.transferState', context.transferState, BOOLEAN);
}

/** Returns the options with absolute base URLs. */
function withBaseUrls(options: ClientOptions, page: URL | undefined): ClientOptions {
  // What is no object is refused where options are merged.
  const baseUrl = (options as ClientOptions | null)?.baseUrl;
  return baseUrl === undefined ? options : { ...options, baseUrl: resolveBaseUrls('baseUrl', baseUrl, page) };
}

/**
 * The client of an app: a RetryClient whose requests keep the app unstable, run outside Angular's zone, are relative to
 * the page, and are transferred from the server to the browser.
 *
 * Its requests are sent by an extension of its parent's client, which it creates for the first one: the URL of the page
 * is not asked for before.
 */
export class AppClient extends RetryClient {
  override readonly attempts$: Observable<AttemptEvent<unknown, HttpAttempt>>;
  readonly #services: AppServices;
  readonly #options: ClientOptions;
  readonly #parent: RetryClient;
  readonly #checkedOptions: ResolvedOptions;
  #extension: RetryClient | undefined;
  #transferring: RetryClient | undefined;
  #isClosed = false;

  constructor(options: ClientOptions, parent: RetryClient, services: AppServices) {
    const checkedOptions = checkClientOptions(
      options,
      parent instanceof AppClient ? parent.#checkedOptions : undefined,
    );
    super({}, parent);
    this.#services = services;
    this.#options = { ...options };
    this.#parent = parent;
    this.#checkedOptions = checkedOptions;
    this.attempts$ =
      parent instanceof AppClient ? parent.attempts$ : parent.attempts$.pipe(inZoneOfSubscriber(services.zone));
    const methods = this as unknown as Record<string, Method>;
    for (const name of Object.keys(OPTIONS_INDEX)) methods[name] = (...args) => this.#send(name, args);
  }

  override extend(options: ClientOptions): RetryClient {
    return new AppClient(options, this, this.#services);
  }

  override close(): void {
    this.#isClosed = true;
    super.close();
    this.#extension?.close();
  }

  /** The client with this one's options. */
  get #client(): RetryClient {
    if (!this.#extension) {
      const parent = this.#parent instanceof AppClient ? this.#parent.#client : this.#parent;
      this.#extension = parent.extend(withBaseUrls(this.#options, pageBase(this.#services.location)));
      if (this.#isClosed) this.#extension.close();
    }
    return this.#extension;
  }

  #send(name: string, args: readonly unknown[]): Observable<unknown> {
    const { isServer, location, transfer } = this.#services;
    const options = optionsOf(name, args) as UncheckedOptions | null | undefined;
    checkContext(options?.context);
    const page = isServer && !this.#checkedOptions.baseUrls ? pageBase(location) : undefined;
    const absoluteArgs = page ? withAbsoluteUrls(name, args, page) : args;
    const getArgs = transfer.isActive ? transferringGet(name, absoluteArgs, transfer) : undefined;
    const client = this.#client;
    const source = getArgs
      ? callMethod((this.#transferring ??= client.extend({ interceptors: [transfer.innermost] })), 'get', getArgs)
      : callMethod(client, name, absoluteArgs);
    // In a browser an endless stream would keep the app unstable for ever.
    const isEndless = !isServer && typeof options?.selector === 'object' && options.selector.allowsIdle === true;
    return source.pipe(runInApp(this.#services, isEndless));
  }
}

function callMethod(client: RetryClient, name: string, args: readonly unknown[]): Observable<unknown> {
  return ((client as unknown as Readonly<Record<string, Method>>)[name] as Method)(...args);
}

/**
 * Returns the arguments of the `get()` that sends a request and transfers its response; `undefined` for a request whose
 * response cannot be transferred, and for wrong arguments, which the method itself refuses.
 */
function transferringGet(
  name: string,
  args: readonly unknown[],
  transfer: PageTransfer,
): readonly unknown[] | undefined {
  const options = optionsOf(name, args) as UncheckedOptions | null | undefined;
  if (options === null || !['object', 'undefined'].includes(typeof options)) return undefined;
  if (name === 'getJSON') {
    const { schema, ...rest } = { ...options };
    const selector = markTextFormat(jsonSelector(schema), { schema });
    return [args[0], { ...rest, selector: transfer.wrap(selector, { accept: 'application/json' }) }];
  }
  const isGet = name === 'get' || (name === 'request' && typeof args[0] === 'string' && /^get$/i.test(args[0]));
  const selector = isGet ? transfer.wrap(options?.selector) : undefined;
  return selector && [name === 'get' ? args[0] : args[1], { ...options, selector }];
}
