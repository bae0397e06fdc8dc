/** Formats a duration in the unit that fits: `12 ms`, `1.3 s`, `2 m 5 s`, `3 h 20 m`. */
export function formatDuration(ms: number): string {
  // The system clock may be set back while a request runs. The duration must not be negative then.
  const roundedMs = Math.max(0, Math.round(ms));
  if (roundedMs < 1000) return `${roundedMs} ms`;
  // From 59.95 s on, one decimal would round to 60.0 s.
  if (roundedMs < 59_950) return `${(roundedMs / 1000).toFixed(1)} s`;
  const seconds = Math.round(roundedMs / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} m`;
}

/** Formats a size in decimal units, as curl and browsers do: `812 B`, `1.2 kB`, `3.4 MB`. */
export function formatSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let size = bytes / 1000;
  let unit = 0;
  // From 999.95 on, one decimal would round to 1000.0.
  while (size >= 999.95 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${size.toFixed(1)} ${units[unit] ?? ''}`;
}

/** Wraps a text into lines of at most `width` characters. A longer word gets a line of its own. */
export function wrapWords(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}
