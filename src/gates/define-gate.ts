import { isObservable } from 'rxjs';

import { GATE, type Gate, type GateDefinition } from '../retry/gate.js';
import { checkKnownOptions, type OptionRules } from '../util/known-options.js';
import { BOOLEAN, check, FUNCTION } from '../util/option-rule.js';
import { RunGates } from './run-gates.js';
import { WakeableWaits } from './wakeable-waits.js';

/** The rule for each field. */
const RULES: OptionRules<GateDefinition> = {
  name: ['', 'a name that is not empty', (name: string) => name !== ''],
  delay: FUNCTION,
  allowsRetry: FUNCTION,
  admit: FUNCTION,
  queues: BOOLEAN,
  next: FUNCTION,
  wake$: [undefined, 'an Observable', isObservable],
};

/**
 * Makes a gate: an object that attempts of many requests share. It lets each of them pass, holds it back, or rejects
 * it, and hears how it went.
 *
 * Make a gate once, beside the client. A gate that is made for each request shares nothing.
 *
 * @param definition - what the gate does; all functions are optional
 * @returns the gate, for `strategy.gates`
 * @throws TypeError or RangeError that names the bad field
 *
 * @example At most so many retries, and no more for the whole process.
 * ```ts
 * import { defineGate, RetryClient } from 'rxjs-retry-client';
 *
 * let left = 100;
 * const fewRetries = defineGate({
 *   name: 'few-retries',
 *   allowsRetry: () => left > 0,
 *   next: ({ type }) => {
 *     if (type === 'retry') left -= 1;
 *   },
 * });
 *
 * export const client = new RetryClient({ strategy: { gates: [fewRetries] } });
 * ```
 */
export function defineGate<Memo extends object = object>(definition: GateDefinition<Memo>): Gate {
  checkKnownOptions(definition, RULES, 'definition');
  check('definition.name', definition.name, RULES.name);
  const { name, wake$ } = definition;
  const waits = wake$ && new WakeableWaits(wake$);
  return {
    name,
    [GATE]: {
      definition,
      waits,
      openSession: (strategy, delegate, run) => new RunGates(strategy, delegate, run),
    },
  };
}
