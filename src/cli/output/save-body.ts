import {
  type AttemptRequest,
  download,
  type DownloadPart,
  HttpNetworkError,
  type ResumableSelector,
} from '../../index.js';
import { Progress } from './progress.js';
import type { OutputFile } from './output-file.js';
import { readAhead } from './read-ahead.js';
import { type Origin, type ResumeNote, urlDigest } from './resume-record.js';

// Progress is news for people: more of it would only fill the log.
const progressMs = 250;

/** What the bytes of a response are of, where the server gives something that proves it later. */
function originOf(validator: string | undefined, answered: string, requested: string): Origin | undefined {
  return validator === undefined ? undefined : { validator, requested, answered };
}

/** The part that a note tells of, if it is of this URL: the note holds digests alone. */
function partOf({ loaded, validator, salt, requested }: ResumeNote, url: string): DownloadPart | undefined {
  return urlDigest(url, salt) === requested ? { loaded, validator, url } : undefined;
}

/** Whether a response is of what a part was asked for: the rest of it, or word that there is none. */
function isRest({ status }: Response): boolean {
  return status === 206 || status === 416;
}

/** Downloads a response's body into a file, from where an earlier part of it ends. */
export function saveBody(file: OutputFile, earlier: ResumeNote | undefined): ResumableSelector<Progress> {
  return {
    open: () => {
      let reading = download({ to: file }).open();
      /** A part that has not been matched with a URL yet; then one that has, as long as no answer to it has come. */
      let unmatched = earlier;
      let matched: ResumeNote | undefined;
      let asked: AttemptRequest | undefined;
      return {
        prepare(request) {
          asked = request;
          const from = unmatched && partOf(unmatched, request.url);
          if (from) {
            reading = download({ to: file, from }).open();
            matched = unmatched;
            unmatched = undefined;
            file.matched();
          }
          return reading.prepare?.(request) ?? request;
        },
        accepts: (response) => reading.accepts?.(response) ?? false,
        close: () => reading.close?.(),
        async *select(response, attempt) {
          const { status } = response;
          const part = matched;
          if (status < 400 || isRest(response)) unmatched = matched = undefined;
          if (part && isRest(response)) {
            // Some transports give no URL, and an interceptor may answer by itself.
            const url = response.url || (asked as AttemptRequest).url;
            if (urlDigest(url, part.salt) !== part.answered) {
              reading = download({ to: file }).open();
              throw new HttpNetworkError({
                attempt,
                summary: 'the rest is at another URL than the part',
                phase: 'body',
              });
            }
            // The note holds no URL: which one the part is of is known only now.
            reading = download({ to: file, from: { loaded: part.loaded, validator: part.validator, url } }).open();
            reading.prepare?.(asked as AttemptRequest);
            file.resume(part);
          }
          if (status < 400 && response.body) {
            Object.defineProperty(response, 'body', { value: readAhead(response.body) });
          }
          let toldAt = -Infinity;
          for await (const { type, loaded, total, bytesPerSecond, validator, url } of reading.select(
            response,
            attempt,
          )) {
            if (type === 'progress' && !file.begun) {
              await file.begin(originOf(validator, url, (asked as AttemptRequest).url));
            }
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
