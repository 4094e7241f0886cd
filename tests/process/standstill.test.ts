import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { builtPackage } from '../support/built-package.js';
import { type Fixture, startFixture } from './start-fixture.js';

jest.setTimeout(60_000);

beforeAll(() => {
  builtPackage();
});

/** Five and a half intervals. */
const STANDSTILL_MS = 825;

interface Observed {
  readonly intervalMs: number;
  /** How late the first beat after the standstill came. */
  readonly lateMs: number;
  /** How long the four beats took that followed it. In a burst they would take no time at all. */
  readonly fourBeatsMs: number;
}

async function observed(child: Fixture): Promise<Observed> {
  const { code, lines, stderr } = await child.ended;
  expect({ code, stderr, lines: lines.length }).toEqual({ code: 0, stderr: '', lines: 2 });
  return JSON.parse(lines[1] ?? '') as Observed;
}

describe('a process that stands still for some intervals', () => {
  it('beats late, and in no burst, when it is stopped by SIGSTOP until SIGCONT', async () => {
    using child = startFixture('late-beats', '0');
    await child.started;
    child.kill('SIGSTOP');
    await sleep(STANDSTILL_MS);
    child.kill('SIGCONT');
    const { intervalMs, lateMs, fourBeatsMs } = await observed(child);
    expect(lateMs).toBeGreaterThanOrEqual(STANDSTILL_MS - 1.5 * intervalMs);
    expect(fourBeatsMs).toBeGreaterThan(2 * intervalMs);
  });

  it('beats late, and in no burst, when its event loop is blocked', async () => {
    using child = startFixture('late-beats', String(STANDSTILL_MS));
    const { intervalMs, lateMs, fourBeatsMs } = await observed(child);
    expect(lateMs).toBeGreaterThanOrEqual(STANDSTILL_MS - 1.5 * intervalMs);
    expect(fourBeatsMs).toBeGreaterThan(2 * intervalMs);
  });
});
