import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { SimulationResults } from '../../../src/cli/simulate/draw-results.js';
import { htmlPage } from '../../../src/cli/simulate/html-page.js';
import type { Scenario } from '../../../src/simulate/index.js';
import { type Chromium, type ChromiumPage, startChromium } from '../../support/chromium.js';
import { makeReport } from './make-report.js';

const SCENARIO: Scenario = { duration: 60_000, clients: 20, rate: 5, server: () => 'silent' };
const HOSTILE = `</script><script>globalThis.hacked = 1</script><img src=x onerror="hacked=1">&'"`;

const seconds = Array.from({ length: 60 }, (_, second) => ({ arrived: 10 + second, answered: second }));
const RESULTS: SimulationResults = {
  title: HOSTILE,
  duration: 60_000,
  isTogether: false,
  reports: { none: makeReport(seconds.slice(0, 40)), [HOSTILE]: makeReport(seconds) },
};

describe('The page of a simulation', () => {
  let folder: string;
  let chromium: Chromium;
  let page: ChromiumPage;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'simulation-'));
    await writeFile(join(folder, 'page.html'), htmlPage(RESULTS, SCENARIO));
    chromium = await startChromium();
    page = await chromium.newPage();
    await page.open(pathToFileURL(join(folder, 'page.html')).href);
  }, 30_000);
  afterAll(async () => {
    await chromium.close();
    await rm(folder, { recursive: true });
  });

  it('shows texts of a scenario as they are, and runs nothing of them', async () => {
    expect(await page.evaluate<string>('document.querySelector("h1").textContent')).toBe(`Simulation: ${HOSTILE}`);
    expect(
      await page.evaluate<string[]>('[...document.querySelectorAll("figcaption b")].map((b) => b.textContent)'),
    ).toEqual(['none', HOSTILE]);
    expect(await page.evaluate<string>('typeof hacked + document.images.length')).toBe('undefined0');
  });

  it('needs no network, and allows none', async () => {
    expect(await page.evaluate<number>('performance.getEntriesByType("resource").length')).toBe(0);
    expect(htmlPage(RESULTS, SCENARIO)).toContain(`content="default-src 'none';`);
    expect(await page.evaluate<string>('fetch("data:text/plain,x").then(() => "loaded", () => "refused")')).toBe(
      'refused',
    );
  });

  it('has a table with a strategy in each row', async () => {
    const cells = await page.evaluate<string[][]>(
      '[...document.querySelectorAll("tr")].map(({ cells }) => [...cells].map((cell) => cell.textContent))',
    );

    expect(cells.map(([name]) => name)).toEqual(['strategy', 'none', HOSTILE]);
    expect(cells[1]?.slice(1, 4)).toEqual(['1.50', '97.6 %', '53 ms']);
  });

  it('draws a chart for each strategy, on axes of the same scale', async () => {
    const labels = await page.evaluate<string[][]>(
      '[...document.querySelectorAll("svg")].map((svg) => [...svg.querySelectorAll("text")].map((text) => text.textContent))',
    );

    expect(labels.length).toBe(2);
    expect(labels[0]?.slice(0, 5)).toEqual(['0', '40', '80', '0 s', '10 s']);
    expect(labels[1]).toEqual(labels[0]);
    const points = await page.evaluate<number[]>(
      '[...document.querySelectorAll("polyline.load")].map((line) => line.points.length)',
    );
    expect(points).toEqual([40, 60]);
  });

  it('shows the values of the second under the pointer, in all charts, until it leaves', async () => {
    const move = (part: number): string => `{
      const svg = document.querySelector('svg');
      const { left, width } = svg.getBoundingClientRect();
      svg.dispatchEvent(new PointerEvent('pointermove', { clientX: left + 44 + ${part} * (width - 52) }));
    }`;
    const outputs = '[...document.querySelectorAll("output")].map((output) => output.textContent)';
    await page.evaluate(move(0.501));
    expect(await page.evaluate<string[]>(outputs)).toEqual([
      'at 30 s: load 40, goodput 30',
      'at 30 s: load 40, goodput 30',
    ]);

    const cursors = '[...document.querySelectorAll(".cursor")].map((cursor) => cursor.style.visibility)';
    await page.evaluate('dispatchEvent(new Event("resize"))');
    expect(await page.evaluate<string[]>(cursors)).toEqual(['visible', 'visible']);

    await page.evaluate(move(1.2));
    expect(await page.evaluate<string[]>(outputs)).toEqual(['at 59 s: nothing', 'at 59 s: load 69, goodput 59']);

    await page.evaluate(`document.querySelector('svg').dispatchEvent(new PointerEvent('pointerleave'))`);
    expect(await page.evaluate<string[]>(outputs)).toEqual(['', '']);
  });

  it('moves from second to second by the arrow keys', async () => {
    const press = (key: string): Promise<string> =>
      page.evaluate(`document.querySelector('svg').dispatchEvent(new KeyboardEvent('keydown', { key: '${key}' })),
        document.querySelector('output').textContent`);

    expect(await press('ArrowRight')).toBe('at 0 s: load 10, goodput 0');
    expect(await press('ArrowRight')).toBe('at 1 s: load 11, goodput 1');
    expect(await press('ArrowLeft')).toBe('at 0 s: load 10, goodput 0');
    expect(await press('ArrowLeft')).toBe('at 0 s: load 10, goodput 0');
  });
});
