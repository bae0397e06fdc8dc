/**
 * A measured quantity: CPU time per request in µs, a ratio, heap per request in bytes, a size in bytes, or CPU time in
 * ms.
 */
export type Metric = 'cpu_us' | 'ratio' | 'heap_bytes' | 'bytes' | 'ms';

/** One measured number. */
export interface Figure {
  readonly case: string;
  /** The name of the subject. */
  readonly subject: string;
  readonly metric: Metric;
  readonly value: number;
  /** The divisor of a ratio. */
  readonly to?: string;
}

/** Formats a figure as one line of JSON, with its value rounded to whole bytes or to four digits. */
export function formatFigure(figure: Figure): string {
  return JSON.stringify({ ...figure, value: roundValue(figure) });
}

function roundValue({ metric, value }: Figure): number {
  return metric === 'bytes' || metric === 'heap_bytes' ? Math.round(value) : Number(value.toPrecision(4));
}
