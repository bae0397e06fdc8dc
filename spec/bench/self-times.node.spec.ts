import { selfTimes } from '../../bench/self-times.js';

const at = (
  id: number,
  functionName: string,
  url: string,
  lineNumber = 0,
): { id: number; callFrame: { functionName: string; url: string; lineNumber: number } } => ({
  id,
  callFrame: { functionName, url, lineNumber },
});

describe('The self times of a profile', () => {
  it('are summed up by function, the longest first, without idle time', () => {
    const nodes = [
      at(1, '(root)', ''),
      at(2, 'send', 'file:///x/dist/send.js', 9),
      at(3, 'send', 'file:///x/dist/send.js', 9),
      at(4, '', 'file:///x/dist/run.js'),
      at(5, '(idle)', ''),
    ];
    expect(selfTimes({ nodes, samples: [1, 2, 4, 3, 5], timeDeltas: [5, 30, 40, 30, 500] })).toEqual([
      { name: 'send', where: 'dist/send.js:10', share: 0.6 },
      { name: '(anonymous)', where: 'dist/run.js:1', share: 0.4 },
    ]);
  });

  it('name packages and the parts of Node by their own names', () => {
    const nodes = [
      at(1, 'a', 'file:///x/node_modules/rxjs/dist/a.js'),
      at(2, 'b', 'node:internal/timers', 4),
      at(3, '(garbage collector)', ''),
    ];
    expect(selfTimes({ nodes, samples: [1, 2, 3], timeDeltas: [3, 2, 1] }).map(({ where }) => where)).toEqual([
      'rxjs/dist/a.js:1',
      'node:internal/timers:5',
      '',
    ]);
  });

  it('of an idle profile are none', () => {
    expect(selfTimes({ nodes: [at(1, '(idle)', '')], samples: [1], timeDeltas: [10] })).toEqual([]);
  });
});
