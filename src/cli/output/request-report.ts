import { HarRecorder } from '../../har/index.js';
import type { AttemptEvent, ClientOptions, HttpAttempt } from '../../index.js';
import { waterfallPage } from '../../waterfall/index.js';
import type { OptionValues } from '../options/option-values.js';
import { ReportFile } from './report-file.js';

/** The files of a request's report, by the options that name them: each with how it is made of the recording. */
const REPORTS = {
  har: (recorder: HarRecorder) => `${JSON.stringify(recorder, null, 2)}\n`,
  html: (recorder: HarRecorder) => waterfallPage(recorder),
};

/** Records a request for the files that `--har` and `--html` name. */
export class RequestReport {
  readonly #recorder: HarRecorder | undefined;
  readonly #files: readonly { readonly file: ReportFile; readonly name: keyof typeof REPORTS }[];

  constructor(values: Partial<OptionValues>) {
    this.#files = (['har', 'html'] as const).flatMap((name) => {
      const path = values[name];
      return path === undefined ? [] : [{ file: new ReportFile(`--${name}`, path), name }];
    });
    this.#recorder = this.#files.length > 0 ? new HarRecorder() : undefined;
  }

  /**
   * Returns what records the requests of a client.
   *
   * @param toReported - what an event is for the command
   */
  options(
    toReported: (event: AttemptEvent<unknown, HttpAttempt>) => AttemptEvent<unknown, HttpAttempt>,
  ): ClientOptions {
    const { interceptors, observers } = this.#recorder?.options ?? {};
    return {
      interceptors,
      observers: observers?.map((observer) => (request) => {
        const listener = observer(request);
        return { next: (event) => listener?.next?.(toReported(event)) };
      }),
    };
  }

  /** @throws WriteError if a file cannot be written, before anything is sent */
  async check(): Promise<void> {
    for (const { file } of this.#files) await file.check();
  }

  /** @throws WriteError if a file cannot be written */
  async write(): Promise<void> {
    if (!this.#recorder) return;
    for (const { file, name } of this.#files) await file.write(REPORTS[name](this.#recorder));
  }
}
