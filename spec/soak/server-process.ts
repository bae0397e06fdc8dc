// The hostile server in a process of its own: a client that is kept waiting by its own server's work would tell nothing. It answers what
// the process that started it asks, and ends with it.
import { hostileServer } from '../support/hostile-server.js';
import type { Answer, Counts, Question } from './remote-server.js';

const server = await hostileServer();

/** How often each key was asked for, by scenario; then forgets it. */
function take(keys: readonly string[]): Counts {
  return Object.fromEntries(
    keys.map((key) => {
      const counts: Record<string, number> = {};
      for (const { scenario } of server.requests(key)) counts[scenario] = (counts[scenario] ?? 0) + 1;
      server.forget(key);
      return [key, counts];
    }),
  );
}

function tell(answer: Answer): void {
  process.send?.(answer);
}

process.on('message', ({ id, keys }: Question) => {
  tell({ id, counts: take(keys), busy: server.connections.filter(({ busy }) => busy).length });
});
// The one that started it has disconnected, or died.
process.on('disconnect', () => {
  process.exit();
});
tell({ id: 0, url: server.url('ok', ''), counts: {}, busy: 0 });
