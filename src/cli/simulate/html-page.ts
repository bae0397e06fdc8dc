import type { Scenario } from '../../simulate/scenario.js';
import { compareRates, type SimulationResults } from './draw-results.js';
import { drawPageCharts, type PageData } from './page-script.js';
import { PAGE_STYLE } from './page-style.js';
import { reportRows } from './report-table.js';

/**
 * Returns a page with the results: a table, and charts that its script draws. It needs no network, and its policy
 * allows none.
 */
export function htmlPage(results: SimulationResults, { seed = 1, clients = 1 }: Scenario): string {
  const title = `Simulation: ${results.title}`;
  const { rates, seconds, top } = compareRates(results);
  const data: PageData = {
    seconds,
    top,
    strategies: Object.entries(rates).map(([name, { load, goodput }]) => ({ name, load, goodput })),
  };
  const figures = data.strategies.map(
    ({ name }) =>
      `<figure><figcaption><b>${escapeHtml(name)}</b><output></output></figcaption><div class="chart"></div></figure>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
<p>${clients} ${clients === 1 ? 'client' : 'clients'}, ${results.duration / 1_000} s of virtual time, seed ${seed}.</p>
<div class="table"><table>
${tableRows(results)}
</table></div>
<p class="legend"><span class="load">load</span> the messages that arrive per second
<span class="goodput">goodput</span> the requests that succeed per second</p>
${figures.join('\n')}
<noscript><p>The charts need JavaScript.</p></noscript>
<script type="application/json" id="data">${escapeJson(data)}</script>
<script>${drawPageCharts.toString()}
drawPageCharts();</script>
</body>
</html>
`;
}

function tableRows({ reports, isTogether }: SimulationResults): string {
  return reportRows(reports, isTogether)
    .map((row, line) => {
      const cells = row.map((cell, column) => {
        const tag = line === 0 ? 'th scope="col"' : column === 0 ? 'th scope="row"' : 'td';
        return `<${tag}>${escapeHtml(cell)}</${tag.slice(0, 2)}>`;
      });
      return `<tr>${cells.join('')}</tr>`;
    })
    .join('\n');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/** Within a script, only `<` could end it or begin a comment. */
function escapeJson(data: unknown): string {
  return JSON.stringify(data).replaceAll('<', String.raw`\u003c`);
}
