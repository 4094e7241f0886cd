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

describe('a process with a tracker', () => {
  describe('exits by itself', () => {
    it.each([
      ['heartbeat', { refcount: 1, waits: true }],
      ['idle event', { refcount: 0, waits: false }],
      ['send deadline', { refcount: 1, waits: true }],
    ])('while the tracker waits for the %s', async (what, state) => {
      using child = startFixture('busy', what);
      const { code, signal, lines, stderr } = await child.ended;
      expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
      expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([state]);
    });
  });

  describe('shuts down through close-with-grace', () => {
    const directory = mkdtempSync(join(tmpdir(), 'session-activity-tracker-'));

    afterAll(() => {
      rmSync(directory, { recursive: true });
    });

    it('on SIGTERM and leaves exactly one shutdown report, with what was still running', async () => {
      const log = join(directory, 'sigterm.jsonl');
      using child = startFixture('shutdown', log);
      await child.started;
      child.kill('SIGTERM');
      const { code, signal, lines, stderr } = await child.ended;
      expect({ code, signal, lines, stderr }).toEqual({ code: 0, signal: null, lines: ['ready'], stderr: '' });
      const events = readFileSync(log, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(events).toHaveLength(1);
      expect(events[0]).toMatchObject({
        level: 30,
        msg: 'session_activity_at_shutdown',
        refcount: 3,
        active: { tool_exec: 2, api_call: 1 },
      });
      expect(events[0]?.['oldest_activity_ms']).toEqual(expect.any(Number));
    });
  });

  describe('hears of a rejection of run()', () => {
    it.each(['promise', 'async function', 'thenable'])(
      'that the caller ignores as unhandled, exactly once: %s',
      async (work) => {
        using child = startFixture('ignored-rejection', work, 'ignored');
        const { lines } = await child.ended;
        expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
          { unhandled: ['lost'], handledLate: 0, refcount: 0 },
        ]);
      },
    );

    it('that the caller handles not at all', async () => {
      using child = startFixture('ignored-rejection', 'async function', 'handled');
      const { lines } = await child.ended;
      expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
        { unhandled: [], handledLate: 0, refcount: 0 },
      ]);
    });
  });

  describe('imports the package', () => {
    it('without having imported reflect-metadata itself', async () => {
      using child = startFixture('import-first');
      const { code, lines, stderr } = await child.ended;
      expect({ code, lines, stderr }).toEqual({ code: 0, lines: ['1'], stderr: '' });
    });
  });
});
