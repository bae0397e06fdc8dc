/** Options of other clients, and what this client has instead. */
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

/** The options of fetch. */
const FETCH_OPTIONS =
  'cache credentials integrity keepalive mode priority redirect referrer referrerPolicy duplex'.split(' ');

/** Matches two lines that differ by one letter, or by two letters that changed places. Case does not count. */
const NEAR_MISS = /^(.*)(?:.?(.*)\n\1.?\2|(.)(.)(.*)\n\1\4\3\5)$/i;

/**
 * Rejects an option that is certainly wrong: one of another client, or a misspelled one. Others may be options that a
 * platform adds to fetch.
 *
 * @param known - the names of this package's own options
 * @throws TypeError that names the option to use instead
 */
export function rejectUnknownOption(name: string, known: readonly string[]): void {
  if (FETCH_OPTIONS.includes(name)) return;
  const similar = [...known, ...FETCH_OPTIONS].find(
    (option) => name.length > 2 && NEAR_MISS.test(`${name}\n${option}`),
  );
  const advice = Object.hasOwn(ALTERNATIVES, name)
    ? `use ${ALTERNATIVES[name]}`
    : similar && `did you mean ${similar}?`;
  if (advice) throw new TypeError(`unknown option "${name}"; ${advice}`);
}
