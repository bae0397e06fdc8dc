import type { Audit } from './audit.js';
import type { RemoteServer } from './remote-server.js';
import type { SoakRows } from './table.js';

/**
 * Compares what settled requests say of themselves with what reached the server: some time later, when what was still on its way has
 * arrived, and many at once.
 */
export class Reckoning {
  readonly #due: { readonly key: string; readonly audit: Audit }[] = [];

  /** @param lag - how many requests have to settle before the first of them is asked for */
  constructor(
    private readonly server: RemoteServer,
    private readonly rows: SoakRows,
    private readonly lag: number,
  ) {}

  /** A request has settled. */
  async add(key: string, audit: Audit): Promise<void> {
    this.#due.push({ key, audit });
    if (this.#due.length >= 2 * this.lag) await this.#close(this.#due.splice(0, this.lag));
  }

  /** Nothing is on its way any more. */
  async finish(): Promise<void> {
    await this.#close(this.#due.splice(0));
  }

  async #close(due: readonly { readonly key: string; readonly audit: Audit }[]): Promise<void> {
    const counts = await this.server.take(due.map(({ key }) => key));
    for (const { key, audit } of due) {
      audit.close(counts[key] ?? {});
      this.rows.add(audit);
    }
  }
}
