import { selfTimes } from '../../bench/self-times.js';

const node = (
  id: number,
  functionName: string,
  url: string,
  lineNumber = 0,
): { id: number; callFrame: { functionName: string; url: string; lineNumber: number } } => ({
  id,
  callFrame: { functionName, url, lineNumber },
});

describe('The self times of a profile', () => {
  it('are summed by function, the longest first, without idle time', () => {
    const nodes = [
      node(1, '(root)', ''),
      node(2, 'send', 'file:///x/dist/send.js', 9),
      node(3, 'send', 'file:///x/dist/send.js', 9),
      node(4, '', 'file:///x/dist/run.js'),
      node(5, '(idle)', ''),
    ];
    expect(selfTimes({ nodes, samples: [1, 2, 4, 3, 5], timeDeltas: [5, 30, 40, 30, 500] })).toEqual([
      { name: 'send', location: 'dist/send.js:10', share: 0.6 },
      { name: '(anonymous)', location: 'dist/run.js:1', share: 0.4 },
    ]);
  });

  it('have locations that begin with the package, or the name of a module of Node', () => {
    const nodes = [
      node(1, 'a', 'file:///x/node_modules/rxjs/dist/a.js'),
      node(2, 'b', 'node:internal/timers', 4),
      node(3, '(garbage collector)', ''),
    ];
    expect(selfTimes({ nodes, samples: [1, 2, 3], timeDeltas: [3, 2, 1] }).map(({ location }) => location)).toEqual([
      'rxjs/dist/a.js:1',
      'node:internal/timers:5',
      '',
    ]);
  });

  it('of an idle profile are an empty list', () => {
    expect(selfTimes({ nodes: [node(1, '(idle)', '')], samples: [1], timeDeltas: [10] })).toEqual([]);
  });
});
