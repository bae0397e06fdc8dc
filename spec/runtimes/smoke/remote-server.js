import { createTestServerApi } from '../../support/test-server-api.ts';

/** Makes the interface of the test server that `serve.ts` runs in another process. */
export async function remoteServer(origin) {
  const ask = async (question, params = {}) => {
    const response = await fetch(`${origin}/__log/${question}?${new URLSearchParams(params)}`);
    return response.json();
  };
  return createTestServerApi(await ask('origins'), {
    requests: (key) => ask('requests', { key }),
    when: (key, number, stage) => ask(stage, { key, number: String(number) }),
    cut: (key, number) => ask('cut', { key, number: String(number) }),
    close: () => Promise.resolve(),
  });
}
