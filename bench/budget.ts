import type { Table } from './results.js';

/** What something may cost. */
export interface Allowance {
  readonly unit: 'bytes' | 'ratio';
  /** What is aimed at. */
  readonly target: number;
  /** What fails the check when it is exceeded: the target, and a margin where a busy machine needs one. */
  readonly limit: number;
}

/** By what is measured. */
export type Budget = Readonly<Record<string, Allowance>>;

/** What was measured, set against what was allowed. */
export interface Verdict {
  readonly table: Table;
  /** One sentence for each thing that is over its limit, by how much. */
  readonly over: readonly string[];
}

/** Reads a budget file, whose numbers must be numbers: what cannot be compared would never be over. */
export function readBudget(text: string): Budget {
  const parsed: unknown = JSON.parse(text);
  if (!isRecord(parsed)) throw new TypeError('A budget must be an object of allowances.');
  return Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, allowance(name, value)]));
}

function allowance(name: string, value: unknown): Allowance {
  if (!isRecord(value)) throw new TypeError(`The budget of "${name}" must be an object.`);
  const { unit, target, limit } = value;
  if (unit !== 'bytes' && unit !== 'ratio') {
    throw new TypeError(`The unit of "${name}" must be "bytes" or "ratio", but is ${JSON.stringify(unit)}.`);
  }
  return { unit, target: positive(`target of "${name}"`, target), limit: positive(`limit of "${name}"`, limit) };
}

function positive(what: string, value: unknown): number {
  if (typeof value === 'number' && value > 0) return value;
  throw new TypeError(`The ${what} must be a number above 0, but is ${JSON.stringify(value)}.`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Sets what was measured against the budget.
 *
 * @throws Error where a thing was measured that has no budget, or the other way round: neither would ever be over
 */
export function judge(budget: Budget, measured: Readonly<Record<string, number>>): Verdict {
  for (const name of Object.keys(measured)) {
    if (!Object.hasOwn(budget, name)) throw new Error(`"${name}" was measured, but has no budget.`);
  }
  const over: string[] = [];
  const rows = Object.entries(budget).map(([name, { unit, target, limit }]) => {
    const value = measured[name];
    if (value === undefined || Number.isNaN(value)) throw new Error(`"${name}" has a budget, but was not measured.`);
    const show = (amount: number): string => (unit === 'bytes' ? `${Math.round(amount)} bytes` : amount.toFixed(2));
    if (value > limit) {
      over.push(`${name} is ${show(value)}: ${percent(value / limit - 1)} over its limit of ${show(limit)}.`);
    }
    return [
      name,
      show(value),
      show(target),
      show(limit),
      value > limit ? 'over' : value > target ? 'above the target' : 'good',
    ];
  });
  return { table: { columns: ['', 'measured', 'target', 'limit', ''], rows }, over };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}
