import { describe, expect, it, jest } from '@jest/globals';
import { startFixture } from './start-fixture.js';

jest.setTimeout(60_000);

describe('a process that keeps what a send was aborted with', () => {
  it('does not keep the tracker by it', async () => {
    using child = startFixture('abort-reason');
    const { lines, stderr } = await child.ended;
    expect(stderr).toBe('');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([{ name: 'TimeoutError', isTrackerKept: false }]);
  });
});
