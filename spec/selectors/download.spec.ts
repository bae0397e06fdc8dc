import { download } from '../../src/index.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { describeDownloads, keeping } from './download-cases.js';

describeDownloads('fetch', () => undefined);

describe('download()', () => {
  it('throws an error that names the bad option', () => {
    const to = keeping().stream;
    expectRefusal(() => download(5 as never), [TypeError], 'options', '5');
    expectRefusal(() => download({ to: 'file.bin' as never }), [TypeError], 'to', "'file.bin'");
    expectRefusal(() => download({ to: {} as never }), [TypeError], 'to', 'FileHandle');
    expectRefusal(() => download({ sha256: 'abc' }), [TypeError], 'sha256', "'abc'");
    expectRefusal(() => download({ to, sha256: '0'.repeat(64), hash: 5 as never }), [TypeError], 'hash', '5');
    expectRefusal(() => download({ to, from: { loaded: -1, validator: '"1"' } }), [RangeError], 'from.loaded', '-1');
    expectRefusal(() => download({ to, from: { loaded: 1, validator: '' } }), [TypeError], 'from.validator', "''");
    expectRefusal(
      () => download({ to, from: { loaded: 1, validator: '"1"', url: 5 as never } }),
      [TypeError],
      'from.url',
      '5',
    );
    expectRefusal(
      () => download({ to, from: { loaded: 1, validator: '"1"' }, sha256: '0'.repeat(64) }),
      [TypeError],
      'sha256',
    );
    expectRefusal(() => download({ from: { loaded: 1, validator: '"1"' } } as never), [TypeError], 'from', 'to');
  });
});
