// Runs the checks in workerd: one for each request, whose query names it.
import { remoteServer } from './remote-server.js';
import { checks, pairedChecks, runCheck } from './run-check.js';

const entries = {
  undici: () => import('rxjs-retry-client/undici'),
  node: () => import('rxjs-retry-client/node'),
};

export default {
  async fetch(request) {
    const { searchParams } = new URL(request.url);
    const name = searchParams.get('check');
    if (name === null) return Response.json({ names: Object.keys(checks), pairedChecks });
    const server = () => remoteServer(searchParams.get('origin'));
    const load = (entry) => entries[entry]();
    return Response.json({ error: await runCheck(name, server, load, Number(searchParams.get('part'))) });
  },
};
