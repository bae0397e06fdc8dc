/** Options of other clients, each with what to write here instead. */
const FOREIGN =
  'json data form:body,retry retries retryOptions retryConfig:strategy,searchParams query qs:params,' +
  'responseType transformResponse dataType:a selector such as json() or text(),schema:getJSON() or json(schema),auth:the header authorization,' +
  'followRedirect followRedirects maxRedirects:redirect,prefixUrl baseURL base:baseUrl,transport adapter:fetch,' +
  'logger log:logAttempts(),hooks beforeRequest afterResponse:interceptors,cancelToken:signal,' +
  'throwOnError validateStatus raiseForStatus:throwHttpErrors,withCredentials:credentials,' +
  'agent httpAgent httpsAgent:nodeFetch({ agent }),onUploadProgress onDownloadProgress:withProgress() or download(),retryDelay:strategy.backoff';

/** What fetch itself takes, for misspelt names. */
const FETCH = 'cache credentials integrity keepalive mode priority redirect referrer referrerPolicy duplex';

/** What to write instead of an option of another client. */
function substituteFor(name: string): string | undefined {
  return FOREIGN.split(',')
    .map((entry) => entry.split(':') as [string, string])
    .find(([names]) => names.split(' ').includes(name))?.[1];
}

/** Whether two names differ by one letter, or by two that changed places. Case does not count. */
function isNearMiss(one: string, other: string): boolean {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  const [restA, restB] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  const swapped = restA.length === 2 && restB.length === 2 && restA[0] === restB[1] && restA[1] === restB[0];
  return swapped || (restA.length < 2 && restB.length < 2);
}

/**
 * Refuses an option that is certainly wrong: one of another client, or a misspelt one. Others may be what a platform adds to fetch.
 *
 * @param known - the names of our own options
 * @throws TypeError that says what to write instead
 */
export function refuseUnknown(name: string, known: readonly string[]): void {
  const fetchNames = FETCH.split(' ');
  if (fetchNames.includes(name)) return;
  const substitute = substituteFor(name);
  if (substitute) throw new TypeError(`unknown option "${name}"; use ${substitute}`);
  const meant = name.length > 2 && [...known, ...fetchNames].find((own) => isNearMiss(name, own));
  if (meant) throw new TypeError(`unknown option "${name}"; did you mean ${meant}?`);
}
