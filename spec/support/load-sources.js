// For coverage: loads every source file, so that a file without specs counts as not covered, function by function.
// (c8's own option `all` would also count every line of a file of types.) Programs, which begin with #!, are left out,
// since they would run: specs start them, and c8 follows. The schematics are left out, too: specs run them as built.

// Must come before all of Angular, whose classes are compiled at first use.
import '@angular/compiler';
import { readdirSync, readFileSync } from 'node:fs';

const sources = new URL('../../src/', import.meta.url);

for (const file of readdirSync(sources, { recursive: true })) {
  if (!file.endsWith('.ts') || file.startsWith('schematics')) continue;
  const url = new URL(file.replaceAll('\\', '/'), sources);
  if (!readFileSync(url, 'utf8').startsWith('#!')) await import(url.href);
}
