import { formatProgress, showProgress } from '../../../src/cli/simulate/show-progress.js';

describe('The progress of a simulation, on a terminal,', () => {
  const progress = { strategy: 'plain\n', at: 25_400, part: 0.4567 };

  it('has a bar over all strategies, and the virtual time of one', () => {
    expect(formatProgress(progress)).toBe('█████████░░░░░░░░░░░  45 %  25 s of plain');
    expect(formatProgress({ ...progress, part: 1.01 })).toBe('████████████████████ 100 %  25 s of plain');
  });

  it('is one line on a terminal, cut to its width, which is cleared once', () => {
    const written: string[] = [];
    const line = showProgress({ isTTY: true, columns: 31, write: (text) => written.push(text) }, {});
    line.clear();
    line.show(progress);
    line.clear();
    line.clear();

    expect(written).toEqual(['\r█████████░░░░░░░░░░░  45 %  25\x1b[K', '\r\x1b[K']);
  });

  it('is not shown where there is no terminal, or a dumb one', () => {
    const written: string[] = [];
    const write = (text: string): number => written.push(text);
    for (const line of [showProgress({ write }, {}), showProgress({ isTTY: true, write }, { TERM: 'dumb' })]) {
      line.show(progress);
      line.clear();
    }

    expect(written).toEqual([]);
  });
});
