import { constants } from 'node:buffer';
import { randomFillSync } from 'node:crypto';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import type { LogEvent } from '../../src/report/log-event.js';
import { type Log, readLog, type ReadOptions } from '../../src/report/read.js';

const AT_MS = Date.UTC(2026, 10, 26, 14, 2, 30);

function read(...contents: (string | Buffer)[]): Promise<Log> {
  return readWith({}, ...contents);
}

function readWith(options: ReadOptions, ...contents: (string | Buffer)[]): Promise<Log> {
  const inputs = contents.map((content, index) => ({
    name: `log-${index}`,
    stream: Readable.from([Buffer.from(content as string)]),
  }));
  return readLog(inputs, options);
}

async function eventsOf(...contents: (string | Buffer)[]): Promise<readonly LogEvent[]> {
  return (await read(...contents)).sessions.flatMap(({ events }) => events);
}

const beat = (fields: object): string =>
  `${JSON.stringify({ level: 20, time: AT_MS, refcount: 1, msg: 'session_keepalive_heartbeat', ...fields })}\n`;

describe('readLog', () => {
  describe('lines', () => {
    it("reads pino's shape", async () => {
      expect(await eventsOf(beat({ pid: 7, hostname: 'h' }))).toEqual([
        { name: 'session_keepalive_heartbeat', atMs: AT_MS, process: 'h 7', data: { refcount: 1 } },
      ]);
    });

    it('reads an event with its data apart', async () => {
      const line = { time: AT_MS, level: 'debug', event: 'session_keepalive_heartbeat', data: { refcount: 2 } };

      expect(await eventsOf(JSON.stringify(line))).toEqual([
        { name: 'session_keepalive_heartbeat', atMs: AT_MS, process: 'log-0', data: { refcount: 2 } },
      ]);
    });

    it.each([null, [], 'x'])('reads the fields beside `data` where that holds none: %j', async (data) => {
      expect(await eventsOf(beat({ data }))).toMatchObject([{ data: { refcount: 1 } }]);
    });

    it('keeps no field that is not of the event', async () => {
      expect((await eventsOf(beat({ silent_ms: 5, secret: 'x' })))[0]?.data).toEqual({ refcount: 1 });
    });

    it.each([
      ['ISO text', { time: '2026-11-26T14:02:30.000Z' }],
      ['another name', { time: undefined, timestamp: AT_MS }],
    ])('reads a time given as %s', async (_, fields) => {
      expect(await eventsOf(beat(fields))).toMatchObject([{ atMs: AT_MS }]);
    });

    it('reads what stands behind a prefix, as of docker compose', async () => {
      expect(await eventsOf(`app-1  | ${beat({})}`)).toHaveLength(1);
    });

    it('reads a pid without a host', async () => {
      expect(await eventsOf(beat({ pid: 7 }))).toMatchObject([{ process: '7' }]);
    });

    it('knows the idle event whatever its threshold', async () => {
      const events = await eventsOf(
        ['session_idle_30s', 'session_idle_250ms', 'session_idle_soon', 'no_session_idle_30s', 'session_idle_30sec']
          .map((msg) => beat({ msg }))
          .join(''),
      );

      expect(events.map(({ name }) => name)).toEqual(['session_idle', 'session_idle']);
    });

    it('keeps how long overdue work was silent', async () => {
      const overdue = { msg: 'session_activity_overdue', reason: 'r', held_ms: 9 };
      const events = await eventsOf(beat({ ...overdue, silent_ms: 5 }) + beat({ ...overdue, silent_ms: 'x' }));

      expect(events.map(({ data }) => data)).toEqual([
        { reason: 'r', held_ms: 9, silent_ms: 5 },
        { reason: 'r', held_ms: 9 },
      ]);
    });

    it.each([
      ['another message', beat({ msg: 'hello' })],
      ['a name that objects have', beat({ msg: 'constructor' })],
      ['a message that is no text', beat({ msg: ['session_idle_30s'] })],
      ['text', 'Listening on 8080\n'],
      ['half a line', beat({}).slice(0, 40)],
      ['a list', '[{"time":1}]\n'],
      ['a number behind a brace', '{1}'],
      ['no time', beat({ time: undefined })],
      ['a time beyond dates', beat({ time: 1e18 })],
      ['a time that is no time', beat({ time: 'yesterday' })],
      ['a time of another type', beat({ time: true })],
      ['a time before all clocks', beat({ time: -1 })],
      ['a missing field', beat({ refcount: undefined })],
      ['a field of another type', beat({ refcount: '1' })],
      ['a number that no duration is', beat({ msg: 'session_keepalive_late', late_ms: -1 })],
      ['a number beyond all durations', beat({ msg: 'session_keepalive_late', late_ms: 1e300 })],
      ['an unknown cause', beat({ msg: 'session_keepalive_not_sent', cause: 'whim' })],
      ['a recovery without a count', beat({ msg: 'session_keepalive_recovered' })],
      [
        'an interval of 0',
        beat({ msg: 'session_tracker_configured', interval_ms: 0, idle_after_ms: 1, cadence: 'steady' }),
      ],
      ['an empty reason', beat({ msg: 'session_activity_unmatched_stop', reason: '' })],
      ['a reason that is no text', beat({ msg: 'session_activity_unmatched_stop', reason: 5 })],
      [
        'an error code that is no text',
        beat({ msg: 'session_keepalive_failed', outcome: 'error', error_code: ['EPIPE'] }),
      ],
      ['a long error code', beat({ msg: 'session_keepalive_failed', outcome: 'error', error_code: 'E'.repeat(65) })],
      [
        'an error code that is none',
        beat({ msg: 'session_keepalive_failed', outcome: 'error', error_code: '\u001b[2J' }),
      ],
      [
        'counts that are none',
        beat({ msg: 'session_activity_at_shutdown', active: { a: 'x' }, oldest_activity_ms: null }),
      ],
    ])('skips and counts %s', async (_, line) => {
      expect(await read(line)).toMatchObject({ lines: 1, skipped: 1, events: 0, sessions: [] });
    });

    it.each([
      [
        'an error code as long as it may be',
        { msg: 'session_keepalive_failed', outcome: 'error', error_code: 'E'.repeat(64) },
      ],
      ['an error without a code', { msg: 'session_keepalive_failed', outcome: 'timeout', error_code: null }],
      ['the largest number', { msg: 'session_keepalive_late', late_ms: 1e12 }],
      ['the smallest number', { msg: 'session_keepalive_late', late_ms: 0 }],
      ['the latest time', { time: 253_402_300_799_999 }],
      ['the earliest time', { time: 0 }],
    ])('reads %s', async (_, fields) => {
      expect(await eventsOf(beat(fields))).toHaveLength(1);
    });

    it('does not count empty lines', async () => {
      expect(await read(`\n\n${beat({})}\r\n`)).toMatchObject({ lines: 1, skipped: 0 });
    });

    it('reads any number of reasons', async () => {
      const reasons = Array.from({ length: 10_500 }, (_, n) => `reason-${n}`);
      const events = await eventsOf(
        reasons.map((reason) => beat({ msg: 'session_activity_unmatched_stop', reason })).join(''),
      );

      expect(events.map(({ data }) => data)).toEqual(reasons.map((reason) => ({ reason })));
    });

    it('cuts long texts', async () => {
      const reason = 'x'.repeat(5_000);
      const [event] = await eventsOf(beat({ msg: 'session_activity_unmatched_stop', reason }));

      expect(event?.data).toEqual({ reason: 'x'.repeat(200) });
      expect((await read(beat({ session_id: reason }))).sessions.map(({ id }) => id)).toEqual(['x'.repeat(200)]);
    });
  });

  describe('sessions', () => {
    it('tells them apart by their id, beside the data or in it', async () => {
      const inData = { time: AT_MS, event: 'session_idle_30s', data: { session_id: 'b' } };
      const beside = { time: AT_MS, event: 'session_idle_30s', session_id: 'c', data: {} };
      const { sessions } = await read(
        beat({ session_id: 'a' }) + beat({ session_id: 5 }),
        `${JSON.stringify(inData)}\n${JSON.stringify(beside)}`,
      );

      expect(sessions.map(({ id }) => id)).toEqual(['a', '5', 'b', 'c']);
    });

    it('puts events without an id into one session', async () => {
      expect((await read(beat({}) + beat({ session_id: {} }))).sessions).toMatchObject([{ id: null }]);
    });

    it('orders events by time across files, and by line where the time is the same', async () => {
      const events = await eventsOf(
        beat({ time: AT_MS + 5, refcount: 3 }) + beat({ refcount: 1 }),
        beat({ refcount: 2 }) + beat({ time: AT_MS + 9, refcount: 4 }),
      );

      expect(events.map(({ data }) => data)).toEqual([1, 2, 3, 4].map((refcount) => ({ refcount })));
    });

    it('reads only the chosen session, and names some of the others', async () => {
      const many = Array.from({ length: 20 }, (_, index) => beat({ session_id: `s-${index}` })).join('');
      const log = await readWith({ session: 's-3' }, many);

      expect(log.sessions.map(({ id }) => id)).toEqual(['s-3']);
      expect(log.otherSessions).toHaveLength(10);
    });

    it('leaves out what came after a time, and says of which session', async () => {
      const log = await readWith(
        { toMs: AT_MS },
        beat({ session_id: 'a' }) + beat({ session_id: 'b', time: AT_MS + 1 }),
      );

      expect(log.sessions.map(({ id, events, truncated }) => [id, events.length, truncated])).toEqual([
        ['a', 1, false],
        ['b', 0, true],
      ]);
    });

    it('knows when each process wrote its last line, events or not', async () => {
      const { lastLineMs } = await read(
        beat({ pid: 1 }) + beat({ pid: 1, time: AT_MS + 8, msg: 'hello' }) + beat({ pid: 1, time: AT_MS + 4 }),
        beat({ msg: 'hello' }),
      );

      expect([...lastLineMs]).toEqual([
        ['1', AT_MS + 8],
        ['log-1', AT_MS],
      ]);
    });
  });

  describe('files', () => {
    it('reads gzip, whatever the file is called', async () => {
      expect(await eventsOf(gzipSync(beat({})))).toHaveLength(1);
    });

    it('reads what a truncated gzip file still holds, and says so', async () => {
      const whole = gzipSync(Array.from({ length: 5_000 }, (_, n) => beat({ session_id: `s-${n * 7_919}` })).join(''));
      const log = await read(whole.subarray(0, whole.length / 2));

      expect(log.events).toBeGreaterThan(500);
      expect(log.warnings).toEqual(['log-0: unexpected end of file; what came before is in the report']);
    });

    it('reads an empty file', async () => {
      expect(await read('')).toMatchObject({ lines: 0, events: 0, warnings: [] });
      expect(await readLog([{ name: 'none', stream: Readable.from([]) }])).toMatchObject({ lines: 0 });
    });

    it('skips binary content', async () => {
      const log = await read(Buffer.concat([randomFillSync(Buffer.alloc(300_000)), Buffer.from(`\n${beat({})}`)]));

      expect(log.events).toBe(1);
    });

    it.each([
      [0x1f, 0x20],
      [0x20, 0x8b],
    ])('reads as text what has one byte of the two that gzip begins with: %d, %d', async (...head) => {
      expect(await eventsOf(Buffer.concat([Buffer.from([...head, 0x0a]), Buffer.from(beat({}))]))).toHaveLength(1);
    });

    it('skips a line of more than a mebibyte', async () => {
      const lineOf = (length: number): string => beat({}).trim().padStart(length, 'x');

      expect(await read(lineOf(1 << 20))).toMatchObject({ lines: 1, events: 1 });
      expect(await read(lineOf((1 << 20) + 1))).toMatchObject({ lines: 1, events: 0 });
    });

    it('reads on behind a line that is too long', async () => {
      const chunks = ['x'.repeat(2 << 20), `\n${beat({})}`, beat({}), beat({})].map((text) => Buffer.from(text));

      expect(await readLog([{ name: 'long', stream: Readable.from(chunks) }])).toMatchObject({ lines: 4, events: 3 });
    });

    it('skips a line that is longer than a string can be', async () => {
      const chunk = Buffer.alloc(1 << 20, '{');
      const chunks = function* (): Generator<Buffer> {
        yield Buffer.from(beat({}));
        for (let bytes = 0; bytes <= constants.MAX_STRING_LENGTH; bytes += chunk.length) yield chunk;
        yield Buffer.from(`\n${beat({})}`);
        yield Buffer.alloc(3 << 20, 'x');
      };
      const log = await readLog([{ name: 'long', stream: Readable.from(chunks()) }]);

      expect(log).toMatchObject({ events: 2, skipped: 2 });
    });

    it('fails with the error of a file that cannot be read', async () => {
      const stream = new Readable({
        read: () => stream.destroy(Object.assign(new Error('denied'), { code: 'EACCES' })),
      });

      await expect(readLog([{ name: 'secret', stream }])).rejects.toThrow('denied');
    });

    it('fails with the error of a compressed file that cannot be read to its end', async () => {
      const chunks = function* (): Generator<Buffer> {
        yield gzipSync(beat({})).subarray(0, 30);
        throw new Error('disk gone');
      };

      await expect(readLog([{ name: 'gz', stream: Readable.from(chunks()) }])).rejects.toThrow('disk gone');
    });

    it('tells its progress', async () => {
      const seen: number[] = [];
      await readWith({ onProgress: (lines) => seen.push(lines) }, '{}\n'.repeat(120_000));

      expect(seen).toEqual([50_000, 100_000]);
    });
  });
});
