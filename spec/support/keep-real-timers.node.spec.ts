import { timer } from 'rxjs';

import { only } from './settled.js';

describe('While the clock of jasmine is installed,', () => {
  it('real timers can be cleared, and fake ones, too', async () => {
    const fired: string[] = [];
    const note = (name: string) => () => void fired.push(name);
    const real = [setTimeout(note('real timeout'), 1), setInterval(note('real interval'), 1)] as const;
    jasmine.clock().install();
    try {
      clearTimeout(real[0]);
      clearInterval(real[1]);
      clearTimeout(setTimeout(note('fake timeout'), 1));
      clearInterval(setInterval(note('fake interval'), 1));
      setTimeout(note('kept'), 1);
      jasmine.clock().tick(10);
    } finally {
      jasmine.clock().uninstall();
    }
    await only(timer(10));

    expect(fired).toEqual(['kept']);
  });
});
