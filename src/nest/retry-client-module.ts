import {
  type ConfigurableModuleAsyncOptions,
  ConfigurableModuleBuilder,
  type DynamicModule,
  type InjectionToken,
  Module,
  type OptionalFactoryDependency,
} from '@nestjs/common';

import { RetryClient } from '../client/retry-client.js';
import { BOOLEAN, check, checkOptions } from '../util/option-rule.js';
import { ClientHost } from './client-host.js';
import type { RetryClientModuleOptions } from './module-options.js';
import { checkClientName, getRetryClientToken } from './tokens.js';

/** What a class must have that makes the options of a client: for `useClass` and `useExisting`. */
export interface RetryClientOptionsFactory {
  createRetryClientOptions(): RetryClientModuleOptions | Promise<RetryClientModuleOptions>;
}

/** Whether a client is available everywhere. */
export interface RetryClientScope {
  /**
   * Whether all modules get the client without importing this one.
   *
   * @default true for `forRoot`, false for `forFeature`
   */
  readonly isGlobal?: boolean | undefined;
}

/** Where the options of a client come from: `useFactory` with `inject`, `useClass`, or `useExisting`; and `imports`. */
export type RetryClientAsyncOptions = ConfigurableModuleAsyncOptions<
  RetryClientModuleOptions,
  'createRetryClientOptions'
> &
  RetryClientScope;

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  // Transient: two calls make two modules, in all versions of Nest.
  new ConfigurableModuleBuilder<RetryClientModuleOptions>({ moduleName: 'RetryClient', alwaysTransient: true })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createRetryClientOptions')
    .setExtras<RetryClientScope>({ isGlobal: undefined }, (definition, { isGlobal = false }) => {
      check('isGlobal', isGlobal, BOOLEAN);
      return { ...definition, global: isGlobal };
    })
    .build();

/**
 * The module that provides clients in Nest. When the application shuts down, and the HTTP server has answered what it
 * had to, their requests may end before they are closed; `app.enableShutdownHooks()` makes signals such as SIGTERM do
 * that.
 *
 * @example
 * ```ts no-run: needs Nest, and decorators
 * import { Module } from '@nestjs/common';
 * import { RetryClientModule } from 'rxjs-retry-client/nest';
 *
 * @Module({
 *   imports: [
 *     RetryClientModule.forRootAsync({
 *       useFactory: () => ({ baseUrl: process.env['API_URL'] }),
 *     }),
 *   ],
 * })
 * export class AppModule {}
 * ```
 */
// eslint-disable-next-line @typescript-eslint/no-extraneous-class -- Nest's modules are classes
export class RetryClientModule {
  /**
   * Provides the client of the application, under the token `RetryClient`.
   *
   * @param options - of the client, of its logs and of its shutdown; bad ones throw when the application starts
   */
  static forRoot(options: RetryClientModuleOptions & RetryClientScope = {}): DynamicModule {
    return RetryClientModule.forRootAsync(fromValue(options));
  }

  /** Provides the client of the application, with options that are made by injection. */
  static forRootAsync(options: RetryClientAsyncOptions): DynamicModule {
    return defineModule({ isGlobal: true, ...options }, undefined, []);
  }

  /**
   * Provides another client, under the token `getRetryClientToken(name)`. It is an extension of the application's
   * client where that is global, and has its options, its log and its shutdown; else it stands alone.
   *
   * Each call makes a client. Modules that share one import the same returned object, or a module that exports it.
   *
   * @param name - of the client; its attempts have it, too
   * @param options - over those of the application's client
   * @throws TypeError or RangeError for a bad name
   */
  static forFeature(name: string, options: RetryClientModuleOptions & RetryClientScope = {}): DynamicModule {
    return RetryClientModule.forFeatureAsync(name, fromValue(options));
  }

  /** Provides another client, with options that are made by injection; see {@link RetryClientModule.forFeature}. */
  static forFeatureAsync(name: string, options: RetryClientAsyncOptions): DynamicModule {
    return defineModule(options, checkClientName(name), [{ token: RetryClient, optional: true }]);
  }
}

Module({})(RetryClientModule);

/** A factory, because Nest 10 turns values into text, which for gates and Observables takes its time. */
function fromValue({ isGlobal, ...options }: RetryClientModuleOptions & RetryClientScope): RetryClientAsyncOptions {
  return { useFactory: () => options, ...(isGlobal !== undefined && { isGlobal }) };
}

function defineModule(
  options: RetryClientAsyncOptions,
  name: string | undefined,
  dependencies: readonly (InjectionToken | OptionalFactoryDependency)[],
): DynamicModule {
  checkOptions('options', options);
  const definition = ConfigurableModuleClass.forRootAsync(options);
  const token = getRetryClientToken(name);
  return {
    ...definition,
    module: RetryClientModule,
    providers: [
      ...(definition.providers ?? []),
      {
        provide: ClientHost,
        useFactory: (moduleOptions: RetryClientModuleOptions, root?: RetryClient) =>
          new ClientHost(moduleOptions, name, root),
        inject: [MODULE_OPTIONS_TOKEN, ...dependencies],
      },
      { provide: token, useFactory: ({ client }: ClientHost) => client, inject: [ClientHost] },
    ],
    exports: [token],
  };
}
