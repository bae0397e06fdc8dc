import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { build, type BuildOptions } from 'esbuild';

import type { Har } from '../../src/har/har.js';
import { waterfallPage } from '../../src/waterfall/index.js';
import { type Chromium, type ChromiumPage, startChromium } from '../support/chromium.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { harOf, SAMPLE } from './sample-har.js';

const HOSTILE = `</script><script>globalThis.hacked = 1</script><!--<script>\u2028<img src=x onerror="hacked=1">`;

/** The shadow tree of the picture. */
const ROOT = `document.querySelector('.rxjs-retry-client-waterfall').shadowRoot`;

describe('The page of the waterfall', () => {
  let folder: string;
  let chromium: Chromium;
  let page: ChromiumPage;
  /** Opens a page from a file, and waits until it is drawn. */
  async function open(html: string): Promise<void> {
    await writeFile(join(folder, 'page.html'), html);
    await page.open(pathToFileURL(join(folder, 'page.html')).href);
    // The first frame does not know yet how many rows are in view.
    await page.evaluate(`new Promise((resolve) => {
      let [rows, frames] = [0, 0];
      const look = () => {
        const now = ${ROOT}?.querySelectorAll('.row[id]').length ?? 0;
        frames = now > 0 && now === rows ? frames + 1 : 0;
        rows = now;
        if (frames < 10) requestAnimationFrame(look);
        else resolve();
      };
      look();
    })`);
  }
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'waterfall-'));
    chromium = await startChromium();
    page = await chromium.newPage();
  }, 60_000);
  afterAll(async () => {
    await chromium.close();
    await rm(folder, { recursive: true });
  });

  it('draws the rows of a HAR file, or of what has one', async () => {
    const har = harOf(SAMPLE);
    await open(waterfallPage({ toJSON: () => har }));

    expect(
      await page.evaluate<string[]>(`[...${ROOT}.querySelectorAll('.row[id]')].map((row) => row.ariaLabel)`),
    ).toEqual([
      'GET /users/1, 1 attempt, succeeded after 190 ms: 200',
      'GET /orders?status=open&page=2, 3 attempts, succeeded after 1.5 s: 503, 503, 200',
      'PUT /users/7/address, 3 attempts, failed after 2.3 s: 503, 503, timeout',
      'GET /prices/tea, 1 attempt, succeeded after 700 ms: 200',
      'POST /reports, 1 attempt, succeeded after 1.3 s: 201',
      'GET /search?q=%E7%85%8E%E8%8C%B6&sort=price&direction=ascending, 1 attempt, cancelled after 640 ms: cancelled',
      'GET /stock, 2 attempts, failed after 760 ms: network, rejected',
      'DELETE /sessions/current, 1 attempt, failed after 130 ms: 404',
      'GET /events, 2 attempts, running: 502, under way',
    ]);
    expect(waterfallPage(har)).toBe(waterfallPage({ toJSON: () => har }));
  }, 60_000);

  it('shows texts as they are, and runs nothing of them', async () => {
    await open(
      waterfallPage(
        harOf([
          {
            at: 0,
            method: HOSTILE,
            url: `https://x.test/${HOSTILE}`,
            client: HOSTILE,
            outcome: 'failure',
            total: 9,
            rejected: { gate: HOSTILE, error: HOSTILE },
            holds: [{ gate: HOSTILE, attempt: 1, start: 0, duration: 9 }],
            sendings: [{ at: 0, wait: 9, outcome: 'failure', error: HOSTILE }],
          },
        ]),
      ),
    );

    expect(await page.evaluate<string>(`${ROOT}.querySelector('.row[id] .name').textContent`)).toContain(HOSTILE);
    expect(
      await page.evaluate<string>(
        `typeof hacked + document.images.length + ${ROOT}.querySelectorAll('img, script').length`,
      ),
    ).toBe('undefined00');
  }, 60_000);

  it('leaves the sign out of a bar that is too narrow for it, rather than cutting it, but not that of a failure', async () => {
    const url = 'https://x.test/users';
    await page.emulate({ width: 1_200, height: 400 });
    await open(
      waterfallPage(
        harOf([
          { at: 0, url, outcome: 'success', total: 2_000, sendings: [{ at: 0, wait: 2_000, status: 200 }] },
          { at: 500, url, outcome: 'success', total: 20, sendings: [{ at: 0, wait: 20, status: 200 }] },
          {
            at: 700,
            url,
            outcome: 'failure',
            total: 5,
            sendings: [{ at: 0, wait: 5, status: 404, outcome: 'failure' }],
          },
        ]),
      ),
    );
    const withoutText = async (row: number): Promise<string> => {
      await page.evaluate(`${ROOT}.querySelectorAll('.row[id]')[${row}].querySelector('.bar').style.color = '#0000'`);
      return page.screenshot();
    };
    const before = await page.screenshot();

    expect((await withoutText(1)) === before)
      .withContext('the narrow bar shows nothing of its text')
      .toBe(true);
    expect((await withoutText(0)) === before)
      .withContext('the wide bar shows all of it')
      .toBe(false);
    const withFailure = await page.screenshot();

    expect((await withoutText(2)) === withFailure)
      .withContext('a failure shows its sign')
      .toBe(false);
  }, 60_000);

  it('needs no network, and allows none', async () => {
    const html = waterfallPage(harOf(SAMPLE));
    await open(html);

    expect(await page.evaluate<number>('performance.getEntriesByType("resource").length')).toBe(0);
    expect(html).toContain(`content="default-src 'none';`);
    expect(await page.evaluate<string>('fetch("data:text/plain,x").then(() => "loaded", () => "refused")')).toBe(
      'refused',
    );
  }, 60_000);

  it('has no header and no body of the HAR file', () => {
    expect(waterfallPage(harOf(SAMPLE))).not.toMatch(/x-secret|not for the page/);
  });

  it('tells the story of a row by keyboard', async () => {
    await open(waterfallPage(harOf(SAMPLE)));
    const story = await page.evaluate<string>(
      `${ROOT}.querySelectorAll('.row[id]')[6].focus(), ${ROOT}.querySelector('.tip').textContent`,
    );

    expect(story.split('\n').slice(2)).toEqual([
      '+0 ms\tattempt 1: network after 330 ms (HttpNetworkError: connection refused)',
      '+330 ms\twaiting for 430 ms',
      '+760 ms\tattempt 2: rejected (the circuit is open)',
      'failed after 760 ms: rejected by circuit-breaker',
    ]);
  }, 60_000);

  for (const width of [320, 1_440]) {
    for (const scheme of ['light', 'dark'] as const) {
      it(`has nothing that axe finds, ${scheme} and ${width} px wide, and does not scroll sideways`, async () => {
        await page.emulate({ width, height: 800, media: { 'prefers-color-scheme': scheme } });
        await open(waterfallPage(harOf(SAMPLE)));
        await page.evaluate(`${ROOT}.querySelectorAll('.row[id]')[2].focus()`);
        await page.evaluate(await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
        const violations = await page.evaluate<string[]>(
          `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html)))`,
        );
        const [color, overflow] = await page.evaluate<string[]>(
          `[getComputedStyle(document.body).backgroundColor, document.documentElement.scrollWidth - innerWidth]`,
        );

        expect(violations).toEqual([]);
        expect(color).toBe(scheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(18, 18, 18)');
        expect(Number(overflow)).toBeLessThanOrEqual(0);
      }, 60_000);
    }
  }

  for (const options of [
    { minify: true },
    { keepNames: true },
    { minify: true, keepNames: true, target: 'es2018' },
  ] satisfies BuildOptions[]) {
    it(`is drawn also where a build has compiled the package with ${JSON.stringify(options)}`, async () => {
      const outfile = join(folder, `bundle-${Object.keys(options).join('-')}.mjs`);
      const entryPoints = [fileURLToPath(new URL('../../src/waterfall/index.ts', import.meta.url))];
      const shared: BuildOptions = { entryPoints, outfile, bundle: true, format: 'esm', logLevel: 'error' };
      await build({ ...shared, ...options });
      const bundled = (await import(pathToFileURL(outfile).href)) as { waterfallPage: typeof waterfallPage };
      await open(bundled.waterfallPage(harOf(SAMPLE)));

      expect(await page.evaluate<number>(`${ROOT}.querySelectorAll('.row[id]').length`)).toBe(SAMPLE.length);
    }, 60_000);
  }

  it('is drawn live by an app that has bundled and minified the package', async () => {
    const { outputFiles } = await build({
      stdin: {
        contents: `
          import { of } from 'rxjs';
          import { waterfall } from './src/waterfall/index.ts';
          const attempt = { number: 1, requestId: 'a', startedAt: Date.now(), method: 'GET', url: 'https://x.test/users' };
          waterfall(document.body, of({ type: 'start', attempt }, { type: 'success', attempt, elapsed: 20, total: 20 }));`,
        resolveDir: fileURLToPath(new URL('../..', import.meta.url)),
      },
      bundle: true,
      minify: true,
      write: false,
      logLevel: 'error',
    });
    const [bundle] = outputFiles;
    await open(`<!doctype html><meta charset="utf-8"><body><script>${bundle!.text}</script>`);

    expect(await page.evaluate<string>(`${ROOT}.querySelector('.row[id]').ariaLabel`)).toBe(
      'GET /users, 1 attempt, succeeded after 20 ms: succeeded',
    );
  }, 60_000);

  it('refuses what is no HAR file, by name', () => {
    for (const source of [undefined, null, 'har', {}, { log: {} }, { toJSON: () => ({}) }]) {
      expectRefusal(() => waterfallPage(source as unknown as Har), [TypeError], 'har must be a HAR file');
    }
  });
});
