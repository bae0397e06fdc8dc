/** The style of the page that `--html` writes. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --paper: #fff; --ink: #1c1f24; --soft: #667080; --rule: #dfe3e8; --load: #b0307c; --goodput: #1f9254; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #14171b; --ink: #e6e9ee; --soft: #98a2b0; --rule: #2c333b; --load: #f079bd; --goodput: #3fbf7b; }
}
body { max-width: 60rem; margin: 2.5rem auto; padding: 0 1.25rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.6rem; }
p { margin: .25rem 0 1.5rem; color: var(--soft); }
.table { overflow-x: auto; margin-bottom: 2rem; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; white-space: nowrap; }
th, td { padding: .4rem .6rem; border-bottom: 1px solid var(--rule); text-align: right; font-weight: normal; }
th:first-child { padding-left: 0; text-align: left; }
tr:first-child th { color: var(--soft); font-size: .85rem; }
th[scope=row] { font-weight: 600; }
.legend span { padding-left: 1.1rem; color: var(--ink); font-weight: 600; background: no-repeat 0 55% / .8rem 3px; }
.legend .load { background-image: linear-gradient(var(--load), var(--load)); }
.legend .goodput { margin-left: 1.5rem; background-size: .8rem .8rem; background-image: linear-gradient(var(--goodput), var(--goodput)); }
figure { margin: 0 0 1.5rem; }
figcaption { display: flex; justify-content: space-between; font-size: .95rem; }
output { color: var(--soft); font-variant-numeric: tabular-nums; }
svg { display: block; width: 100%; height: 180px; overflow: visible; outline-offset: 4px; }
svg text { fill: var(--soft); font-size: 12px; }
.grid { stroke: var(--rule); }
.area { fill: var(--goodput); fill-opacity: .3; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.line.load { stroke: var(--load); }
.line.goodput { stroke: var(--goodput); }
.cursor { fill: var(--soft); visibility: hidden; }
`;
