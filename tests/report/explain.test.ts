import { describe, expect, it } from '@jest/globals';
import { toneOf, type Verdict } from '../../src/report/verdict.js';
import { ManualClock } from '../../src/testing/index.js';
import { BASE_MS, beat, line, LoggedSession, signalSent, started } from './logged-session.js';
import { onlySession, reportOf } from './report-of.js';
import { SCENARIOS } from './scenarios.js';

const send = (): void => undefined;

async function verdictOf(...args: Parameters<typeof onlySession>): Promise<Verdict> {
  return (await onlySession(...args)).verdict;
}

async function linesOf(scenario: string): Promise<string[]> {
  const lines: string[] = [];
  await SCENARIOS[scenario]?.('s', lines);
  return lines;
}

describe('explain', () => {
  describe('order', () => {
    it('puts the worst session first, and among equals the longest silence', async () => {
      const lines: string[] = [];
      for (const scenario of ['idle', 'killed', 'overdue', 'silence survived', 'gate closed', 'within the limit'])
        await SCENARIOS[scenario]?.(scenario, lines);

      expect((await reportOf(lines)).explained.map(({ id }) => id)).toEqual([
        'gate closed',
        'overdue',
        'killed',
        'within the limit',
        'silence survived',
        'idle',
      ]);
    });

    it('reports the worst tracker of a session, and of equals the last', async () => {
      const tracker = (pid: number, ended: boolean): string[] => [
        line(pid * 100, 'session_activity_started', { reason: 'r', refcount: 1, pid }),
        ...(ended
          ? [line(pid * 100 + 1, 'session_activity_stopped', { reason: 'r', refcount: 0, held_ms: 1e3, pid })]
          : []),
      ];
      const worstOf = async (...ended: boolean[]): Promise<number> => {
        const { explained } = await reportOf(ended.flatMap((hasEnded, index) => tracker(index + 1, hasEnded)));
        return explained[0]?.trackers.findIndex((one) => one === explained[0]?.worst) ?? NaN;
      };

      expect(await worstOf(false, true, true)).toBe(0);
      expect(await worstOf(true, false, true)).toBe(1);
      expect(await worstOf(false, true, false)).toBe(2);
    });

    it('writes times to suit the whole session, not one of its trackers', async () => {
      const lines = [beat(0), line(100, 'session_keepalive_heartbeat', { refcount: 1, pid: 2 })];

      expect((await onlySession(lines)).verdict.text).toContain('until the log ends at 14:01:40 without');
    });

    it.each([
      ['fine', 'good'],
      ['troubled', 'warn'],
      ['survived', 'warn'],
      ['cutShort', 'warn'],
      ['unknown', 'warn'],
      ['vanished', 'bad'],
      ['silenced', 'bad'],
    ] as const)('gives a session that is %s the tone %s', async (severity, tone) => {
      expect(toneOf({ ...(await verdictOf([beat(0)])), severity })).toBe(tone);
    });
  });

  describe('evidence', () => {
    it.each([
      [
        'gate closed',
        [
          'session_keepalive_not_sent (gate) at 14:03:00, 5 keep-alives due and not sent',
          'session_activity_at_shutdown at 14:05:10: 1 running, busy for 3 min 10 s',
          'session_keepalive_summary: 3 sent, 0 failed, 0 skipped, 5 withheld, 0 unsent',
        ],
      ],
      [
        'sender failing',
        [
          'session_keepalive_failed (ECONNRESET) at 14:03:00, 5 keep-alives due and not sent',
          'session_activity_at_shutdown at 14:05:10: 1 running, busy for 3 min 10 s',
          'session_keepalive_summary: 3 sent, 5 failed, 0 skipped, 0 withheld, 0 unsent',
        ],
      ],
      [
        'overdue',
        [
          'session_keepalive_not_sent (overdue) at 14:03:30, 4 keep-alives due and not sent',
          'session_activity_overdue at 14:03:30: tool_exec held for 1 min 30 s',
          'session_activity_at_shutdown at 14:05:10: 1 running, busy for 3 min 10 s',
          'session_keepalive_summary: 4 sent, 0 failed, 0 skipped, 4 withheld, 0 unsent',
        ],
      ],
      [
        'blocked loop',
        [
          'session_keepalive_late at 14:04:55: 1 min 55 s',
          'session_activity_at_shutdown at 14:04:56: 1 running, busy for 2 min 56 s',
          'session_keepalive_summary: 4 sent, 0 failed, 0 skipped, 0 withheld, 0 unsent',
        ],
      ],
      ['killed in silence', ['session_keepalive_not_sent (gate) at 14:02:30, 4 keep-alives due and not sent']],
      [
        'sender never registered',
        [
          'no session_sender_registered before',
          'session_activity_at_shutdown at 14:01:40: 1 running, busy for 1 min 40 s',
        ],
      ],
      [
        'short work',
        ['9 busy periods, no heartbeat in any', 'session_activity_at_shutdown at 14:03:30: 1 running, busy for 10 s'],
      ],
      [
        'no debug lines',
        [
          'session_keepalive_not_sent (gate) at 14:03:00',
          'session_activity_at_shutdown at 14:05:10: 1 running, busy for 3 min 10 s',
          'session_keepalive_summary: 3 sent, 0 failed, 0 skipped, 5 withheld, 0 unsent',
        ],
      ],
    ])('is named: %s', async (scenario, expected) => {
      expect((await verdictOf(await linesOf(scenario))).knownFrom).toEqual(expected);
    });

    it('is kept short', async () => {
      const outages = Array.from({ length: 20 }, (_, n) => [
        beat(n * 60 + 30),
        line(n * 60 + 30, 'session_keepalive_not_sent', { cause: n % 2 === 0 ? 'gate' : 'transport' }),
        beat(n * 60 + 60),
        line(n * 60 + 60, 'session_keepalive_failed', { outcome: 'error', error_code: 'EPIPE' }),
      ]).flat();
      const verdict = await verdictOf([started(0), ...outages]);

      expect(verdict.knownFrom).toHaveLength(6);
      expect(verdict.text).toContain('(and 36 other stretches)');
    });

    it('tells how long overdue work was silent', async () => {
      const lines: string[] = [];
      const session = new LoggedSession('s', lines, { maxSilenceMs: 40_000 });
      session.tracker.registerCallback(send);
      session.tracker.start('stream').touch();
      await session.pass(150);
      session.tracker.dispose();

      expect((await verdictOf(lines)).knownFrom).toContain(
        'session_activity_overdue at 14:01:00: stream held for 1 min, silent for 1 min',
      );
    });
  });

  describe('what is not known', () => {
    it('is nothing where the log has a trace', async () => {
      expect((await verdictOf(await linesOf('gate closed'))).notKnown).toEqual([]);
    });

    it('is said of a log without a trace', async () => {
      expect((await verdictOf(await linesOf('no trace, killed'))).notKnown).toEqual([
        'Without `trace: true` the log does not say when work began and ended, which keep-alives went out, or whether a sender was registered.',
        'A keep-alive counts as sent unless the log says after its heartbeat that it failed or was not sent.',
        'That work still ran at the end is inferred from the last heartbeat.',
      ]);
    });

    it('is said of a log without debug lines', async () => {
      expect((await verdictOf(await linesOf('no debug lines'))).notKnown).toEqual([
        'Without `trace: true` the log does not say when work began and ended, which keep-alives went out, or whether a sender was registered.',
        'The log has no heartbeats either (they are logged at level debug), so it is not known when the last keep-alive went out.',
        'The interval is not in the log; 30 s is assumed.',
      ]);
    });

    it('is said of a log that lacks lines', async () => {
      const lines = await linesOf('gate closed');
      const withoutStart = lines.filter((text) => !text.includes('session_activity_started'));

      expect((await verdictOf(withoutStart)).notKnown).toEqual(['The log lacks 1 start or stop line of this session.']);
    });
  });

  describe('silence', () => {
    it('does not begin again after a pause shorter than the idle threshold', async () => {
      const lines: string[] = [];
      const session = new LoggedSession('s', lines);
      session.tracker.registerCallback(send);
      for (let n = 0; n < 4; n++) {
        await session.tracker.run('tool_exec', () => session.pass(20));
        await session.pass(20);
      }
      await session.tracker.run('tool_exec', () => session.pass(100));

      expect((await verdictOf(lines)).title).toBe('survived 3 min 10 s of silence: work shorter than the interval');
    });

    it('names what ran in it, and not what ran later', async () => {
      const lines = await linesOf('silence survived');
      const later: string[] = [];
      const clock = new ManualClock();
      clock.advance(330_000);
      new LoggedSession('s', later, {}, { clock }).tracker.start('later').stop();
      const one = [...lines.slice(0, -2), ...later.slice(1)];

      expect((await verdictOf(one)).text).toContain('silent for 1 min 30 s while tool_exec ran, until');
    });

    it('is the longest of several that the session survived', async () => {
      const lines = [
        started(0),
        ...[70, 160, 240].map(signalSent),
        line(250, 'session_activity_stopped', { reason: 'r', refcount: 0, held_ms: 250_000 }),
      ];

      expect((await verdictOf(lines)).title).toBe('survived 1 min 30 s of silence: no heartbeat came');
    });

    it('is not broken by a signal while idle', async () => {
      const lines: string[] = [];
      const session = new LoggedSession('s', lines);
      session.tracker.registerCallback(send);
      session.tracker.sendSignal();
      await session.pass(10);
      session.gate.close();
      session.tracker.start('tool_exec');
      await session.pass(90);
      session.tracker.dispose();

      expect((await verdictOf(lines)).text).toMatch(/^Last keep-alive 14:00:00; work began again at 14:00:10\./);
    });

    it('has the causes of one sender only while it is there', async () => {
      const lines: string[] = [];
      const session = new LoggedSession('s', lines);
      session.tracker.registerCallback(send);
      session.gate.close();
      session.tracker.start('tool_exec');
      await session.pass(40);
      session.tracker.unregisterCallback();
      session.gate.open();
      await session.pass(60);
      session.tracker.registerCallback(send);
      await session.pass(30);
      session.tracker.dispose();

      expect((await verdictOf(lines)).text).toContain(
        'The gate was closed from 14:00:30 to 14:00:40, then no sender was registered from 14:00:40 to 14:01:40: silent for 2 min 10 s',
      );
    });

    it('ends with a signal, even in a pause', async () => {
      const lines: string[] = [];
      const session = new LoggedSession('s', lines);
      session.tracker.registerCallback(send);
      for (let n = 0; n < 4; n++) {
        await session.tracker.run('tool_exec', () => session.pass(20));
        await session.pass(10);
      }
      session.tracker.sendSignal();
      await session.tracker.run('tool_exec', () => session.pass(20));

      expect((await verdictOf(lines)).text).toMatch(
        /silent for 2 min while tool_exec ran, until a keep-alive went out at 14:02:00\./,
      );
    });

    it('may begin before the log tells anything', async () => {
      const lines = [
        line(190, 'session_keepalive_not_sent', { cause: 'gate' }),
        line(200, 'session_activity_at_shutdown', { refcount: 1, active: { r: 1 }, oldest_activity_ms: 200_000 }),
        line(200, 'session_keepalive_summary', { sent: 0, failed: 0, skipped: 0, withheld: 1, unsent: 0, late: 0 }),
      ];

      expect(await verdictOf(lines)).toMatchObject({
        title: 'shut down after 3 min 20 s of silence: gate closed',
        text: 'No keep-alive ever went out. Work began at 14:00:00. The log does not say what became of the keep-alives from 14:00:00 to 14:03:10, then the gate was closed from 14:03:10 on: silent for up to 3 min 20 s while r ran, until the session was shut down at 14:03:20.',
      });
    });

    it('is not made by an idle session', async () => {
      const lines: string[] = [];
      const session = new LoggedSession('s', lines);
      session.tracker.registerCallback(send);
      for (let n = 0; n < 4; n++) {
        await session.tracker.run('tool_exec', () => session.pass(20));
        await session.pass(60);
      }

      expect(await verdictOf(lines)).toMatchObject({ severity: 'fine', overLimit: [] });
    });

    it('is not laid at the door of short work where the cadence is steady', async () => {
      const stopped = (at: number): string =>
        line(at, 'session_activity_stopped', { reason: 'r', refcount: 0, held_ms: 20_000 });
      const config = { interval_ms: 30_000, idle_after_ms: 30_000, cadence: 'steady' };
      const lines = [line(0, 'session_tracker_configured', config), line(0, 'session_sender_registered')];
      for (let n = 0; n < 8; n++) lines.push(started(n * 25), stopped(n * 25 + 20));

      expect((await verdictOf(lines)).title).toBe('survived 3 min 15 s of silence: no heartbeat came');
    });

    it('that a suspended process made is found even if its clock stood still', async () => {
      const lines: string[] = [];
      const session = new LoggedSession('s', lines);
      session.tracker.registerCallback(send);
      session.tracker.start('tool_exec');
      await session.pass(40);
      // The wall clock goes on for ten minutes; the tracker's does not.
      const slept = lines.length;
      await session.pass(80);
      session.tracker.dispose();
      const shifted = lines.map((text, index) =>
        index < slept ? text : text.replace(/"time":(\d+)/, (_, ms) => `"time":${Number(ms) + 600_000}`),
      );

      expect(await verdictOf(shifted)).toMatchObject({
        severity: 'silenced',
        title: 'shut down soon after 10 min 30 s of silence: no heartbeat came',
      });
    });

    it('without a trace may mean that there was no sender', async () => {
      const lines: string[] = [];
      const session = new LoggedSession('s', lines, { trace: false });
      session.tracker.registerCallback(send);
      session.tracker.start('tool_exec');
      await session.pass(40);
      session.tracker.unregisterCallback();
      await session.pass(100);
      session.tracker.dispose();

      expect(await verdictOf(lines)).toMatchObject({
        title: 'shut down after 1 min 50 s of silence: no heartbeat came',
        text: 'Last keep-alive 14:00:30. No heartbeat came though one was due at 14:01:00 (no sender, event loop blocked or process suspended): silent for 1 min 50 s while tool_exec ran, until the session was shut down at 14:02:20.',
        remedy: 'Run with `trace: true` and log at level debug: then the log says why.',
      });
    });

    it('is only possible where the log does not say what became of the keep-alives', async () => {
      const lines = [
        beat(30),
        beat(60),
        line(60, 'session_keepalive_not_sent', { cause: 'gate' }),
        beat(90),
        beat(120),
      ];

      expect((await verdictOf(lines)).text).toContain('silent for up to 1 min 30 s while work ran');
    });

    it('of which nothing is known is given no cause', async () => {
      const lines = [line(0, 'session_sender_registered'), started(0), ...[30, 60, 90, 120].map(beat)];

      expect((await verdictOf(lines)).title).toBe('log ends after 2 min of silence: the log cannot tell');
    });
  });

  describe('what to do', () => {
    it.each([
      ['shut down while kept alive', 'Something shut it down'],
      ['killed', 'Look for an out-of-memory kill'],
      ['killed without a sender', 'The transport was gone'],
      ['no trace', 'Open the keep-alive gate'],
      ['no debug lines', 'Open the keep-alive gate'],
      ['no debug lines, killed', 'Run with `trace: true`'],
    ])('follows from what happened: %s', async (scenario, todo) => {
      expect((await verdictOf(await linesOf(scenario))).remedy?.startsWith(todo)).toBe(true);
    });

    it('is nothing where nothing went wrong', async () => {
      expect((await verdictOf(await linesOf('idle'))).remedy).toBeUndefined();
    });
  });

  describe('limit', () => {
    it('is the longest silence that is allowed', async () => {
      const lines = await linesOf('gate closed');

      expect(await verdictOf(lines, { limitMs: 160_000 })).toMatchObject({ severity: 'cutShort', overLimit: [] });
      expect(await verdictOf(lines, { limitMs: 159_999 })).toMatchObject({
        severity: 'silenced',
        overLimit: [{ startMs: BASE_MS + 150_000 }],
      });
    });

    it('does not hide a shorter silence in which the log ends', async () => {
      expect(await verdictOf(await linesOf('killed in silence'), { limitMs: 600_000 })).toMatchObject({
        severity: 'vanished',
        title: 'log ends after 2 min of silence: gate closed',
      });
    });

    it('is also how soon after a silence the end is blamed on it', async () => {
      const lines = [started(0), ...[30, 130, 160].map(signalSent)];

      expect((await verdictOf([...lines, signalSent(190)])).title).toBe(
        'log ends soon after 1 min 40 s of silence: no heartbeat came',
      );
      expect((await verdictOf([...lines, signalSent(190.001)])).title).toBe('log ends while work ran');
    });

    it('is also how long before the end the last trouble must lie to count as a silence, without heartbeats', async () => {
      const lines = [line(30, 'session_keepalive_not_sent', { cause: 'gate' })];
      const shutdown = { refcount: 1, active: { r: 1 }, oldest_activity_ms: null };

      expect(await verdictOf([...lines, line(90, 'session_activity_at_shutdown', shutdown)])).toMatchObject({
        severity: 'cutShort',
      });
      expect(await verdictOf([...lines, line(90.001, 'session_activity_at_shutdown', shutdown)])).toMatchObject({
        severity: 'silenced',
      });
    });
  });

  describe('end', () => {
    it('is not a loss if the time was cut with --to', async () => {
      const lines = await linesOf('shut down while kept alive');

      expect(await verdictOf(lines, { toMs: BASE_MS + 200_000 })).toMatchObject({
        severity: 'cutShort',
        title: 'still running, kept alive until then',
        text: 'Last keep-alive 14:03:00, at the end: silence is not the reason. tool_exec ran until the end of the chosen time at 14:03:00.',
        remedy: undefined,
      });
    });

    it('tells that the process lived on', async () => {
      const lines = await linesOf('killed in silence');
      const later = JSON.stringify({ time: BASE_MS + 600_000, pid: 1, hostname: 'h', msg: 'GET /' });

      expect((await verdictOf([...lines, later])).text).toContain(
        "until this session's lines end at 14:04:00; its process kept logging until 14:10:00, so it was alive, but this tracker had no heartbeat.",
      );
    });

    it('tells that no sender was ever registered', async () => {
      const lines: string[] = [];
      new LoggedSession('s', lines).tracker.start('r');

      expect(await verdictOf(lines)).toMatchObject({
        severity: 'vanished',
        title: 'log ends without a sender while work ran',
        text: 'No keep-alive ever went out. No sender was ever registered, so nothing could be sent. r ran until the log ends at 14:00:00.0 without a shutdown report: the process was killed outright, or still runs.',
      });
    });

    it('is reported as far as possible where the log lacks the work itself', async () => {
      const shutdown = line(9, 'session_activity_at_shutdown', {
        refcount: 1,
        active: { r: 1 },
        oldest_activity_ms: null,
      });

      expect((await verdictOf([line(0, 'session_sender_registered'), shutdown])).text).toBe(
        'No keep-alive was due yet: the work began at 14:00:00.0. r ran until the session was shut down at 14:00:09.0.',
      );
    });

    it('counts what ran, and names only a few reasons', async () => {
      const lines: string[] = [];
      const { tracker } = new LoggedSession('s', lines);
      for (const reason of ['a', 'a', 'b', 'c', 'd', 'e']) tracker.start(reason);
      tracker.dispose();

      expect(await verdictOf(lines)).toMatchObject({
        severity: 'cutShort',
        text: 'No keep-alive was due yet: the work began at 14:00:00.0. a (2), b, c and 2 other reasons ran until the session was shut down at 14:00:00.0.',
      });
    });

    it('mentions an earlier silence that the session survived', async () => {
      const lines: string[] = [];
      const session = new LoggedSession('s', lines);
      session.gate.close();
      session.tracker.registerCallback(send);
      session.tracker.start('tool_exec');
      await session.pass(100);
      session.gate.open();
      await session.pass(200);
      session.tracker.dispose();

      expect((await verdictOf(lines)).text).toContain(
        'It had survived 2 min of silence from 14:00:00 on: gate closed.',
      );
    });

    it('tells how long ago the last keep-alive went out', async () => {
      const textOf = async (endSeconds: number): Promise<string> =>
        (
          await verdictOf([
            started(0),
            signalSent(30),
            line(endSeconds, 'session_activity_overdue', { reason: 'r', held_ms: 0 }),
          ])
        ).text;

      expect(await textOf(30.999)).toContain('Last keep-alive 14:00:30.0, at the end: ');
      expect(await textOf(31)).toContain('Last keep-alive 14:00:30.0, 1 s before the end: ');
    });

    it('tells when the last work began if no keep-alive was sent for it', async () => {
      const lines = [
        line(0, 'session_sender_registered'),
        started(0),
        line(10, 'session_activity_stopped', { reason: 'r', refcount: 0, held_ms: 10_000 }),
        started(50),
        line(60, 'session_activity_stopped', { reason: 'r', refcount: 0, held_ms: 10_000 }),
        started(100),
        beat(130),
        line(130, 'session_keepalive_not_sent', { cause: 'gate' }),
      ];

      expect((await verdictOf(lines.slice(0, -2))).text).toContain(
        'No keep-alive was due yet: the work began at 14:01:40.',
      );
      expect((await verdictOf(lines)).text).toContain('No keep-alive was sent yet: the work began at 14:01:40.');
    });

    it.each([
      ['late', 'session_keepalive_late', { late_ms: 5_000 }],
      ['overdue', 'session_activity_overdue', { reason: 'r', held_ms: 0 }],
      ['stopped without a start', 'session_activity_unmatched_stop', { reason: 'r' }],
      ['failed', 'session_keepalive_failed', { outcome: 'timeout', error_code: null }],
    ])('is troubled where work ended well but something was %s', async (_, event, fields) => {
      const lines = [started(0), line(10, 'session_activity_stopped', { reason: 'r', refcount: 0, held_ms: 10_000 })];

      expect(await verdictOf(lines)).toMatchObject({ severity: 'fine', title: 'ended with nothing running' });
      expect(await verdictOf([...lines, line(5, event, fields)])).toMatchObject({
        severity: 'troubled',
        title: 'ended with nothing running',
      });
    });

    it('without heartbeats is inferred from what went wrong, if anything did', async () => {
      const shutdown = line(99, 'session_activity_at_shutdown', {
        refcount: 1,
        active: { r: 1 },
        oldest_activity_ms: 99_000,
      });
      const failed = line(10, 'session_keepalive_failed', { outcome: 'timeout', error_code: null });
      const recovered = line(20, 'session_keepalive_recovered', { failures: 1 });

      expect(await verdictOf([shutdown])).toMatchObject({
        severity: 'cutShort',
        title: 'shut down while work ran',
        text: 'r ran until the session was shut down at 14:01:39.',
      });
      expect(await verdictOf([failed, shutdown])).toMatchObject({
        severity: 'silenced',
        title: 'shut down while work ran: sends timed out',
      });
      const late = line(90, 'session_keepalive_not_sent', { cause: 'transport' });
      expect(await verdictOf([failed, late, shutdown])).toMatchObject({
        severity: 'cutShort',
        title: 'shut down while work ran: nothing to send on',
      });
      expect(await verdictOf([failed, recovered, shutdown])).toMatchObject({
        severity: 'cutShort',
        knownFrom: [
          'session_keepalive_failed (timeout) at 14:00:10',
          'session_keepalive_recovered at 14:00:20',
          'session_activity_at_shutdown at 14:01:39: 1 running, busy for 1 min 39 s',
        ],
      });
    });
  });

  it('survives two trackers that share a clock', async () => {
    const clock = new ManualClock();
    const lines: string[] = [];
    const sessions = ['a', 'b'].map((id) => new LoggedSession(id, lines, {}, { clock }));
    for (const { tracker } of sessions) tracker.start('r');

    expect((await reportOf(lines)).explained.map(({ id }) => id)).toEqual(['a', 'b']);
  });
});
