/**
 * The client in Nest: a module, its shutdown, deadlines of incoming requests, exceptions and health.
 *
 * @module
 */
export { breakerHealth } from './breaker-health.js';
export { deadlineInterceptor } from './deadline-interceptor.js';
export { getRetryClientToken } from './tokens.js';
export { HttpErrorFilter } from './http-error-filter.js';
export { InjectRetryClient } from './inject-retry-client.js';
export { requestDeadline, withoutDeadline } from './request-deadline.js';
export { RetryClientModule } from './retry-client-module.js';
export { RetryLaterException, toHttpException } from './http-exception.js';

export type { BreakerHealth, BreakerHealthOptions, HealthStatus } from './breaker-health.js';
export type { DeadlineFormat } from './deadline-header.js';
export type { DeadlineOptions } from './deadline-interceptor.js';
export type { RequestDeadline } from './request-deadline.js';
export type { RetryClientAsyncOptions, RetryClientOptionsFactory, RetryClientScope } from './retry-client-module.js';
export type { RetryClientModuleOptions, RetryLogLevel } from './module-options.js';
