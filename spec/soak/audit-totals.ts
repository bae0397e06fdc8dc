import type { Audit } from './audit.js';
import type { RemoteServer } from './remote-server.js';
import type { SoakRows } from './table.js';

/**
 * Compares the audits of settled requests with the totals of the server, and adds them to the table. It does so in
 * batches and with a delay, so that requests under way have arrived. The soak creates it, and ends it with {@link
 * AuditTotals.finish}.
 */
export class AuditTotals {
  readonly #pending: { readonly key: string; readonly audit: Audit }[] = [];

  /** @param lag - the number of requests that must settle after a request before it is compared */
  constructor(
    private readonly server: RemoteServer,
    private readonly rows: SoakRows,
    private readonly lag: number,
  ) {}

  /** Adds the audit of a settled request. */
  async add(key: string, audit: Audit): Promise<void> {
    this.#pending.push({ key, audit });
    if (this.#pending.length >= 2 * this.lag) await this.#close(this.#pending.splice(0, this.lag));
  }

  /** Compares the remaining audits, when no request is under way any more. */
  async finish(): Promise<void> {
    await this.#close(this.#pending.splice(0));
  }

  async #close(due: readonly { readonly key: string; readonly audit: Audit }[]): Promise<void> {
    const counts = await this.server.takeCounts(due.map(({ key }) => key));
    for (const { key, audit } of due) {
      audit.close(counts[key] ?? {});
      this.rows.add(audit);
    }
  }
}
