import { HarRecorder } from '../../har/index.js';
import type { ClientOptions } from '../../index.js';
import type { OptionValues } from '../options/option-values.js';
import { ReportFile } from './report-file.js';

/** Records a request for the files that `--har` and `--html` name. */
export class RequestReport {
  readonly #recorder: HarRecorder | undefined;
  readonly #files: readonly (readonly [file: ReportFile, write: (recorder: HarRecorder) => string])[];

  constructor({ har }: Partial<OptionValues>) {
    this.#files = [
      ...(har === undefined
        ? []
        : [[new ReportFile('--har', har), (recorder: HarRecorder) => JSON.stringify(recorder, null, 2)] as const]),
    ];
    this.#recorder = this.#files.length > 0 ? new HarRecorder() : undefined;
  }

  /** What records the requests of a client. */
  get options(): ClientOptions {
    return this.#recorder?.options ?? {};
  }

  /** @throws WriteError if a file cannot be written, before anything is sent */
  async check(): Promise<void> {
    for (const [file] of this.#files) await file.check();
  }

  /** @throws WriteError if a file cannot be written */
  async write(): Promise<void> {
    if (!this.#recorder) return;
    for (const [file, toText] of this.#files) await file.write(`${toText(this.#recorder)}\n`);
  }
}
