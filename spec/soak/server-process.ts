// The hostile server in a process of its own: in the process of the clients, its work would delay them. It answers
// questions of the parent process, and ends with it.
import { hostileServer } from '../support/hostile-server.js';
import type { ServerAnswer, Counts, ServerQuestion } from './remote-server.js';

const server = await hostileServer();

/** Counts the requests of each key by scenario, then discards them. */
function takeCounts(keys: readonly string[]): Counts {
  return Object.fromEntries(
    keys.map((key) => {
      const counts: Record<string, number> = {};
      for (const { scenario } of server.requests(key)) counts[scenario] = (counts[scenario] ?? 0) + 1;
      server.forget(key);
      return [key, counts];
    }),
  );
}

function send(answer: ServerAnswer): void {
  process.send?.(answer);
}

process.on('message', ({ id, keys }: ServerQuestion) => {
  send({ id, counts: takeCounts(keys), busy: server.connections.filter(({ busy }) => busy).length });
});
// The parent process has disconnected or ended.
process.on('disconnect', () => {
  process.exit();
});
send({ id: 0, url: server.url('ok', ''), counts: {}, busy: 0 });
