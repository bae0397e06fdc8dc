import { firstValueFrom } from 'rxjs';
import { json, RetryClient } from 'rxjs-retry-client';
import { HarRecorder } from 'rxjs-retry-client/har';
import { telemetry } from 'rxjs-retry-client/opentelemetry';
import { scenarios, simulate } from 'rxjs-retry-client/simulate';
import { waterfallPage } from 'rxjs-retry-client/waterfall';

import { equal, ok } from '../expect.js';

export const tools = {
  'HarRecorder: records attempts and bodies': async ({ serve, client }) => {
    const recorder = new HarRecorder({ bodies: true });
    const { url } = serve([{ status: 503 }, { json: { tea: 1 } }]);
    await firstValueFrom(client.extend(recorder.options).getJSON(url));
    equal(
      recorder.toJSON().log.entries.map(({ response }) => [response.status, response.content.text ?? '']),
      [
        [503, ''],
        [200, '{"tea":1}'],
      ],
    );
  },
  'waterfallPage: makes a page of a recording': async ({ serve, client }) => {
    const recorder = new HarRecorder();
    await firstValueFrom(client.extend(recorder.options).getJSON(serve({ json: 1 }).url));
    const page = waterfallPage(recorder);
    ok(page.startsWith('<!doctype html>') || page.startsWith('<!DOCTYPE html>'), 'it is a page');
  },
  'telemetry: needs no SDK': async ({ serve, client }) => {
    const { url, requests } = serve([{ status: 503 }, { json: 1 }]);
    equal(await firstValueFrom(client.extend(telemetry()).getJSON(url)), 1);
    equal((await requests()).length, 2);
  },
  'simulate: simulates a strategy': () => {
    const { calm } = simulate({ ...scenarios.blip, clients: 5, duration: 2_000, rate: 5 }, { calm: { attempts: 2 } });
    ok(calm.requests > 0, 'requests were simulated');
  },
  'undiciFetch: sends': async (context) => {
    const { undiciFetch } = await context.load('undici');
    await sendsWith(undiciFetch(), context);
  },
  'nodeFetch: sends': async (context) => {
    const { nodeFetch } = await context.load('node');
    await sendsWith(nodeFetch(), context);
  },
};

async function sendsWith(fetch, { serve, options }) {
  const client = new RetryClient({ ...options, fetch });
  const { url, requests } = serve([{ status: 503 }, { echo: true }]);
  const { body, headers } = await firstValueFrom(client.put(url, 'tea', { selector: json() }));
  equal([body, headers['content-type'], (await requests()).length], ['tea', 'text/plain;charset=UTF-8', 2]);
}
