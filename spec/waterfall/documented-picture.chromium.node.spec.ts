// Holds the picture in docs/waterfall.md. With UPDATE_PICTURES=1 it takes it.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { pathToFileURL } from 'node:url';

import { waterfallPage } from '../../src/waterfall/index.js';
import { startChromium } from '../support/chromium.js';
import { harOf, SAMPLE } from './sample-har.js';

const PICTURE = new URL('../../docs/images/waterfall.png', import.meta.url);

async function takePicture(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'picture-'));
  const chromium = await startChromium();
  try {
    await writeFile(join(folder, 'page.html'), waterfallPage(harOf(SAMPLE)));
    const page = await chromium.newPage();
    await page.emulate({ width: 1_200, height: 520, media: { 'prefers-color-scheme': 'light' } });
    await page.open(pathToFileURL(join(folder, 'page.html')).href);
    await page.evaluate(`new Promise((resolve) => setTimeout(resolve, 500)).then(() => {
      const { shadowRoot } = document.querySelector('.rxjs-retry-client-waterfall');
      shadowRoot.querySelectorAll('.row[id]')[6].querySelector('.bar').focus();
    })`);
    await writeFile(PICTURE, Buffer.from(await page.screenshot(), 'base64'));
  } finally {
    await chromium.close();
    await rm(folder, { recursive: true });
  }
}

describe('The picture of docs/waterfall.md', () => {
  it('is there, and small enough to be packed', async () => {
    if (env.UPDATE_PICTURES) await takePicture();
    const picture = await readFile(PICTURE);

    expect(picture.subarray(1, 4).toString()).toBe('PNG');
    expect(picture.length).toBeLessThan(150_000);
  }, 60_000);
});
