/** What the page's script draws. */
export interface PageData {
  /** What the time axis of all charts spans. */
  readonly seconds: number;
  /** The rate at the top of all charts. */
  readonly top: number;
  readonly strategies: readonly {
    readonly name: string;
    readonly load: readonly number[];
    readonly goodput: readonly number[];
  }[];
}

/**
 * Draws the charts of the page. Its source text is put into the page, so that it can use nothing from outside itself
 * but what a browser has.
 */
export function drawPageCharts(): void {
  const { seconds, top, strategies } = JSON.parse(document.querySelector('#data')?.textContent ?? '') as PageData;
  const outputs = [...document.querySelectorAll('output')];
  const charts = [...document.querySelectorAll<HTMLElement>('.chart')];
  const height = 180;
  const [left, right, above, below] = [44, 8, 8, 22];
  const steps = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1_800, 3_600];

  const create = (tag: string, attributes: Record<string, string | number>, parent: Element, text = ''): SVGElement => {
    const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
    element.textContent = text;
    parent.append(element);
    return element;
  };
  const format = (rate: number): string => rate.toLocaleString('en', { maximumFractionDigits: rate < 10 ? 1 : 0 });
  const y = (rate: number): number => above + (1 - rate / top) * (height - above - below);

  const draw = (chart: HTMLElement, index: number): void => {
    const strategy = strategies[index];
    if (!strategy) return;
    const width = Math.max(200, chart.clientWidth);
    const x = (second: number): number => left + (second / seconds) * (width - left - right);
    /** A rate stands in the middle of its second. */
    const points = (rates: readonly number[]): string[] =>
      rates.map((rate, second) => `${x(Math.min(second + 0.5, seconds)).toFixed(1)},${y(rate).toFixed(1)}`);
    chart.replaceChildren();
    const svg = create('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', tabindex: 0 }, chart);
    svg.setAttribute('aria-label', `Load and goodput of ${strategy.name} over ${seconds} s`);

    for (const rate of [0, top / 2, top]) {
      create('line', { class: 'grid', x1: left, x2: width - right, y1: y(rate), y2: y(rate) }, svg);
      create('text', { x: left - 8, y: y(rate) + 4, 'text-anchor': 'end' }, svg, format(rate));
    }
    const step = steps.find((candidate) => seconds / candidate <= width / 90) ?? Math.ceil(seconds / 10);
    for (let second = 0; second <= seconds; second += step) {
      const label = step % 60 === 0 ? `${second / 60} min` : `${second} s`;
      const anchor = second === 0 ? 'start' : x(second) > width - 30 ? 'end' : 'middle';
      create('text', { x: x(second), y: height - 4, 'text-anchor': anchor }, svg, label);
    }

    const goodput = points(strategy.goodput);
    const ends = [x(Math.min(0.5, seconds)), x(Math.min(goodput.length - 0.5, seconds))].map((end) => end.toFixed(1));
    const baseline = y(0).toFixed(1);
    create(
      'polygon',
      { class: 'area', points: [`${ends[0] ?? ''},${baseline}`, ...goodput, `${ends[1] ?? ''},${baseline}`].join(' ') },
      svg,
    );
    create('polyline', { class: 'line goodput', points: goodput.join(' ') }, svg);
    create('polyline', { class: 'line load', points: points(strategy.load).join(' ') }, svg);
    create('rect', { class: 'cursor', y: above, width: 1, height: height - above - below }, svg);

    svg.addEventListener('pointermove', (event) => {
      const { left: edge, width: shown } = svg.getBoundingClientRect();
      const position = ((event.clientX - edge) / shown) * width;
      select(Math.floor(((position - left) / (width - left - right)) * seconds));
    });
    svg.addEventListener('pointerleave', () => {
      select(undefined);
    });
    svg.addEventListener('keydown', ({ key }) => {
      if (key === 'ArrowLeft') select((selected ?? seconds) - 1);
      if (key === 'ArrowRight') select((selected ?? -1) + 1);
    });
  };

  let selected: number | undefined;
  /** Shows the values of a second in all charts, so that strategies can be compared. */
  const select = (second: number | undefined): void => {
    selected = second === undefined ? undefined : Math.max(0, Math.min(seconds - 1, second));
    for (const [index, chart] of charts.entries()) {
      const cursor = chart.querySelector<SVGElement>('.cursor');
      const width = Math.max(200, chart.clientWidth);
      const { load, goodput } = strategies[index] ?? { load: [], goodput: [] };
      const output = outputs[index];
      if (!cursor || !output) continue;
      if (selected === undefined) {
        cursor.style.visibility = 'hidden';
        output.textContent = '';
        continue;
      }
      const x = left + (Math.min(selected + 0.5, seconds) / seconds) * (width - left - right);
      cursor.setAttribute('x', String(Math.round(x)));
      cursor.style.visibility = 'visible';
      const [ofLoad, ofGoodput] = [load[selected], goodput[selected]];
      const values =
        ofLoad === undefined || ofGoodput === undefined
          ? 'nothing'
          : `load ${format(ofLoad)}, goodput ${format(ofGoodput)}`;
      output.textContent = `at ${selected} s: ${values}`;
    }
  };

  const drawAll = (): void => {
    charts.forEach(draw);
    select(selected);
  };
  drawAll();
  addEventListener('resize', drawAll);
}
