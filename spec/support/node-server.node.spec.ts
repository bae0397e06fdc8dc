import { Agent, get } from 'node:http';
import { text } from 'node:stream/consumers';
import { nodeTestServer, type NodeTestServer } from './node-server.js';

describe('The test server in Node', () => {
  let api: NodeTestServer;

  beforeAll(async () => {
    api = await nodeTestServer();
  });

  afterAll(() => api.close());

  it('numbers connections, and counts the open ones', async () => {
    const agent = new Agent({ keepAlive: true });
    const url = api.url('sockets', { body: 'x' });

    await getText(url, agent);
    await getText(url, agent);
    const [first, second] = await api.requests('sockets');
    expect(first?.socket).toBe(second?.socket);
    expect(api.openSockets()).toBe(1);

    agent.destroy();
    await api.socketsClosed();
    expect(api.openSockets()).toBe(0);
  });

  it('refuses connections at refusedUrl', async () => {
    await expectAsync(getText(api.refusedUrl, new Agent())).toBeRejectedWith(
      jasmine.objectContaining({ code: 'ECONNREFUSED' }),
    );
  });
});

function getText(url: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      text(response).then(resolve, reject);
    }).on('error', reject);
  });
}
