/** How many go at which rate. */
export interface Rate {
  /** How many go in each `per` ms. */
  readonly permits: number;
  /** In ms. */
  readonly per: number;
  /** How many may go at once. */
  readonly burst: number;
}

/** When one went, and the lead that it left: what {@link Gcra.giveBack} needs to know of it. */
export interface Departure {
  readonly time: number;
  readonly lead: number;
  /** It went after all that have a smaller one. */
  readonly ordinal: number;
}

/** What a departure gave back, and when. It matters to those that went after it, and before it gave back. */
interface Return {
  readonly ordinal: number;
  /** Of the last one that had gone by then. */
  readonly last: number;
  readonly amount: number;
  readonly time: number;
}

/**
 * The generic cell rate algorithm: whether the next one may go now, or how long it has to wait. In any T ms at most
 * `burst + T · permits / per` go. Times come from the caller, so it needs no timer.
 *
 * It keeps the lead: how far the theoretical arrival time lies ahead of the clock, times `permits`. With whole numbers
 * all of its sums are exact, also at three permits a second.
 *
 * @see {@link https://github.com/brandur/redis-cell | redis-cell}, whose `max_burst` is `burst - 1`
 */
export class Gcra {
  readonly #rate: Rate;
  #last: Departure = { time: 0, lead: 0, ordinal: 0 };
  /** Those that still matter to a departure whose lead is not paid for. */
  #returns: Return[] = [];

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** Returns what time has left of a lead. */
  #remainder({ time, lead }: Departure, now: number): number {
    // One of the future is from another clock: virtual time starts again from one spec to the next.
    return now < time ? 0 : Math.max(0, lead - (now - time) * this.#rate.permits);
  }

  /** Lets one go. */
  take(time: number): Departure {
    const lead = this.#remainder(this.#last, time) + this.#rate.per;
    return (this.#last = { time, lead, ordinal: this.#last.ordinal + 1 });
  }

  /**
   * Takes back that one went, as far as time has not paid for it yet. All of it would be too much: with a burst of 2,
   * those that went later could be followed by 2 more at once. What those before it have given back since then is no
   * longer ahead of it, so time has paid for more of it.
   */
  giveBack(departure: Departure, time: number): void {
    const { permits, per, burst } = this.#rate;
    const { ordinal } = departure;
    const { ordinal: last } = this.#last;
    // Before that, time has paid for every departure.
    const since = time - (burst * per) / permits;
    this.#returns = this.#returns.filter((each) => each.time >= since);
    const ahead = this.#returns
      .filter((each) => each.ordinal < ordinal && ordinal <= each.last)
      .reduce((sum, { amount }) => sum + amount, 0);
    const amount = Math.min(per, Math.max(0, this.#remainder(departure, time) - ahead));
    // Most attempts are rejected at once, by another gate, and no other went meanwhile.
    if (ordinal < last) this.#returns.push({ ordinal, last, amount, time });
    this.#last = { time, lead: this.#remainder(this.#last, time) - amount, ordinal: last };
  }

  /**
   * Computes how long the next one has to wait, in whole ms, since timers count them.
   *
   * @param ahead - how many wait already, and go before it
   */
  delay(time: number, ahead: number): number {
    const { permits, per, burst } = this.#rate;
    return Math.ceil(Math.max(0, this.#remainder(this.#last, time) + (ahead + 1 - burst) * per) / permits);
  }

  /** Computes how many may go at once. */
  available(time: number): number {
    const { per, burst } = this.#rate;
    return Math.floor(burst - this.#remainder(this.#last, time) / per);
  }

  /** Computes how long it is until the whole burst may go, if only those that wait go before; in whole ms. */
  resetAfter(time: number, waiting: number): number {
    const { permits, per } = this.#rate;
    return Math.ceil((this.#remainder(this.#last, time) + waiting * per) / permits);
  }
}
