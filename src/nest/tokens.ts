import { RetryClient } from '../client/retry-client.js';
import { check, type OptionRule } from '../util/option-rule.js';

const NAME: OptionRule = ['', 'a name that is not empty', (name: string) => name !== ''];

/** Checks the name of a client, and returns it. */
export function checkClientName(name: string): string {
  check('name', name, NAME);
  return name;
}

/**
 * Returns the injection token of a client: for `overrideProvider`, `app.get` and `useFactory`. The client of `forRoot`
 * has the class `RetryClient` as its token, so that a constructor's parameter of that type gets it.
 *
 * @param name - the name of a client of `forFeature`; absent for the client of `forRoot`
 * @throws TypeError or RangeError for a bad name
 *
 * @example
 * ```ts no-run: needs Nest
 * import { Test } from '@nestjs/testing';
 * import { RetryClient } from 'rxjs-retry-client';
 * import { getRetryClientToken } from 'rxjs-retry-client/nest';
 *
 * declare class AppModule {} // of src/app.module.ts
 *
 * const fake = new RetryClient({ fetch: () => Promise.resolve(Response.json([])) });
 * export const moduleRef = await Test.createTestingModule({ imports: [AppModule] })
 *   .overrideProvider(getRetryClientToken('payments'))
 *   .useValue(fake)
 *   .compile();
 * ```
 */
export function getRetryClientToken(name?: string): typeof RetryClient | string {
  return name === undefined ? RetryClient : `RetryClient:${checkClientName(name)}`;
}
