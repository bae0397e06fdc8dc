/** Until when each origin asked to be left alone; a plain record of one run. */
export class OriginHolds {
  private readonly until = new Map<string, number>();

  /** An origin asked for `ms` from `now` on. */
  hold(origin: string, ms: number, now: number): void {
    this.until.set(origin, now + ms);
  }

  /** How much of that is left, in ms. */
  rest(origin: string, now: number): number {
    return Math.max(0, (this.until.get(origin) ?? 0) - now);
  }
}
