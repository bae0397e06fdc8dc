import { Inject } from '@nestjs/common';

import { getRetryClientToken } from './tokens.js';

/**
 * Injects a client into a parameter of a constructor, or into a property.
 *
 * @param name - the name of a client of `forFeature`; absent for the client of `forRoot`
 * @throws TypeError or RangeError for a bad name
 *
 * @example
 * ```ts no-run: needs Nest, and decorators
 * import { Injectable } from '@nestjs/common';
 * import type { Observable } from 'rxjs';
 * import { RetryClient } from 'rxjs-retry-client';
 * import { InjectRetryClient } from 'rxjs-retry-client/nest';
 *
 * @Injectable()
 * export class PaymentsService {
 *   constructor(@InjectRetryClient('payments') private readonly payments: RetryClient) {}
 *
 *   methods(): Observable<string[]> {
 *     return this.payments.getJSON<string[]>('methods');
 *   }
 * }
 * ```
 */
export function InjectRetryClient(name?: string): ParameterDecorator & PropertyDecorator {
  return Inject(getRetryClientToken(name));
}
