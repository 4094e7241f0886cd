import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { builtPackage } from '../support/built-package.js';
import { startFixture } from './start-fixture.js';

jest.setTimeout(60_000);

beforeAll(() => {
  builtPackage();
});

/** What a log line says besides when and where it was written. */
interface LogLine {
  readonly msg: string;
  readonly session_id?: string;
  readonly refcount?: number;
}

const REPORT = 'session_activity_at_shutdown';

describe('a host of many sessions', () => {
  const directory = mkdtempSync(join(tmpdir(), 'session-activity-tracker-'));

  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  /** Runs a host until SIGTERM has ended it, and gives its exit log. */
  async function logOf(deadlineMs: number, ending: string[], endless: string[]): Promise<LogLine[]> {
    const file = join(directory, `${deadlineMs}.jsonl`);
    const args = [file, String(deadlineMs), JSON.stringify(ending), JSON.stringify(endless)];
    using child = startFixture('hub-shutdown', ...args);
    await child.started;
    child.kill('SIGTERM');
    const { code, signal, lines, stderr } = await child.ended;
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
    expect(lines).toEqual(['welcome', 'ECONNREFUSED']);
    const written = readFileSync(file, 'utf8').trimEnd().split('\n');
    return written.map((line) => JSON.parse(line) as LogLine);
  }

  describe('on SIGTERM', () => {
    it('stops accepting, waits until no session runs anything, and then ends', async () => {
      const [first, ...reports] = await logOf(14_000, ['one', 'two'], []);
      expect(first).toMatchObject({ level: 30, msg: 'idle' });
      expect(reports).toMatchObject([
        { msg: REPORT, session_id: 'one', refcount: 0, active: {}, oldest_activity_ms: null },
        { msg: REPORT, session_id: 'two', refcount: 0, active: {}, oldest_activity_ms: null },
      ]);
    });

    it('ends at the deadline, and its log names by session_id what was still running', async () => {
      const [first, ...reports] = await logOf(500, ['one'], ['stuck', 'stuck too']);
      expect(first).toMatchObject({ level: 40, msg: 'deadline', busy: 2, reason: 'TimeoutError' });
      expect(reports).toHaveLength(3);
      expect(reports.every(({ msg }) => msg === REPORT)).toBe(true);
      const running = reports.filter(({ refcount }) => refcount !== 0);
      expect(running).toMatchObject([
        { session_id: 'stuck', refcount: 1, active: { tool_exec: 1 } },
        { session_id: 'stuck too', refcount: 1, active: { tool_exec: 1 } },
      ]);
    });
  });
});
