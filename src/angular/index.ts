export { bearerTokenInterceptor } from './bearer-token-interceptor.js';
export { attemptOf } from './attempt-of.js';
export { httpContextOf, retryContext } from './retry-context.js';
export { injectAttempts } from './attempts.js';
export { injectAttemptsSignal } from './running-requests.js';
export { injectRetryClient, provideRetryClient } from './retry-client.js';
export { injectRetryNow } from './retry-now.js';
export { retryInterceptor } from './retry-interceptor.js';
export { provideRetryStrategy } from './settings.js';
export { provideRequestObservers } from './request-observers.js';
export { provideRetryTesting } from './retry-testing.js';

export type { BearerTokenInterceptorOptions } from './bearer-token-interceptor.js';
export type { RetryClientOptions } from './retry-client.js';
export type { RetryContextOptions } from './retry-context.js';
export type { RetryTestingOptions } from './retry-testing.js';
export type { RunningRequest } from './running-requests.js';
export type { HttpRetryLimits, HttpRetryStrategy } from './settings.js';
