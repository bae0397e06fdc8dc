// Tests the built app in Chromium, and the pages that a server renders: `npm test`, after `npm run build`.
// `npm test -- --screenshot` also takes screenshot.png.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { findChrome } from '../../../../spec/support/find-chrome.js';

const folder = fileURLToPath(new URL('..', import.meta.url));
const server = spawn(process.execPath, ['--enable-source-maps', 'serve.js'], {
  cwd: folder,
  env: { ...process.env, PORT: '0' },
  stdio: ['ignore', 'pipe', 'inherit'],
});
process.on('exit', () => server.kill());
const url = String((await once(server.stdout, 'data'))[0]).trim();
/** The same server under a name: `whenOnline` never holds a request to a loopback host. */
const named = url.replace('127.0.0.1', 'tea.test');
const browser = await chromium.launch({
  executablePath: findChrome(),
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--disable-background-networking',
    '--host-resolver-rules=MAP tea.test 127.0.0.1',
  ],
});
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
/** The steps of the API for three orders that were refused once, sorted. */
const ONE_REFRESH = ['order', 'order', 'order', 'refresh', 'refused', 'refused', 'refused'];

let passed = 0;
/** The number of clients so far. Each page has its own user agent, by which the API keeps the clients apart. */
let clients = 0;
try {
  await check('a server retries, and renders the list', async () => {
    const { html, steps } = await render('showers');

    assert.deepEqual(steps, ['down', 'ok']);
    assert.match(html, /Silver Needle/);
  });

  await check('a server gives up before the page hangs, and renders the rest', async () => {
    const { html, steps, took } = await render('storm');

    // The third response asks for a wait of 3 s, which exceeds maxServerWait (2 s).
    assert.deepEqual(steps, ['down', 'cut', 'busy']);
    assert.match(html, /could not be loaded/);
    assert.ok(took < 5_000, `It took ${took} ms.`);
  });

  await check('a page that was rendered with its list sends no request', () =>
    withPage(async (page, errors) => {
      await page.goto(`${url}?weather=showers`);
      await page.waitForFunction(() => !document.querySelector('[ngh]'));
      await page.getByText('Silver Needle').waitFor();

      assert.deepEqual(await stepsOf(page), []);
      assert.deepEqual(errors, []);
    }),
  );

  await check(
    'a server waits for a RetryClient, whose base URL is relative to the page, and which retries',
    async () => {
      const { html, steps } = await render(null, 'today');

      assert.deepEqual(steps, ['down', 'today']);
      assert.match(html, /Darjeeling/);
    },
  );

  await check('what a RetryClient fetched on the server the browser does not ask for, until the page is there', () =>
    withPage(async (page, errors) => {
      await page.addInitScript(() => {
        window.seen = [];
        new MutationObserver(() => window.seen.push(document.body?.innerText)).observe(document, {
          childList: true,
          subtree: true,
        });
      });
      await page.goto(`${url}today`);
      await page.waitForFunction(() => !document.querySelector('[ngh]'));
      await page.getByText('Darjeeling').waitFor();
      const before = await stepsOf(page);
      const seen = await page.evaluate(() => window.seen);
      await page.getByRole('link', { name: 'About' }).click();
      await page.getByRole('link', { name: 'Today' }).click();
      await page.getByText('Darjeeling').waitFor();

      assert.deepEqual(before, []);
      assert.ok(!seen.some((text) => text?.includes('Asking for it')), 'The list disappears until hydration is done.');
      assert.deepEqual(await stepsOf(page), ['down', 'today']);
      assert.deepEqual(errors, []);
    }),
  );

  await check('the banner counts attempts and seconds until the list is there', () =>
    withPage(async (page, errors) => {
      await page.goto(`${url}?weather=storm`);
      const seen = await bannersUntil(page, 'Silver Needle');

      assert.deepEqual(
        [...new Set(seen.map((text) => /attempt \d of \d/.exec(text)?.[0]))],
        ['attempt 2 of 5', 'attempt 3 of 5', 'attempt 4 of 5', 'attempt 5 of 5'],
      );
      for (const seconds of [3, 2, 1])
        assert.ok(seen.includes(`attempt 4 of 5, next try in ${seconds} s`), seen.join('\n'));
      assert.ok(
        seen.some((text) => text.endsWith(' is under way')),
        seen.join('\n'),
      );
      assert.equal(await page.locator('app-banner').innerText(), '');
      assert.deepEqual(await stepsOf(page), ['down', 'cut', 'busy', 'down', 'ok']);
      const retried = page.locator('app-waterfall .row .bar.retried');
      await retried.nth(3).waitFor();
      assert.equal(await retried.count(), 4);
      assert.deepEqual(errors, []);
    }),
  );

  await check('a screen reader is told once that requests are tried again, and of no second', () =>
    withPage(async (page) => {
      await page.goto(`${url}?weather=fair`);
      await page.getByText('Silver Needle').waitFor();
      await page.evaluate(() => {
        window.announced = [];
        const status = document.querySelector('app-banner [role=status]');
        const note = () => window.announced.push(status.textContent);
        new MutationObserver(note).observe(status, { subtree: true, childList: true, characterData: true });
      });
      await page.getByRole('button', { name: 'storm', exact: true }).click();
      await page.getByText('Silver Needle').waitFor();

      assert.deepEqual(await page.evaluate(() => window.announced), ['Reconnecting', '']);
    }),
  );

  await check('axe finds nothing wrong with the banner', () =>
    withPage(async (page) => {
      await page.goto(`${url}?weather=fair`);
      await page.getByText('Silver Needle').waitFor();
      await page.addScriptTag({ path: axe });
      await page.getByRole('button', { name: 'outage' }).click();
      await page.getByText('attempt 2 of 5').waitFor();
      await assertAccessible(page);
    }),
  );

  await check('the banner counts from the right second, however long the page was idle', () =>
    withPage(async (page) => {
      await page.goto(`${url}?weather=fair`);
      await page.getByText('Silver Needle').waitFor();
      await page.waitForTimeout(2_500);
      await page.getByRole('button', { name: 'storm', exact: true }).click();
      const seen = await bannersUntil(page, 'attempt 4 of 5');

      // The waits of the first two retries are 150 to 600 ms.
      assert.deepEqual(
        [...new Set(seen.flatMap((text) => /attempt [23] .* in (\d+) s/.exec(text)?.[1] ?? []))].filter(
          (seconds) => seconds !== '0',
        ),
        ['1'],
        seen.join('\n'),
      );
    }),
  );

  await check('"Try now" sends the next attempt at once, and keeps the focus', () =>
    withPage(async (page) => {
      await page.goto(`${url}?weather=fair`);
      await page.getByRole('button', { name: 'outage' }).click();
      // More than 1 s is left.
      await page.getByText('attempt 5 of 5, next try in 2 s').waitFor();
      const button = page.getByRole('button', { name: 'Try now' });
      await button.focus();
      await page.keyboard.press('Enter');
      const pressed = Date.now();
      await until(async () => (await stepsOf(page)).length === 5);
      const took = Date.now() - pressed;
      assert.ok(took < 900, `It took ${took} ms.`);
      assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Try now');
      await page.getByText('could not be loaded').waitFor();
      assert.equal(await button.count(), 0);
    }),
  );

  await check('"Try now" does not hurry a server that asks for time', () =>
    withPage(async (page) => {
      await page.goto(`${url}?weather=fair`);
      await page.getByRole('button', { name: 'storm', exact: true }).click();
      await page.getByText('attempt 4 of 5, next try in 3 s').waitFor();
      await page.getByRole('button', { name: 'Try now' }).click();
      await page.waitForTimeout(1_000);

      assert.deepEqual(await stepsOf(page), ['down', 'cut', 'busy']);
      await page.getByText('Silver Needle').waitFor();
      assert.deepEqual(await stepsOf(page), ['down', 'cut', 'busy', 'down', 'ok']);
    }),
  );

  await check('offline, a request waits for the network and uses no attempt, and the banner says so', () =>
    withPage(async (page, errors) => {
      // The page loads the list by itself: the server cannot resolve the name.
      await page.goto(`${named}?weather=fair`);
      await page.getByText('Silver Needle').waitFor();
      await fetch(`${url}api/log`, { method: 'DELETE' });
      await page.context().setOffline(true);
      await page.getByRole('button', { name: 'showers', exact: true }).click();
      await page.getByText('You are offline').waitFor();

      assert.match(
        (await page.locator('app-banner').innerText()).replace(/\s+/g, ' ').trim(),
        /^You are offline 1 request waits for the network$/,
      );
      await page.addScriptTag({ path: axe });
      await assertAccessible(page);
      await page.waitForTimeout(500);
      assert.deepEqual(await stepsOf(page), []);
      const back = Date.now();
      await page.context().setOffline(false);
      await until(async () => (await stepsOf(page)).length > 0);
      // whenOnline() spreads what it held over 1 s.
      assert.ok(Date.now() - back < 2_000);
      await page.getByText('Silver Needle').waitFor();
      assert.deepEqual(await stepsOf(page), ['down', 'ok']);
      assert.equal(await page.locator('app-banner').innerText(), '');
      assert.deepEqual(errors, []);
    }),
  );

  await check(
    'requests without a token, at once, make one refresh, and all succeed; the server asks for no order',
    () =>
      withPage(async (page, errors) => {
        const { html } = await render(null, 'orders');
        const rendered = (await log()).map(({ step }) => step);
        await page.goto(`${url}orders`);
        await ordersOf(page, 1);

        assert.match(html, /Loading order 3/);
        assert.deepEqual(rendered, []);
        assert.deepEqual((await stepsOf(page)).sort(), ONE_REFRESH);
        assert.deepEqual(errors, []);
      }),
  );

  await check('several requests at once with an expired token make one refresh, and all succeed', () =>
    withPage(async (page, errors) => {
      await page.goto(`${url}orders`);
      await ordersOf(page, 1);
      for (const refreshes of [2, 3]) {
        const before = (await stepsOf(page)).length;
        await page.getByRole('button', { name: 'Let the token expire' }).click();
        await ordersOf(page, refreshes);

        assert.deepEqual((await stepsOf(page)).slice(before).sort(), ONE_REFRESH);
        assert.equal(await statOf(page, 'Requests refused with 401'), String(3 * refreshes));
      }
      const before = (await stepsOf(page)).length;
      await page.getByRole('button', { name: 'Load the orders', exact: true }).click();
      await until(async () => (await stepsOf(page)).length === before + 3);
      await ordersOf(page, 3);

      // The token is still good.
      assert.deepEqual((await stepsOf(page)).slice(before), ['order', 'order', 'order']);
      assert.deepEqual(errors, []);
    }),
  );

  await check('axe finds nothing wrong with the orders', () =>
    withPage(async (page) => {
      await page.goto(`${url}orders`);
      await page.addScriptTag({ path: axe });
      await assertAccessible(page, 'app-orders');
      await ordersOf(page, 1);
      await assertAccessible(page, 'app-orders');
    }),
  );

  await check('no page is wider than a narrow screen', () =>
    withPage(
      async (page) => {
        for (const path of ['?weather=fair', 'today', 'orders', 'about']) {
          await page.goto(`${url}${path}`);
          await page
            .getByText(/Silver Needle|Darjeeling|You left/)
            .first()
            .waitFor();

          assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360, path);
        }
      },
      { viewport: { width: 360, height: 640 } },
    ),
  );

  await check('navigating away during a wait cancels the next attempt', () =>
    withPage(async (page) => {
      await page.goto(`${url}?weather=storm`);
      await page.getByText('attempt 4 of 5').waitFor();
      await page.getByRole('link', { name: 'About' }).click();
      await page.getByText('You left the list').waitFor();

      assert.equal(await page.locator('app-banner').innerText(), '');
      await page.locator('app-waterfall .row.cancelled').first().waitFor();
      const before = await stepsOf(page);
      await page.waitForTimeout(3_500);

      assert.deepEqual(before, ['down', 'cut', 'busy']);
      assert.deepEqual(await stepsOf(page), before);
    }),
  );

  await check('navigating away during an attempt aborts it', () =>
    withPage(async (page) => {
      await page.goto(`${url}?weather=fair`);
      await page.getByRole('button', { name: 'fog' }).click();
      await until(async () => (await stepsOf(page)).at(-1) === 'silent');
      await page.getByRole('link', { name: 'About' }).click();
      await until(async () => (await log()).at(-1).left);
    }),
  );

  if (process.argv.includes('--screenshot')) await takeScreenshot();
} finally {
  await browser.close();
}
console.log(`${passed} passed, 0 failed`);
process.exit();

