import type { Table } from './results.js';

/** The budget of one measurement. */
export interface Allowance {
  readonly unit: 'bytes' | 'ratio' | 's';
  /** The value to reach. A higher one is reported, but does not fail the check. */
  readonly target: number;
  /** The value above which the check fails: the target, plus a margin if a busy machine needs one. */
  readonly limit: number;
}

/** Allowances by the name of the measurement. */
export type Budget = Readonly<Record<string, Allowance>>;

/** The measurements compared with their budget. */
export interface BudgetReport {
  readonly table: Table;
  /** One sentence for each measurement above its limit. */
  readonly exceeded: readonly string[];
}

/**
 * Reads a budget file.
 *
 * @throws TypeError if a value is not a number above 0: a comparison with it would never fail
 */
export function readBudget(text: string): Budget {
  const parsed: unknown = JSON.parse(text);
  if (!isRecord(parsed)) throw new TypeError('the budget must be an object of allowances');
  return Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, readAllowance(name, value)]));
}

function readAllowance(name: string, value: unknown): Allowance {
  if (!isRecord(value)) throw new TypeError(`the budget of "${name}" must be an object`);
  const { unit, target, limit } = value;
  if (unit !== 'bytes' && unit !== 'ratio' && unit !== 's') {
    throw new TypeError(`the unit of "${name}" must be "bytes", "ratio" or "s", but is ${JSON.stringify(unit)}`);
  }
  return {
    unit,
    target: readPositive(`target of "${name}"`, target),
    limit: readPositive(`limit of "${name}"`, limit),
  };
}

function readPositive(field: string, value: unknown): number {
  if (typeof value === 'number' && value > 0) return value;
  throw new TypeError(`the ${field} must be a number above 0, but is ${JSON.stringify(value)}`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Compares measurements with the budget.
 *
 * @throws Error if a measurement has no budget, or a budget no measurement: either would pass every check
 */
export function checkBudget(budget: Budget, measured: Readonly<Record<string, number>>): BudgetReport {
  for (const name of Object.keys(measured)) {
    if (!Object.hasOwn(budget, name)) throw new Error(`"${name}" was measured, but has no budget`);
  }
  const exceeded: string[] = [];
  const rows = Object.entries(budget).map(([name, { unit, target, limit }]) => {
    const value = measured[name];
    if (value === undefined || Number.isNaN(value)) throw new Error(`"${name}" has a budget, but was not measured`);
    const format = (amount: number): string =>
      unit === 'bytes' ? `${Math.round(amount)} bytes` : `${amount.toFixed(2)}${unit === 's' ? ' s' : ''}`;
    if (value > limit) {
      exceeded.push(
        `${name} is ${format(value)}: ${formatPercent(value / limit - 1)} over its limit of ${format(limit)}`,
      );
    }
    return [
      name,
      format(value),
      format(target),
      format(limit),
      value > limit ? 'over' : value > target ? 'above the target' : 'good',
    ];
  });
  return { table: { columns: ['', 'measured', 'target', 'limit', ''], rows }, exceeded };
}

function formatPercent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}
