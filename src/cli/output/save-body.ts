import {
  type AttemptRequest,
  download,
  type DownloadPart,
  HttpNetworkError,
  type ResumableSelector,
} from '../../index.js';
import type { OutputFile } from './output-file.js';
import { Progress } from './progress.js';
import { readAhead } from './read-ahead.js';
import { digestUrl, type Origin, type ResumeRecord } from './resume-record.js';

// Four times a second is enough for a reader. With every chunk, a log of events would fill up.
const PROGRESS_INTERVAL_MS = 250;

/** Returns the origin of a download, if the server sent a validator that identifies its version. */
function toOrigin(validator: string | undefined, answered: string, requested: string): Origin | undefined {
  return validator === undefined ? undefined : { validator, requested, answered };
}

/** Returns the part that a record describes, if it is of this URL. The record holds only digests of URLs. */
function matchPart({ loaded, validator, salt, requested }: ResumeRecord, url: string): DownloadPart | undefined {
  return digestUrl(url, salt) === requested ? { loaded, validator, url } : undefined;
}

/** Checks whether a response answers a request for the rest: with the rest (206), or that there is none (416). */
function isAnswerToPart({ status }: Response): boolean {
  return status === 206 || status === 416;
}

/**
 * Returns a selector that downloads a response's body into a file.
 *
 * @param record - the record of the part that an earlier command left, to be resumed
 */
export function saveBody(file: OutputFile, record: ResumeRecord | undefined): ResumableSelector<Progress> {
  return {
    open: () => {
      let session = download({ to: file }).open();
      // The record is unmatched until a request goes to its URL, then matched until that request's response arrives.
      let unmatched = record;
      let matched: ResumeRecord | undefined;
      let lastRequest: AttemptRequest | undefined;
      return {
        prepare(request) {
          lastRequest = request;
          const from = unmatched && matchPart(unmatched, request.url);
          if (from) {
            session = download({ to: file, from }).open();
            matched = unmatched;
            unmatched = undefined;
            file.markMatched();
          }
          return session.prepare?.(request) ?? request;
        },
        handlesErrorStatus: (response) => session.handlesErrorStatus?.(response) ?? false,
        close: () => session.close?.(),
        async *select(response, attempt) {
          const { status } = response;
          const part = matched;
          if (status < 400 || isAnswerToPart(response)) unmatched = matched = undefined;
          if (part && isAnswerToPart(response)) {
            // A response may have no URL: some transports set none, and an interceptor may make its own response.
            const url = response.url || (lastRequest as AttemptRequest).url;
            if (digestUrl(url, part.salt) !== part.answered) {
              session = download({ to: file }).open();
              throw new HttpNetworkError({
                attempt,
                summary: 'the rest of the download came from another URL than its part',
                phase: 'body',
              });
            }
            // The record holds no URL, so the part's URL is known only now.
            session = download({ to: file, from: { loaded: part.loaded, validator: part.validator, url } }).open();
            session.prepare?.(lastRequest as AttemptRequest);
            file.resume(part);
          }
          if (status < 400 && response.body) {
            Object.defineProperty(response, 'body', { value: readAhead(response.body) });
          }
          let reportedAt = -Infinity;
          for await (const { type, loaded, total, bytesPerSecond, validator, url } of session.select(
            response,
            attempt,
          )) {
            if (type === 'progress' && !file.isOriginKnown) {
              await file.startNew(toOrigin(validator, url, (lastRequest as AttemptRequest).url));
            }
            if (type === 'done') yield new Progress(status, loaded);
            else if (performance.now() - reportedAt >= PROGRESS_INTERVAL_MS) {
              reportedAt = performance.now();
              yield new Progress(status, loaded, { total, bytesPerSecond });
            }
          }
        },
      };
    },
  };
}