async function check(title, work) {
  await fetch(`${url}api/log`, { method: 'DELETE' });
  await work();
  passed += 1;
  console.log(`✓ ${title}`);
}

/** Renders a page on the server; returns its HTML, the duration in ms, and the steps of the API that it got. */
async function render(weather, path = `?weather=${weather}`) {
  const begun = Date.now();
  const html = await (await fetch(`${url}${path}`)).text();
  return {
    html,
    took: Date.now() - begun,
    steps: (await log())
      .filter((entry) => entry.client === 'node' && entry.weather === weather)
      .map(({ step }) => step),
  };
}

/** Resolves when a condition holds. */
async function until(holds) {
  for (const end = Date.now() + 10_000; !(await holds()); await new Promise((resolve) => setTimeout(resolve, 20))) {
    if (Date.now() > end) throw new Error(`This did not come true: ${holds}`);
  }
}

async function log() {
  return (await fetch(`${url}api/log`)).json();
}

async function withPage(work, options = {}) {
  clients += 1;
  const context = await browser.newContext({ userAgent: `client ${clients}`, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  try {
    await work(page, errors);
  } finally {
    await context.close();
  }
}

async function stepsOf(page) {
  const client = await page.evaluate(() => navigator.userAgent);
  return (await log()).filter((entry) => entry.client === client).map(({ step }) => step);
}

/** Returns the texts of the banner until a text appears on the page. */
async function bannersUntil(page, text) {
  await page.evaluate(() => {
    window.banners = [];
    setInterval(() => {
      const said = document.querySelector('app-banner p + p')?.innerText.replace(/\s+/g, ' ').trim();
      if (said && said !== window.banners.at(-1)) window.banners.push(said);
    }, 10);
  });
  await page.getByText(text).waitFor();
  return page.evaluate(() => window.banners);
}

/** Waits until the page shows this number of refreshes, and all orders. */
async function ordersOf(page, refreshes) {
  await until(async () => (await statOf(page, 'Token refreshes')) === String(refreshes));
  for (const [tea, grams] of [
    ['Sencha', '100 g'],
    ['Rooibos', '250 g'],
    ['Silver Needle', '50 g'],
  ]) {
    await page.getByRole('listitem').filter({ hasText: tea }).filter({ hasText: grams }).waitFor();
  }
}

/** Returns a number that the orders' page shows. */
function statOf(page, name) {
  return page.locator('app-orders dl div', { hasText: name }).locator('dd').innerText();
}

/** Asserts that axe, which the page has loaded, finds nothing wrong with the banner, or with another element. */
async function assertAccessible(page, element = 'app-banner') {
  const { violations, passes } = await page.evaluate((selector) => window.axe.run(selector), element);
  assert.deepEqual(
    violations.map(({ id, help }) => `${id}: ${help}`),
    [],
  );
  assert.ok(passes.length > 0);
}

/** Takes a screenshot that shows the list, a waiting request, and the requests before it. */
async function takeScreenshot() {
  await withPage(
    async (page) => {
      await page.goto(`${url}?weather=showers`);
      await page.getByRole('button', { name: 'fair', exact: true }).click();
      await page.waitForURL('**weather=fair');
      await page.getByText('Silver Needle').waitFor();
      for (const weather of ['showers', 'storm']) {
        await page.getByRole('button', { name: weather, exact: true }).click();
        await page.waitForURL(`**weather=${weather}`);
        await page.getByText('Silver Needle').waitFor();
      }
      await page.getByRole('button', { name: 'storm', exact: true }).click();
      await page.getByText('attempt 4 of 5').waitFor();
      await page.waitForTimeout(700);
      await page.screenshot({ path: `${folder}screenshot.png` });
    },
    { colorScheme: 'light', viewport: { width: 980, height: 760 }, deviceScaleFactor: 1.5 },
  );
}
