/** Options of other clients, each with what to write here instead. */
const ALTERNATIVES: Readonly<Record<string, string>> = {
  json: 'body',
  data: 'body',
  form: 'body',
  retry: 'strategy',
  retries: 'strategy',
  searchParams: 'params',
  query: 'params',
  responseType: 'a selector',
  schema: 'getJSON() or json(schema)',
  auth: 'the header authorization',
  followRedirect: 'redirect',
  prefixUrl: 'baseUrl',
  baseURL: 'baseUrl',
  transport: 'fetch',
  logger: 'logAttempts()',
  agent: 'nodeFetch({ agent })',
  validateStatus: 'throwHttpErrors',
  withCredentials: 'credentials',
  cancelToken: 'signal',
  hooks: 'interceptors',
};

/** What fetch itself takes, for misspelt names. */
const FETCH_OPTIONS =
  'cache credentials integrity keepalive mode priority redirect referrer referrerPolicy duplex'.split(' ');

/** Two names, one a line, that differ by one letter, or by two that changed places. Case does not count. */
const NEAR_MISS = /^(.*)(?:.?(.*)\n\1.?\2|(.)(.)(.*)\n\1\4\3\5)$/i;

/**
 * Refuses an option that is certainly wrong: one of another client, or a misspelt one. Others may be what a platform adds to fetch.
 *
 * @param known - the names of our own options
 * @throws TypeError that says what to write instead
 */
export function rejectUnknownOption(name: string, known: readonly string[]): void {
  if (FETCH_OPTIONS.includes(name)) return;
  const meant = [...known, ...FETCH_OPTIONS].find((own) => name.length > 2 && NEAR_MISS.test(`${name}\n${own}`));
  const advice = Object.hasOwn(ALTERNATIVES, name) ? `use ${ALTERNATIVES[name]}` : meant && `did you mean ${meant}?`;
  if (advice) throw new TypeError(`unknown option "${name}"; ${advice}`);
}
