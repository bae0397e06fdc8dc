import { RetryClient } from '../client/retry-client.js';
import type { RetryStrategy } from '../retry/strategy.js';
import { invalidOptionMessage, isOptions } from '../util/option-rule.js';

/** A strategy of all clients; or a function that returns the strategy of each, by its number from 0. */
export type SimulatedStrategy = RetryStrategy | ((client: number) => RetryStrategy);

/** A strategy's name in errors: `strategies["careful"]`. */
export function pathOf(name: string): string {
  return `strategies[${JSON.stringify(name)}]`;
}

/** @throws TypeError or RangeError that names the strategy, and its bad option */
export function checkSimulatedStrategy(path: string, strategy: unknown): void {
  if (typeof strategy === 'function') return;
  if (!isOptions(strategy)) {
    throw new TypeError(invalidOptionMessage(path, strategy, 'a strategy, or a function that returns one'));
  }
  withPath(path, () => {
    new RetryClient({ strategy }).close();
  });
}

/** Names the strategy in what a client says of its options: it does not know which of several it has. */
export function withPath<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Error) error.message = `${path}: ${error.message}`;
    throw error;
  }
}
