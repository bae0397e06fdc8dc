import { safeText, safeUrl } from '../util/safe-text.js';
import type { HarField } from './har.js';

/** Headers that let their reader act as somebody else. */
const SECRET_HEADERS = ['authorization', 'cookie', 'proxy-authorization', 'set-cookie'];

/** A query parameter, in a URL or in a text. Its name may be percent-encoded. */
const PARAMETER = /([?&])([^?&#=\s"'<>]+)=[^&#\s"'<>]+/g;

/** What is left out of a recording. Names are of headers and of query parameters, in any case. */
export class Redaction {
  readonly #names: ReadonlySet<string>;
  readonly #keepsAll: boolean;

  /** @param names - besides those that are always left out; `false` leaves nothing out */
  constructor(names: readonly string[] | false) {
    this.#keepsAll = names === false;
    this.#names = new Set([...SECRET_HEADERS, ...(names || []).map((name) => name.toLowerCase())]);
  }

  #isSecret(name: string): boolean {
    return !this.#keepsAll && this.#names.has(name.toLowerCase());
  }

  /** Returns the headers without the secret ones. */
  headers(headers: Headers): HarField[] {
    const fields: HarField[] = [];
    headers.forEach((value, name) => {
      if (!this.#isSecret(name)) fields.push({ name, value: this.text(value) });
    });
    return fields;
  }

  /** Returns a text that is safe to show, without the secrets of the URLs in it. */
  text(text: string): string {
    return safeText(text).replace(PARAMETER, (parameter: string, separator: string, name: string) =>
      [...new URLSearchParams(name).keys()].some((decoded) => this.#isSecret(decoded))
        ? `${separator}${name}=REDACTED`
        : parameter,
    );
  }

  /** Returns a URL without its fragment, with the values of secret parameters replaced. */
  url(url: string): string {
    let parsed: URL;
    try {
      parsed = new URL(url);
    } catch {
      // A relative one, of a redirect; or one that was sent nowhere.
      return this.text(safeUrl(url));
    }
    parsed.hash = '';
    parsed.username = parsed.password = '';
    return this.text(parsed.href);
  }
}

/** Returns the parameters of a URL that is safe already. */
export function queryOf(url: string): HarField[] {
  return URL.canParse(url) ? Array.from(new URL(url).searchParams, ([name, value]) => ({ name, value })) : [];
}
