import { BehaviorSubject, interval, map, Observable, type Subscription } from 'rxjs';

import {
  circuitBreaker,
  concurrencyLimit,
  defineGate,
  type Gate,
  type GateAttempt,
  hedging,
  type Hedging,
  openWhen,
  rateLimit,
  retryBudget,
  serverLimit,
  whenOnline,
} from '../../src/index.js';

/** How often the tunnel comes, in ms, and that it lasts as long. */
const TUNNEL_MS = 300;

/** All gates at once, for one soak. The soak creates it, and ends it. */
export class SoakGates {
  readonly strategy: { readonly gates: readonly Gate[]; readonly hedge: Hedging };
  readonly #open$ = new BehaviorSubject(true);
  readonly #toggling: Subscription;
  readonly #rate;
  readonly #limit;
  readonly #server = serverLimit({ maxWait: 200, by: scenarioOf });
  readonly #inside = new Map<GateAttempt, number>();
  readonly #violations: string[];
  readonly #max: number;
  #inFlight = 0;

  constructor(concurrency: number, violations: string[]) {
    this.#violations = violations;
    this.#max = Math.ceil(concurrency / 2);
    this.#rate = rateLimit({ permits: 10_000, burst: 100 });
    this.#limit = concurrencyLimit({ max: this.#max });
    // Closed for half of the time.
    this.#toggling = interval(TUNNEL_MS)
      .pipe(map((count) => count % 2 === 1))
      .subscribe(this.#open$);
    this.strategy = {
      gates: [
        whenOnline(),
        openWhen({ open$: this.#open$ }),
        retryBudget({ ratio: 1, minPerSecond: 100 }),
        circuitBreaker({ by: scenarioOf, breakDuration: 50 }),
        this.#server,
        this.#rate,
        this.#limit,
        this.#ledger(),
      ],
      hedge: hedging({ after: 30 }),
    };
  }

  /** Innermost: what it lends, the limits before it have lent, too. */
  #ledger(): Gate {
    return defineGate({
      name: 'ledger',
      admit: (attempt) =>
        new Observable<void>((subscriber) => {
          this.#inside.set(attempt, (this.#inside.get(attempt) ?? 0) + 1);
          this.#inFlight += 1;
          if (this.#inFlight > this.#max) this.#violations.push(`${this.#inFlight} attempts in flight at once`);
          if (this.#inside.get(attempt) !== 1) this.#violations.push('an attempt was let in twice');
          subscriber.next();
          return () => {
            this.#inFlight -= 1;
            this.#inside.delete(attempt);
          };
        }),
    });
  }

  /** Checks that the gates are as at the start, when no request is under way. */
  checkIdle(): void {
    for (const { inFlight, queued } of this.#limit.snapshot().values()) {
      if (inFlight + queued > 0) this.#violations.push(`${inFlight} slots are lost, ${queued} attempts wait for one`);
    }
    for (const { queued } of this.#rate.snapshot().values()) {
      if (queued > 0) this.#violations.push(`${queued} attempts wait for a permit`);
    }
    if (this.#inside.size > 0) this.#violations.push(`${this.#inside.size} attempts have not left`);
  }

  end(): void {
    this.#toggling.unsubscribe();
  }
}

/** Each fault has a breaker of its own, or they would all share the worst one's. */
function scenarioOf({ url = '' }: GateAttempt): string {
  return new URL(url).pathname.split('/')[1] ?? '';
}
