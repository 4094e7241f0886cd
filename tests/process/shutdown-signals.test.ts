import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { builtPackage } from '../support/built-package.js';
import { startFixture } from './start-fixture.js';

jest.setTimeout(60_000);

beforeAll(() => {
  builtPackage();
});

const directory = mkdtempSync(join(tmpdir(), 'session-activity-tracker-'));

afterAll(() => {
  rmSync(directory, { recursive: true });
});

/** What a log line says besides when and where it was written. */
interface LogLine {
  readonly msg: string;
  readonly session_id: string;
  readonly refcount: number;
}

const SESSIONS = Array.from({ length: 50 }, (_, number) => `session ${number}`);

function linesOf(file: string): LogLine[] {
  const written = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  return written.filter((line) => line !== '').map((line) => JSON.parse(line) as LogLine);
}

/** Says that the log holds one report of each session, with what it ran, and nothing else. */
function expectOneReportEach(file: string): void {
  const lines = linesOf(file).sort((one, other) => compareNumbers(one.session_id, other.session_id));
  expect(lines.map(({ session_id }) => session_id)).toEqual(SESSIONS);
  expect(lines.every(({ msg }) => msg === 'session_activity_at_shutdown')).toBe(true);
  expect(lines.map(({ refcount }) => refcount)).toEqual(SESSIONS.map((_, number) => (number < 40 ? 1 : 0)));
}

function compareNumbers(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}

describe('a host that shuts down through close-with-grace', () => {
  describe('leaves exactly one shutdown report per session', () => {
    it.each<NodeJS.Signals>(['SIGTERM', 'SIGINT', 'SIGHUP'])(
      'on %s, beside a cleanup that throws and one that hangs until the delay ends the process',
      async (signal) => {
        const file = join(directory, `${signal}.jsonl`);
        using child = startFixture('many-sessions', file, '300', '["throws","hangs"]', 'leaves');
        await child.started;
        child.kill(signal);
        const ending = await child.ended;
        expect(ending).toMatchObject({ code: 1, signal: null, lines: ['ready'] });
        expect(ending.stderr).toBe('killed by timeout (300ms)\n');
        expectOneReportEach(file);
      },
    );

    it('beside a cleanup that throws, whose error ends the process', async () => {
      const file = join(directory, 'throws.jsonl');
      using child = startFixture('many-sessions', file, '15000', '["throws"]', 'leaves');
      await child.started;
      child.kill('SIGTERM');
      const ending = await child.ended;
      expect(ending).toMatchObject({ code: 1, signal: null, lines: ['ready'] });
      expect(ending.stderr).toContain('AggregateError: 1 of 50 cleanups failed');
      expect(ending.stderr).toContain('a cleanup that throws');
      expectOneReportEach(file);
    });

    it('when a second signal ends the process while a cleanup hangs', async () => {
      const file = join(directory, 'second.jsonl');
      using child = startFixture('many-sessions', file, '15000', '["hangs"]', 'leaves');
      await child.started;
      child.kill('SIGINT');
      const deadlineMs = performance.now() + 15_000;
      while (linesOf(file).length < SESSIONS.length && performance.now() < deadlineMs) await sleep(10);
      child.kill('SIGINT');
      const ending = await child.ended;
      expect(ending).toMatchObject({ code: 1, signal: null, stderr: 'second SIGINT, exiting\n' });
      expectOneReportEach(file);
    });

    it.each(['leaves', 'disposes of'])(
      'and ends well when every cleanup does, and the host %s its sessions',
      async (how) => {
        const file = join(directory, `${how}.jsonl`);
        using child = startFixture('many-sessions', file, '15000', '[]', how);
        await child.started;
        child.kill('SIGHUP');
        expect(await child.ended).toEqual({ code: 0, signal: null, lines: ['ready'], stderr: '' });
        expectOneReportEach(file);
      },
    );
  });
});
