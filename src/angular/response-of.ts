import { HttpErrorResponse, type HttpHeaders, HttpResponse } from '@angular/common/http';

import { bodyResponse, ResponseView } from '../http/response-view.js';
import type { Outcome } from '../retry/outcome.js';

/**
 * Returns what HttpClient has received as a Response without a body, which HttpClient has read; `undefined` if no
 * response came.
 */
export function responseOf(outcome: Outcome): Response | undefined {
  const received = outcome.kind === 'error' ? outcome.error : outcome.kind === 'value' ? outcome.value : undefined;
  if (!(received instanceof HttpResponse || received instanceof HttpErrorResponse) || received.status === 0) {
    return undefined;
  }
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- Angular has no other way to the text
  const { headers, status, statusText, url } = received as HttpResponse<unknown>;
  let copied: Headers | undefined;
  const head = {
    status,
    statusText,
    url: url ?? '',
    redirected: false,
    type: 'default' as const,
    get headers(): Headers {
      return (copied ??= copyHeaders(headers));
    },
  };
  return new ResponseView(head, () => bodyResponse(null, head.headers));
}

function copyHeaders(headers: HttpHeaders): Headers {
  const copy = new Headers();
  for (const name of headers.keys()) for (const value of headers.getAll(name) ?? []) copy.append(name, value);
  return copy;
}
