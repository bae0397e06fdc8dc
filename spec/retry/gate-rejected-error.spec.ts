import { GateRejectedError } from '../../src/index.js';

describe('GateRejectedError', () => {
  const attempt = { number: 1, of: 3, requestId: 'a', startedAt: 0 };

  it('has no retryAfter if the gate knows none, or if it would never end', () => {
    for (const retryAfter of [undefined, Infinity]) {
      const error = new GateRejectedError({ gate: 'g', attempt, retryAfter });

      expect(Object.keys(error)).not.toContain('retryAfter');
      expect(Object.keys(JSON.parse(JSON.stringify(error)) as object)).not.toContain('retryAfter');
    }
  });

  it('says for how long, if the gate knows', () => {
    const error = new GateRejectedError({ gate: 'g', attempt, retryAfter: 500 });

    expect(error.retryAfter).toBe(500);
    expect(JSON.parse(JSON.stringify(error))).toEqual(jasmine.objectContaining({ retryAfter: 500 }));
  });
});
