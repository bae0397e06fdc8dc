import type { Audit } from './audit.js';

/** The totals of the requests of one scenario. */
export interface SoakRow {
  requests: number;
  attempts: number;
  readonly outcomes: Map<string, number>;
}

/** The rows of a soak, by scenario. Only totals are kept, so that the memory does not grow with the requests. */
export class SoakRows extends Map<string, SoakRow> {
  add({ plan, attempts, outcome }: Audit): void {
    const row = this.get(plan.scenario) ?? { requests: 0, attempts: 0, outcomes: new Map<string, number>() };
    this.set(plan.scenario, row);
    row.requests += 1;
    row.attempts += attempts;
    row.outcomes.set(outcome, (row.outcomes.get(outcome) ?? 0) + 1);
  }
}

/** Formats the table of faults, attempts and outcomes. */
export function formatTable({ rows }: { readonly rows: ReadonlyMap<string, SoakRow> }): string {
  const sorted = [...rows].sort(([left], [right]) => left.localeCompare(right));
  const total: SoakRow = { requests: 0, attempts: 0, outcomes: new Map() };
  for (const [, { requests, attempts, outcomes }] of sorted) {
    total.requests += requests;
    total.attempts += attempts;
    for (const [outcome, count] of outcomes) total.outcomes.set(outcome, (total.outcomes.get(outcome) ?? 0) + count);
  }
  return [
    formatRow('fault', 'requests', 'attempts', 'outcomes'),
    ...[...sorted, ['total', total] as const].map(([name, row]) => formatSoakRow(name, row)),
  ].join('\n');
}

function formatSoakRow(name: string, { requests, attempts, outcomes }: SoakRow): string {
  const sorted = [...outcomes].sort(([, left], [, right]) => right - left);
  return formatRow(
    name,
    String(requests),
    String(attempts),
    sorted.map(([outcome, count]) => `${outcome} ${count}`).join(', '),
  );
}

function formatRow(name: string, requests: string, attempts: string, outcomes: string): string {
  return `${name.padEnd(34)}${requests.padStart(8)}${attempts.padStart(10)}  ${outcomes}`;
}
