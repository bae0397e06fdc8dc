import type { Attributes } from '@opentelemetry/api';

import { tryParseUrl } from '../http/url.js';
import { redactSignatures } from '../util/safe-text.js';
import {
  HTTP_REQUEST_METHOD,
  HTTP_REQUEST_METHOD_ORIGINAL,
  SERVER_ADDRESS,
  SERVER_PORT,
  URL_FULL,
  URL_TEMPLATE,
} from './attribute-names.js';

/** What is known of a message before it is sent. */
export interface MessageTarget {
  /** The attributes of metrics; there are few different ones. */
  readonly metric: Attributes;
  /** Those of the span. */
  readonly span: Attributes;
  /** The name of the span. */
  readonly name: string;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

/** Redacts the user, the password and the signature in a URL. Of a `data:` URL only the type is left. */
export function redactUrl(url: string): string {
  if (/^data:/i.test(url)) return /^[^,]*,?/.exec(url)?.[0] ?? url;
  const withoutCredentials = url.includes('@')
    ? url.replace(/^([a-z][a-z\d+.-]*:[/\\]{2})[^/\\?#]*@/i, '$1REDACTED:REDACTED@')
    : url;
  return redactSignatures(withoutCredentials);
}

/** The attributes of servers by their origins: an application asks few servers, again and again. */
const SERVERS = new Map<string, Attributes>();
const MAX_SERVERS = 100;

/** Returns the server's name and port in a URL; nothing for a URL without a server. */
export function serverAttributes(url: string): Attributes {
  // Other URLs can be of any length, or have a password.
  const origin = /^https?:\/\/[^/\\?#@\s]{1,300}(?=[/\\?#]|$)/.exec(url)?.[0];
  if (origin === undefined) return parseServer(url);
  let attributes = SERVERS.get(origin);
  if (!attributes) {
    attributes = parseServer(url);
    if (SERVERS.size >= MAX_SERVERS) SERVERS.clear();
    SERVERS.set(origin, attributes);
  }
  return attributes;
}

function parseServer(url: string): Attributes {
  const parsed = tryParseUrl(url);
  if (!parsed?.hostname) return {};
  const port = parsed.port === '' ? DEFAULT_PORTS[parsed.protocol] : Number(parsed.port);
  return {
    // An IPv6 address is written without its brackets.
    [SERVER_ADDRESS]: parsed.hostname.replace(/^\[(.*)\]$/, '$1'),
    ...(port !== undefined && { [SERVER_PORT]: port }),
  };
}

/** Returns the method's attributes: one that is not known would make a metric of its own. */
export function methodAttributes(method: string, known: ReadonlySet<string>): Readonly<Record<string, string>> {
  return known.has(method)
    ? { [HTTP_REQUEST_METHOD]: method }
    : { [HTTP_REQUEST_METHOD]: '_OTHER', [HTTP_REQUEST_METHOD_ORIGINAL]: method };
}

/** Returns the name of a span: the method, and the template of the path, but never the path. */
export function spanName(method: string, known: ReadonlySet<string>, template: string | undefined): string {
  const name = known.has(method) ? method : 'HTTP';
  return template === undefined ? name : `${name} ${template}`;
}

/** Describes a message to a URL. */
export function messageTarget(
  method: string,
  url: string,
  known: ReadonlySet<string>,
  template: string | undefined,
): MessageTarget {
  const { [HTTP_REQUEST_METHOD_ORIGINAL]: original, ...named } = methodAttributes(method, known);
  const metric: Attributes = {
    ...named,
    ...serverAttributes(url),
    ...(template !== undefined && { [URL_TEMPLATE]: template }),
  };
  return {
    metric,
    span: {
      ...metric,
      ...(original !== undefined && { [HTTP_REQUEST_METHOD_ORIGINAL]: original }),
      [URL_FULL]: redactUrl(url),
    },
    name: spanName(method, known, template),
  };
}
