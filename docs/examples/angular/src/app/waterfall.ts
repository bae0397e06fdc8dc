import { Component, computed, signal } from '@angular/core';
import { takeUntilDestroyed } from '@angular/core/rxjs-interop';
import type { AttemptEvent, HttpAttempt, Outcome } from 'rxjs-retry-client';
import { injectAttempts } from 'rxjs-retry-client/angular';

import { injectClock } from './clock';

interface Bar {
  readonly kind: 'attempt' | 'failed' | 'good' | 'wait';
  readonly title: string;
  readonly from: number;
  /** The end in ms; absent while the bar grows. */
  readonly to?: number;
}

interface Row {
  readonly id: string;
  readonly label: string;
  readonly end: string;
  readonly bars: readonly Bar[];
}

/** The number of requests that are shown. */
const LAST = 6;

function why(outcome: Outcome): string {
  const status = outcome.kind === 'error' ? (outcome.error as { readonly status?: unknown }).status : undefined;
  return typeof status === 'number' && status > 0 ? String(status) : 'no answer';
}

/** Returns the rows after an event. */
function afterEvent(rows: readonly Row[], event: AttemptEvent<unknown, HttpAttempt>): readonly Row[] {
  const { attempt, type } = event;
  const { pathname, search } = new URL(attempt.url);
  const row = rows.find(({ id }) => id === attempt.requestId) ?? {
    id: attempt.requestId,
    label: `${attempt.method} ${pathname}${search}`,
    end: '',
    bars: [],
  };
  const others = rows.filter(({ id }) => id !== attempt.requestId);
  const now = attempt.startedAt + ('elapsed' in event ? event.elapsed : 0);
  const bars = (kind: Bar['kind'], title: string): readonly Bar[] =>
    row.bars.map((bar, index) =>
      index < row.bars.length - 1 || bar.to !== undefined
        ? bar
        : { ...bar, kind: bar.kind === 'wait' ? 'wait' : kind, title, to: now },
    );
  switch (type) {
    case 'start':
      return [
        {
          ...row,
          end: '…',
          bars: [...row.bars, { kind: 'attempt', title: `attempt ${attempt.number}`, from: now } as const],
        },
        ...others,
      ].slice(0, LAST);
    case 'retry': {
      const wait = {
        kind: 'wait',
        title: `waits ${Math.round(event.delay)} ms`,
        from: now,
        to: now + event.delay,
      } as const;
      return [{ ...row, end: why(event.outcome), bars: [...bars('failed', why(event.outcome)), wait] }, ...others];
    }
    case 'hold':
    case 'hedge':
    case 'response':
    case 'value':
      return rows;
    case 'success':
      return [{ ...row, end: '200', bars: bars('good', '200') }, ...others];
    case 'failure':
      return [{ ...row, end: why(event.outcome), bars: bars('failed', why(event.outcome)) }, ...others];
    case 'cancel':
      return [
        { ...row, end: 'cancelled', bars: bars('failed', 'cancelled').filter(({ from }) => from < now) },
        ...others,
      ];
  }
}

@Component({
  selector: 'app-waterfall',
  template: `
    <h2>The last requests</h2>
    @for (row of rows(); track row.id) {
      <div class="row">
        <code>{{ row.label }}</code>
        <div class="track">
          @for (bar of row.bars; track $index) {
            <i [class]="bar.kind" [title]="bar.title" [style.left.%]="bar.left" [style.width.%]="bar.width"></i>
          }
        </div>
        <span>{{ row.attempts }}</span>
        <span class="end">{{ row.end }}</span>
      </div>
    } @empty {
      <p>None yet.</p>
    }
  `,
  styles: `
    :host {
      display: grid;
      gap: 0.5rem;
      padding: 1rem 1.25rem;
      border: 1px solid var(--line);
      border-radius: 0.75rem;
      background: var(--panel);
    }

    h2 {
      font-size: 1rem;
    }

    p,
    span {
      color: var(--quiet);
      font-size: 0.85rem;
    }

    .row {
      display: grid;
      grid-template-columns: 15rem 1fr 2.5rem 5rem;
      align-items: center;
      gap: 0.75rem;
    }

    code {
      overflow: hidden;
      font-size: 0.8rem;
      text-overflow: ellipsis;
      white-space: nowrap;
    }

    .end {
      text-align: right;
    }

    .track {
      position: relative;
      height: 0.9rem;
    }

    i {
      position: absolute;
      top: 0;
      bottom: 0;
      min-width: 3px;
      border-radius: 3px;
      background: var(--accent);

      &.failed {
        background: var(--bad);
      }

      &.attempt {
        background: var(--warn);
      }

      &.wait {
        top: 35%;
        bottom: 35%;
        background: var(--wait);
      }
    }

    @media (max-width: 40rem) {
      .row {
        grid-template-columns: 1fr auto auto;
      }

      .track {
        grid-column: 1 / -1;
        grid-row: 2;
      }
    }
  `,
})
export class Waterfall {
  readonly #rows = signal<readonly Row[]>([]);
  readonly #now = injectClock(100);

  /** The rows, each drawn on its own time scale. */
  protected readonly rows = computed(() =>
    this.#rows().map(({ id, label, end, bars }) => {
      const from = bars[0]?.from ?? 0;
      const to = Math.max(...bars.map((bar) => bar.to ?? this.#now()), from + 1);
      const percent = (time: number): number => (100 * time) / (to - from);
      return {
        id,
        label,
        end,
        attempts: `${bars.filter(({ kind }) => kind !== 'wait').length}×`,
        bars: bars.map((bar) => ({
          ...bar,
          left: percent(bar.from - from),
          width: percent(Math.max(0, (bar.to ?? this.#now()) - bar.from)),
        })),
      };
    }),
  );

  constructor() {
    injectAttempts()
      .pipe(takeUntilDestroyed())
      .subscribe((event) => {
        this.#rows.update((rows) => afterEvent(rows, event));
      });
  }
}
