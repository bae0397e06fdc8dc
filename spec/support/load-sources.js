// For coverage: loads every source file, so that one that no spec imports counts as not covered, function by function. (c8's own `all` would
// also count every line of a file that holds nothing but types.) Programs, which begin with #!, would run: specs start them, c8 follows.
// Before any of Angular, which is compiled where it is first used.
import '@angular/compiler';
import { readdirSync, readFileSync } from 'node:fs';

const sources = new URL('../../src/', import.meta.url);

for (const file of readdirSync(sources, { recursive: true })) {
  if (!file.endsWith('.ts')) continue;
  const url = new URL(file.replaceAll('\\', '/'), sources);
  if (!readFileSync(url, 'utf8').startsWith('#!')) await import(url.href);
}
