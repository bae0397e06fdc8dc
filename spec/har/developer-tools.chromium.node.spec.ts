import { type Observable, takeUntil, timer } from 'rxjs';

import { HarRecorder } from '../../src/har/index.js';
import { constant, RetryClient, text } from '../../src/index.js';
import { type Chromium, type ChromiumPage, startChromium } from '../support/chromium.js';
import { settled } from '../support/settled.js';
import { type TestServer, testServer } from '../support/test-server.js';

const TOOLS = 'devtools://devtools/bundled';

/** A request as the developer tools show it. */
interface ShownRequest {
  readonly url: string;
  readonly status: number;
  readonly method: string;
  readonly type: string;
  readonly seconds: number;
  readonly error: string | null;
}

/** The file as their importer reads it, and what their network panel then lists. */
function importExpression(file: string): string {
  return `(async () => {
    const { HARFormat, Importer } = await import('${TOOLS}/models/har/har.js');
    const { NetworkPanel } = await import('${TOOLS}/panels/network/network.js');
    const { NetworkLog } = await import('${TOOLS}/models/logs/logs.js');
    const requests = Importer.Importer.requestsFromHARLog(new HARFormat.HARRoot(${file}).log);
    await NetworkPanel.NetworkPanel.instance().networkLogView.onLoadFromFile(new File([${JSON.stringify(file)}], 'x.har'));
    return {
      listed: NetworkLog.NetworkLog.instance().requests().length,
      requests: requests.map((request) => ({
        url: request.url(),
        status: request.statusCode,
        method: request.requestMethod,
        type: request.resourceType().name(),
        seconds: request.duration,
      })),
    };
  })()`;
}

describe("A recording in Chromium's developer tools", () => {
  let api: TestServer;
  let chromium: Chromium;
  let page: ChromiumPage;
  beforeAll(async () => {
    api = await testServer();
    chromium = await startChromium();
    page = await chromium.newPage();
    await page.open(`${TOOLS}/devtools_app.html`);
  }, 60_000);
  afterAll(async () => {
    await chromium.close();
    await api.close();
  });

  it('is imported whole: each sending with its status, method, type and duration', async () => {
    const recorder = new HarRecorder({ bodies: true });
    const client = new RetryClient({ strategy: { backoff: constant(20), attempts: 2 } }).extend(recorder.options);
    const send = (source: Observable<unknown>) => settled(source);
    await send(client.get(api.url('tools-retry', [{ status: 503 }, { body: 'tea' }]), { selector: text() }));
    await send(client.get(api.refusedUrl));
    await send(client.get(api.url('tools-stall', { stall: 'headers' }), { timeout: 100 }));
    await send(client.get(api.url('tools-left', { stall: 'headers' })).pipe(takeUntil(timer(30))));
    await send(client.post(api.url('tools-post', { status: 201 }), new URLSearchParams('a=b')));
    await send(client.get(api.url('tools-redirect', { redirect: api.url('tools-there', { body: 'x' }) })));
    const shown = await page.evaluate<{ listed: number; requests: ShownRequest[] }>(
      importExpression(JSON.stringify(recorder)),
    );

    expect(shown.requests.map(({ method, status }) => `${method} ${String(status)}`)).toEqual([
      'GET 503',
      'GET 200',
      'GET 0',
      'GET 0',
      'GET 0',
      'GET 0',
      'GET 0',
      'POST 201',
      'GET 200',
    ]);
    expect(shown.listed).toBe(9);
    expect(new Set(shown.requests.map(({ type }) => type))).toEqual(new Set(['fetch']));
    // The two that timed out.
    expect(
      shown.requests.filter(({ url, seconds }) => url.includes('tools-stall') && seconds > 0.09 && seconds < 5).length,
    ).toBe(2);
  }, 60_000);
});
