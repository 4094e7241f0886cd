import { describe, expect, it } from '@jest/globals';
import { lowerBound } from '../../src/report/lower-bound.js';
import { merge, overlapping, type Span, subtract } from '../../src/report/spans.js';

const spans = (...pairs: readonly (readonly [number, number])[]): Span[] =>
  pairs.map(([startMs, endMs]) => ({ startMs, endMs }));

describe('merge', () => {
  it('joins spans that are at most so far apart', () => {
    expect(merge(spans([0, 10], [15, 20], [26, 30]), 5)).toEqual(spans([0, 20], [26, 30]));
  });

  it('keeps the end of a span that outlasts the next', () => {
    expect(merge(spans([0, 50], [10, 20], [30, 60]), 0)).toEqual(spans([0, 60]));
  });

  it('changes none of the spans given', () => {
    const given = spans([0, 10], [5, 20]);
    merge(given, 0);

    expect(given).toEqual(spans([0, 10], [5, 20]));
  });
});

describe('subtract', () => {
  it.each([
    ['nothing', [], [[10, 20]]],
    ['a hole before it', [[0, 10]], [[10, 20]]],
    ['a hole after it', [[20, 30]], [[10, 20]]],
    ['a hole at its beginning', [[5, 12]], [[12, 20]]],
    ['a hole at its end', [[15, 25]], [[10, 15]]],
    [
      'a hole within it',
      [[12, 15]],
      [
        [10, 12],
        [15, 20],
      ],
    ],
    [
      'two holes within it',
      [
        [11, 12],
        [14, 15],
      ],
      [
        [10, 11],
        [12, 14],
        [15, 20],
      ],
    ],
    ['a hole as long as it', [[10, 20]], []],
    ['a longer hole', [[5, 25]], []],
  ] as [string, [number, number][], [number, number][]][])('takes from a span %s', (_, holes, rest) => {
    expect(subtract(spans([10, 20]), spans(...holes))).toEqual(spans(...rest));
  });

  it('takes a hole that reaches over two spans from both', () => {
    expect(subtract(spans([0, 10], [20, 30], [40, 50]), spans([1, 2], [5, 25], [41, 42]))).toEqual(
      spans([0, 1], [2, 5], [25, 30], [40, 41], [42, 50]),
    );
  });
});

describe('overlapping', () => {
  it('gives the spans that have time in common with another', () => {
    const all = spans([0, 10], [20, 30], [40, 50], [60, 70]);

    expect(overlapping(all, { startMs: 29, endMs: 41 })).toEqual(spans([20, 30], [40, 50]));
    expect(overlapping(all, { startMs: 30, endMs: 40 })).toEqual([]);
    expect(overlapping(all, { startMs: 0, endMs: 100 })).toEqual(all);
  });
});

describe('lowerBound', () => {
  it.each([0, 1, 2, 3, 4, 5])('counts how many of five come first: %d', (count) => {
    expect(lowerBound([0, 1, 2, 3, 4], (item) => item < count)).toBe(count);
  });

  it('counts none in an empty list', () => {
    expect(lowerBound([], () => true)).toBe(0);
  });
});
