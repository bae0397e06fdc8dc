import type { Har } from '../har/har.js';
import { readProperty } from '../util/foreign-object.js';
import { check } from '../util/option-rule.js';
import { rowsOfHar } from './rows-of-har.js';
import { createView, VIEW_PARTS } from './view/view.js';
import { VIEW_STYLE } from './waterfall-style.js';

/**
 * Returns the picture of `waterfall` as an HTML page, for a file or an attachment. It has the times, URLs, statuses and
 * errors of the requests, and no headers and bodies. It needs no network, and its policy allows none.
 *
 * @param source - a HAR file, or what has one: a `HarRecorder`
 * @throws TypeError if it is neither
 *
 * @example
 * ```ts
 * import { writeFileSync } from 'node:fs';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { type Har, waterfallPage } from 'rxjs-retry-client/waterfall';
 *
 * const har: Har = { log: { version: '1.2', creator: { name: 'example', version: '1' }, pages: [], entries: [] } };
 *
 * writeFileSync(join(tmpdir(), 'requests.html'), waterfallPage(har));
 * ```
 */
export function waterfallPage(source: Har | { toJSON(): Har }): string {
  const har = readProperty(source, 'toJSON') ? (source as { toJSON(): Har }).toJSON() : (source as Har);
  check('har', har, [
    undefined,
    'a HAR file, or an object whose toJSON() returns one',
    (value) => Array.isArray(readProperty(readProperty(value, 'log'), 'entries')),
  ]);
  // JSON is JavaScript. Within a script only `<` could end it, or begin a comment.
  const data = JSON.stringify([VIEW_STYLE, rowsOfHar(har)]).replaceAll('<', '\\u003c');
  const script = `(${createView.toString()})([${VIEW_PARTS.join()}],document.querySelector("main"),css,()=>rows,false,false)`;
  // A build that keeps the names of functions (`keepNames` of esbuild) calls a helper, which the page does not have.
  const [, helper = '_'] = /=\s*(?:\/\*[^*]*\*\/\s*)?([\w$]+)\(\s*\(/.exec(script) ?? [];
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none';style-src 'unsafe-inline';script-src 'unsafe-inline'">
<title>Requests</title>
<style>:root{color-scheme:light dark;--waterfall-height:calc(100vh - 8rem)}body{margin:0;background:Canvas}h1{margin:.7rem .6rem 0;font:600 1.1rem system-ui}</style>
<main><h1>Requests</h1></main><noscript>This page needs JavaScript.</noscript>
<script>{const ${helper}=(value)=>value,[css,rows]=${data};${script}}</script></html>
`;
}
