import { download, type DownloadPart, type ResumableSelector } from '../index.js';
import type { OutputFile } from './output-file.js';
import { Progress } from './progress.js';

// Progress is news for people: more of it would only fill the log.
const progressMs = 250;

/** Downloads a response's body into a file, from where an earlier part of it ends. */
export function saveBody(file: OutputFile, from: DownloadPart | undefined): ResumableSelector<Progress> {
  return {
    open: () => {
      const reading = download({ to: file, from }).open();
      return {
        prepare: (request) => reading.prepare?.(request) ?? request,
        accepts: (response) => reading.accepts?.(response) ?? false,
        close: () => reading.close?.(),
        async *select(response, attempt) {
          const { status } = response;
          let toldAt = -Infinity;
          for await (const { type, loaded, total, bytesPerSecond, validator, url } of reading.select(response, attempt)) {
            if (type === 'progress' && loaded === 0) await file.begin(validator === undefined ? undefined : { validator, url });
            if (type === 'done') yield new Progress(status, loaded);
            else if (performance.now() - toldAt >= progressMs) {
              toldAt = performance.now();
              yield new Progress(status, loaded, { total, bytesPerSecond });
            }
          }
        },
      };
    },
  };
}
