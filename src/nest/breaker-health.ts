import type { CircuitBreaker } from '../gates/circuit-breaker.js';
import type { CircuitSnapshot, CircuitState } from '../gates/circuit.js';
import { checkKnownOptions } from '../util/known-options.js';
import { check, type OptionRule } from '../util/option-rule.js';

/** A health indicator's status in `@nestjs/terminus`; `degraded` from its version 12 on. */
export type HealthStatus = 'up' | 'degraded' | 'down';

/** The options of {@link breakerHealth}. */
export interface BreakerHealthOptions {
  /**
   * The status while a circuit is open or isolated.
   *
   * @default 'down'
   */
  readonly whenOpen?: HealthStatus | undefined;
}

/** What a health indicator returns: its key, with a status and the state of each circuit that is not closed. */
export type BreakerHealth<Key extends string> = Record<
  Key,
  { readonly status: HealthStatus; readonly circuits: Readonly<Record<string, CircuitState>> }
>;

const STATUS: OptionRule = [
  '',
  "'up', 'degraded' or 'down'",
  (status: string) => ['up', 'degraded', 'down'].includes(status),
];

/**
 * Returns a health indicator for `@nestjs/terminus` (11 and later) of the states of a circuit breaker. It asks no
 * server, and is as old as the last attempt.
 *
 * Use it for readiness or for people, and not for liveness: to restart this application does not heal another one.
 *
 * @param key - under which the result is shown
 * @param breakers - one, or several
 * @throws TypeError or RangeError for a bad argument, naming it
 *
 * @example
 * ```ts no-run: needs Nest, and decorators
 * import { Controller, Get } from '@nestjs/common';
 * import { HealthCheck, type HealthCheckResult, HealthCheckService } from '@nestjs/terminus';
 * import { circuitBreaker } from 'rxjs-retry-client';
 * import { breakerHealth } from 'rxjs-retry-client/nest';
 *
 * const breaker = circuitBreaker();
 *
 * @Controller('health')
 * export class HealthController {
 *   constructor(private readonly health: HealthCheckService) {}
 *
 *   @Get()
 *   @HealthCheck()
 *   check(): Promise<HealthCheckResult> {
 *     return this.health.check([breakerHealth('upstream', breaker)]);
 *   }
 * }
 * ```
 */
export function breakerHealth<const Key extends string>(
  key: Key,
  breakers: CircuitBreaker | readonly CircuitBreaker[],
  options: BreakerHealthOptions = {},
): () => BreakerHealth<Key> {
  const list: readonly CircuitBreaker[] = Array.isArray(breakers) ? breakers : [breakers as CircuitBreaker];
  check('key', key, ['', 'a name that is not empty', (name: string) => name !== '']);
  check('breakers', list, [
    [undefined],
    'a circuit breaker',
    (breaker: Partial<CircuitBreaker> | undefined) => typeof breaker?.snapshot === 'function',
  ]);
  checkKnownOptions(options, { whenOpen: STATUS });
  const { whenOpen = 'down' } = options;
  return () => {
    const circuits = list.flatMap((breaker) => [...breaker.snapshot()]).filter(([, { state }]) => state !== 'closed');
    const result = {
      status: circuits.some(([, circuit]) => isOpen(circuit)) ? whenOpen : 'up',
      circuits: Object.fromEntries(circuits.map(([origin, { state }]) => [origin, state])),
    };
    return { [key]: result } as BreakerHealth<Key>;
  };
}

/** A circuit whose break is over is open until the next attempt, which is its probe: it must not keep that away. */
function isOpen({ state, retryAfter }: CircuitSnapshot): boolean {
  return state === 'isolated' || (state === 'open' && retryAfter > 0);
}
