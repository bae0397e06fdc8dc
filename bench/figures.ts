/** What is measured: CPU time per request in µs, a quotient, heap per request, a size, or ms of CPU time. */
export type Metric = 'cpu_us' | 'ratio' | 'heap_bytes' | 'bytes' | 'ms';

/** One number that came out. */
export interface Figure {
  readonly case: string;
  readonly who: string;
  readonly metric: Metric;
  readonly value: number;
  /** Of a ratio: what it was divided by. */
  readonly to?: string;
}

/** One line of JSON; the value is rounded to what is worth reading. */
export function figureLine(figure: Figure): string {
  return JSON.stringify({ ...figure, value: rounded(figure) });
}

function rounded({ metric, value }: Figure): number {
  return metric === 'bytes' || metric === 'heap_bytes' ? Math.round(value) : Number(value.toPrecision(4));
}
