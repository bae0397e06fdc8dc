import type { Audit } from './audit.js';

/** What came of the requests of one scenario. */
export interface SoakRow {
  requests: number;
  attempts: number;
  readonly outcomes: Map<string, number>;
}

/** The rows of a soak, by scenario: nothing is kept of a request but these sums. */
export class SoakRows extends Map<string, SoakRow> {
  add({ plan, attempts, outcome }: Audit): void {
    const row = this.get(plan.scenario) ?? { requests: 0, attempts: 0, outcomes: new Map<string, number>() };
    this.set(plan.scenario, row);
    row.requests += 1;
    row.attempts += attempts;
    row.outcomes.set(outcome, (row.outcomes.get(outcome) ?? 0) + 1);
  }
}

/** The table of faults, attempts and outcomes. */
export function table({ rows }: { readonly rows: ReadonlyMap<string, SoakRow> }): string {
  const sorted = [...rows].sort(([one], [other]) => one.localeCompare(other));
  const all: SoakRow = { requests: 0, attempts: 0, outcomes: new Map() };
  for (const [, { requests, attempts, outcomes }] of sorted) {
    all.requests += requests;
    all.attempts += attempts;
    for (const [outcome, count] of outcomes) all.outcomes.set(outcome, (all.outcomes.get(outcome) ?? 0) + count);
  }
  return [
    line('fault', 'requests', 'attempts', 'outcomes'),
    ...[...sorted, ['in all', all] as const].map(([name, row]) => rowLine(name, row)),
  ].join('\n');
}

function rowLine(name: string, { requests, attempts, outcomes }: SoakRow): string {
  const sorted = [...outcomes].sort(([, one], [, other]) => other - one);
  return line(
    name,
    String(requests),
    String(attempts),
    sorted.map(([outcome, count]) => `${outcome} ${count}`).join(', '),
  );
}

function line(name: string, requests: string, attempts: string, outcomes: string): string {
  return `${name.padEnd(34)}${requests.padStart(8)}${attempts.padStart(10)}  ${outcomes}`;
}
