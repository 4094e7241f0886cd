import { describe, expect, it } from '@jest/globals';
import { STEPS, ticksOf } from '../../src/report/axis.js';
import { BASE_MS } from './logged-session.js';

describe('axis', () => {
  it.each([
    [100, ['14:00:00.050']],
    [5_000, ['14:00:01', '14:00:02', '14:00:03', '14:00:04']],
    [60_000, ['14:00:10', '14:00:20', '14:00:30', '14:00:40', '14:00:50']],
    [300_000, ['14:01', '14:02', '14:03', '14:04']],
    [86_400_000, ['18:00', '00:00', '06:00', '12:00']],
    [5 * 86_400_000, ['11-27', '11-28', '11-29', '11-30', '12-01']],
  ])('has a few round ticks across %d ms', (ms, labels) => {
    const ticks = ticksOf({ startMs: BASE_MS, endMs: BASE_MS + ms });

    expect(ticks.map(({ label }) => label).filter((label) => label !== '')).toEqual(labels);
  });

  it('has ticks at both ends, and no label that would be cut off there', () => {
    const labelsFrom = (startMs: number): string[] =>
      ticksOf({ startMs, endMs: startMs + 60_000 }).map(({ label }) => label);
    const whole = ['', '14:00:10', '14:00:20', '14:00:30', '14:00:40', '14:00:50', ''];

    expect(labelsFrom(BASE_MS)).toEqual(whole);
    expect(labelsFrom(BASE_MS - 2_999)).toEqual(whole.slice(0, -1));
    expect(labelsFrom(BASE_MS - 3_000)).toEqual(['14:00:00', ...whole.slice(1, -1)]);
    expect(labelsFrom(BASE_MS - 7_000)).toEqual(['14:00:00', ...whole.slice(1, -1)]);
    expect(labelsFrom(BASE_MS - 7_001)).toEqual(['14:00:00', ...whole.slice(1, -2), '']);
  });

  it('has ticks across centuries', () => {
    expect(ticksOf({ startMs: 0, endMs: 2e14 }).length).toBeLessThan(4);
    expect(ticksOf({ startMs: 1e14, endMs: 2.4e14 })).toEqual([{ atMs: 1.4e14, label: '06-04' }]);
    expect([...STEPS]).toEqual([...STEPS].sort((a, b) => a - b));
  });
});
