import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { builtPackage } from '../support/built-package.js';
import { startFixture } from './start-fixture.js';

jest.setTimeout(60_000);

beforeAll(() => {
  builtPackage();
});

describe('a busy tracker in a worker thread', () => {
  it.each([
    ['lets the worker exit by itself', 'leaves', { refcount: 1, waits: true, code: 0 }],
    ['beats no more once the worker', 'is terminated', { refcount: 1, waits: true, code: 1, beatsAfterwards: 0 }],
  ])('%s: %s', async (_what, how, expected) => {
    using child = startFixture('worker-threads', how);
    const { code, signal, lines, stderr } = await child.ended;
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([expected]);
  });
});
