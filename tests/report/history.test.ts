import { describe, expect, it } from '@jest/globals';
import type { TrackerHistory } from '../../src/report/history.js';
import { BASE_MS, beat, line, LoggedSession, started } from './logged-session.js';
import { onlySession, reportOf } from './report-of.js';

const send = (): void => undefined;
const seconds = (atMs: number): number => (atMs - BASE_MS) / 1_000;

async function historyOf(lines: readonly string[], fromMs = -Infinity): Promise<TrackerHistory> {
  return (await onlySession(lines, { fromMs })).history;
}

async function outcomesOf(lines: readonly string[]): Promise<string[]> {
  const { keepalives } = await historyOf(lines);
  return keepalives.map(({ atMs, outcome, trigger }) =>
    [seconds(atMs), outcome, ...(trigger === 'heartbeat' ? [] : [trigger])].join(' '),
  );
}

describe('history of a tracker', () => {
  describe('activities', () => {
    it('pairs a stop with the start that its age points to', async () => {
      const lines: string[] = [];
      const { tracker, clock } = new LoggedSession('s', lines);
      const activities = [0, 1, 2, 3].map(() => {
        clock.advance(1_000);
        return tracker.start('tool_exec');
      });
      for (const index of [2, 0, 3]) {
        clock.advance(1_000);
        activities[index]?.stop();
      }

      const history = await historyOf(lines);
      expect(
        history.activities.map(({ startMs, endMs, running }) => [seconds(startMs), seconds(endMs), running]),
      ).toEqual([
        [1, 6, false],
        [2, 7, true],
        [3, 5, false],
        [4, 7, false],
      ]);
      expect([...history.runningAtEnd]).toEqual([['tool_exec', 1]]);
      expect(history.missingLines).toBe(0);
    });

    it('knows a start before the log from the age at its stop', async () => {
      const history = await historyOf([
        line(10, 'session_activity_started', { reason: 'r', refcount: 2 }),
        line(20, 'session_activity_stopped', { reason: 'r', refcount: 1, held_ms: 15_000 }),
        line(20, 'session_activity_stopped', { reason: 'other', refcount: 1, held_ms: 2_000 }),
      ]);

      expect(history.activities.map(({ reason, startMs, running }) => [reason, seconds(startMs), running])).toEqual([
        ['r', 5, false],
        ['r', 10, true],
        ['other', 18, false],
      ]);
      expect(seconds(history.firstMs)).toBe(5);
      expect(history.missingLines).toBe(2);
    });

    it('ends what cannot run any more where stops are missing', async () => {
      const history = await historyOf([
        started(0),
        started(9),
        line(12, 'session_activity_stopped', { reason: 'r', refcount: 0, held_ms: 3_000 }),
      ]);

      expect(
        history.activities.map(({ startMs, endMs, running }) => [seconds(startMs), seconds(endMs), running]),
      ).toEqual([
        [0, 9, false],
        [9, 12, false],
      ]);
      expect(history.missingLines).toBe(1);
    });

    it('takes the nearest start where clocks disagree a little', async () => {
      const started = (at: number): string => line(at, 'session_activity_started', { reason: 'r', refcount: 1 + at });
      const history = await historyOf([
        ...[0, 1, 2].map(started),
        line(5, 'session_activity_stopped', { reason: 'r', refcount: 2, held_ms: 4_100 }),
        line(6, 'session_activity_stopped', { reason: 'r', refcount: 1, held_ms: 5_700 }),
      ]);

      expect(
        history.activities.map(({ startMs, endMs, running }) => [seconds(startMs), seconds(endMs), running]),
      ).toEqual([
        [0, 6, false],
        [1, 5, false],
        [2, 6, true],
      ]);
    });
  });

  describe('keep-alives', () => {
    it('takes the silent failures of a row from its first', async () => {
      const lines: string[] = [];
      const session = new LoggedSession('s', lines);
      let fails = false;
      session.tracker.registerCallback(() => {
        if (fails) throw new Error('no code');
      });
      session.tracker.start('tool_exec');
      await session.pass(30);
      fails = true;
      await session.pass(90);
      fails = false;
      await session.pass(30);

      expect(await outcomesOf(lines)).toEqual(['30 sent', '60 failed', '90 failed', '120 failed', '150 sent']);
    });

    it('takes the silent causes from the last that was logged', async () => {
      const lines: string[] = [];
      const session = new LoggedSession('s', lines);
      session.tracker.registerCallback(send);
      const tool = session.tracker.start('tool_exec');
      session.gate.close();
      await session.pass(65);
      session.gate.open();
      await session.pass(60);
      session.gate.close();
      await session.pass(40);
      tool.stop();
      await session.pass(40);
      session.tracker.start('tool_exec');
      await session.pass(40);

      expect(await outcomesOf(lines)).toEqual(['30 gate', '60 gate', '90 sent', '120 sent', '150 gate', '235 gate']);
    });

    it('tells a gate that closes from the failures before it', async () => {
      const lines: string[] = [];
      const session = new LoggedSession('s', lines);
      session.tracker.registerCallback(() => {
        throw new Error();
      });
      session.tracker.start('tool_exec');
      await session.pass(40);
      session.gate.close();
      await session.pass(60);

      expect(await outcomesOf(lines)).toEqual(['30 failed', '60 gate', '90 gate']);
    });

    it('knows when an asynchronous send left', async () => {
      const lines: string[] = [];
      const session = new LoggedSession('s', lines);
      const settle: (() => void)[] = [];
      session.tracker.registerCallback(() => new Promise<void>((resolve) => settle.push(resolve)));
      session.tracker.start('tool_exec');
      await session.pass(32);
      settle.pop()?.();
      await session.pass(3);
      session.tracker.sendSignal();
      await session.pass(1);
      settle.pop()?.();
      await session.pass(1);

      expect(await outcomesOf(lines)).toEqual(['30 sent', '35 sent signal']);
      expect((await historyOf(lines)).keepalives.map(({ tookMs }) => tookMs)).toEqual([3_000, 2_000]);
    });

    it('calls a send that lost its sender aborted, and one that the log outlives unknown', async () => {
      const lines: string[] = [];
      const session = new LoggedSession('s', lines, { sendTimeoutMs: 30_000 });
      const never = (): Promise<void> => new Promise<void>(() => undefined);
      session.tracker.registerCallback(never);
      session.tracker.start('tool_exec');
      await session.pass(35);
      session.tracker.registerCallback(never);
      await session.pass(40);

      expect(await outcomesOf(lines)).toEqual(['30 aborted', '60 unknown']);
    });

    it('does not lay the failures of one sender at the door of the next', async () => {
      const lines: string[] = [];
      const session = new LoggedSession('s', lines);
      session.tracker.registerCallback(() => {
        throw Object.assign(new Error(), { code: 'EPIPE' });
      });
      session.tracker.start('tool_exec');
      await session.pass(65);
      session.tracker.registerCallback(send);
      await session.pass(30);

      expect(await outcomesOf(lines)).toEqual(['30 failed', '60 failed', '90 sent']);
    });

    it('knows signals that fail, are withheld or find the last one pending', async () => {
      const lines: string[] = [];
      const session = new LoggedSession('s', lines);
      session.tracker.registerCallback(() => {
        throw new Error();
      });
      session.tracker.sendSignal();
      await session.pass(1);
      session.gate.close();
      session.tracker.sendSignal();
      await session.pass(1);

      expect(await outcomesOf(lines)).toEqual(['0 failed signal', '1 gate signal']);
    });

    it('takes a heartbeat with no word of failure as sent, without a trace', async () => {
      const lines: string[] = [];
      const session = new LoggedSession('s', lines, { trace: false });
      let fails = false;
      session.tracker.registerCallback(() => {
        if (fails) throw new Error();
      });
      session.tracker.start('tool_exec');
      await session.pass(30);
      fails = true;
      await session.pass(60);
      fails = false;
      await session.pass(60);

      expect(await outcomesOf(lines)).toEqual(['30 sent', '60 failed', '90 failed', '120 sent', '150 unknown']);
    });

    it('does not guess what became of keep-alives after one that was not sent, without a trace', async () => {
      const lines = [
        beat(30),
        beat(60),
        line(60, 'session_keepalive_not_sent', { cause: 'gate' }),
        beat(90),
        beat(120),
      ];

      expect(await outcomesOf(lines)).toEqual(['30 sent', '60 gate', '90 unknown', '120 unknown']);
    });

    it("guesses less where the tracker's own count tells that none was sent", async () => {
      const lines = [
        beat(30),
        beat(60),
        line(60, 'session_keepalive_not_sent', { cause: 'gate' }),
        beat(90),
        line(99, 'session_activity_at_shutdown', { refcount: 1, active: { r: 1 }, oldest_activity_ms: 99_000 }),
        line(99, 'session_keepalive_summary', { sent: 1, failed: 0, skipped: 0, withheld: 2, unsent: 0, late: 0 }),
      ];

      expect(await outcomesOf(lines)).toEqual(['30 sent', '60 gate', '90 gate']);
      expect(await outcomesOf(lines.join('\n').replace('"sent":1', '"sent":2').split('\n'))).toEqual([
        '30 sent',
        '60 gate',
        '90 unknown',
      ]);
    });

    it('does not guess from that count what became of one after a success', async () => {
      const lines = [
        ...[beat(30), line(30, 'session_keepalive_not_sent', { cause: 'gate' })],
        ...[line(70, 'session_idle_30s'), beat(130), beat(160)],
        line(160, 'session_keepalive_summary', { sent: 1, failed: 0, skipped: 0, withheld: 1, unsent: 0, late: 0 }),
      ];

      expect(await outcomesOf(lines)).toEqual(['30 gate', '130 sent', '160 unknown']);
    });

    it('forgets a cause once a send failed, and once the session was idle', async () => {
      const notSent = (at: number): string => line(at, 'session_keepalive_not_sent', { cause: 'gate' });
      const failed = line(60, 'session_keepalive_failed', { outcome: 'error', error_code: 'EPIPE' });

      expect(await outcomesOf([beat(30), notSent(30), beat(60), failed, beat(90), beat(120)])).toEqual([
        '30 gate',
        '60 failed',
        '90 failed',
        '120 failed',
      ]);
      expect(await outcomesOf([beat(30), notSent(30), line(70, 'session_idle_30s'), beat(200), beat(230)])).toEqual([
        '30 gate',
        '200 sent',
        '230 unknown',
      ]);
    });

    describe('with a trace', () => {
      const registered = line(0, 'session_sender_registered');
      const failed = (at: number): string =>
        line(at, 'session_keepalive_failed', { outcome: 'error', error_code: 'EPIPE' });
      const gateClosed = (at: number): string => line(at, 'session_keepalive_not_sent', { cause: 'gate' });
      const sent = (at: number, trigger: 'heartbeat' | 'signal', tookSeconds: number): string =>
        line(at, 'session_keepalive_sent', { trigger, took_ms: tookSeconds * 1_000 });

      it('finds the heartbeat of a send that settled after the next was due', async () => {
        expect(await outcomesOf([registered, beat(30), beat(60), sent(61, 'heartbeat', 31)])).toEqual([
          '30 sent',
          '60 unknown',
        ]);
      });

      it('tells a signal from a heartbeat that is still pending', async () => {
        expect(await outcomesOf([registered, beat(30), sent(31, 'signal', 2)])).toEqual([
          '29 sent signal',
          '30 unknown',
        ]);
      });

      it('does not take a late line for one about a heartbeat of long ago', async () => {
        const others = [60, 90, 120, 150].flatMap((at) => [beat(at), sent(at, 'heartbeat', 0)]);

        expect(await outcomesOf([registered, beat(30), ...others.slice(0, -2), failed(155)])).toEqual([
          '30 failed',
          ...['60 sent', '90 sent', '120 sent'],
        ]);
        expect(await outcomesOf([registered, beat(30), ...others, failed(155)])).toEqual([
          '30 unknown',
          ...['60 sent', '90 sent', '120 sent', '150 sent'],
          '155 failed signal',
        ]);
      });

      it('assumes that failures continue after an idle time, but not with another sender', async () => {
        expect(await outcomesOf([registered, beat(30), failed(30), line(70, 'session_idle_30s'), beat(200)])).toEqual([
          '30 failed',
          '200 failed',
        ]);
        expect(
          await outcomesOf([registered, beat(30), failed(30), line(40, 'session_sender_registered'), beat(60)]),
        ).toEqual(['30 failed', '60 unknown']);
        expect(
          await outcomesOf([registered, beat(30), gateClosed(30), line(40, 'session_sender_registered'), beat(60)]),
        ).toEqual(['30 gate', '60 unknown']);
      });

      it('does not infer from the total what became of a keep-alive after a success or a change of sender', async () => {
        const totals = { failed: 0, skipped: 0, withheld: 1, unsent: 0, late: 0 };
        const summary = (count: number): string => line(99, 'session_keepalive_summary', { ...totals, sent: count });
        const shutdown = line(99, 'session_activity_at_shutdown', {
          refcount: 0,
          active: {},
          oldest_activity_ms: null,
        });
        const begin = [registered, beat(30), gateClosed(30)];

        expect(await outcomesOf([registered, beat(30), shutdown, summary(0)])).toEqual(['30 unknown']);
        expect(
          await outcomesOf([...begin, beat(60), sent(60, 'heartbeat', 0), beat(90), shutdown, summary(1)]),
        ).toEqual(['30 gate', '60 sent', '90 unknown']);
        const removed = line(65, 'session_sender_removed');
        expect(
          await outcomesOf([
            ...[...begin, line(40, 'session_sender_registered'), beat(60), removed],
            ...[line(70, 'session_sender_registered'), beat(90), shutdown, summary(0)],
          ]),
        ).toEqual(['30 gate', '60 aborted', '90 unknown']);
      });

      it('gives the code of a failure only to failures', async () => {
        const { keepalives } = await historyOf([
          registered,
          beat(30),
          failed(30),
          beat(60),
          beat(90),
          gateClosed(90),
          beat(120),
        ]);

        expect(keepalives.map(({ outcome, code }) => [outcome, code])).toEqual([
          ['failed', 'EPIPE'],
          ['failed', 'EPIPE'],
          ['gate', null],
          ['gate', null],
        ]);
      });
    });

    it('takes a recovery without a trace as a send', async () => {
      const lines = [
        line(10, 'session_keepalive_failed', { outcome: 'error', error_code: null }),
        line(20, 'session_keepalive_recovered', { failures: 1 }),
      ];

      expect(await outcomesOf(lines)).toEqual(['10 failed signal', '20 sent signal']);
    });
  });

  describe('senders', () => {
    it('was there from the start of the log if the first line about it is its removal', async () => {
      const history = await historyOf([
        beat(30),
        line(40, 'session_sender_removed'),
        line(50, 'session_sender_registered'),
        beat(80),
      ]);

      expect(history.senders?.map(({ startMs, endMs }) => [seconds(startMs), seconds(endMs)])).toEqual([
        [30, 40],
        [50, 80],
      ]);
    });

    it('was there if heartbeats came, even if no line is about it', async () => {
      const sent = line(60, 'session_keepalive_sent', { trigger: 'heartbeat', took_ms: 1 });

      expect((await historyOf([beat(30), sent])).senders).toHaveLength(1);
    });

    it('is unknown without a trace', async () => {
      expect((await historyOf([beat(30)])).senders).toBeUndefined();
    });

    it('is the last one that came or went', async () => {
      const removed = line(40, 'session_sender_removed');
      const registered = line(50, 'session_sender_registered');

      expect((await historyOf([beat(30)])).lastSenderEvent).toBeUndefined();
      expect((await historyOf([beat(30), removed])).lastSenderEvent?.name).toBe('session_sender_removed');
      expect((await historyOf([beat(30), removed, registered, beat(60)])).lastSenderEvent?.name).toBe(
        'session_sender_registered',
      );
    });

    it('leaves no gap where one replaces the other', async () => {
      const lines: string[] = [];
      const session = new LoggedSession('s', lines);
      session.tracker.registerCallback(send);
      session.tracker.start('r');
      await session.pass(10);
      session.tracker.registerCallback(send);
      await session.pass(30);

      expect((await historyOf(lines)).senders).toHaveLength(1);
    });
  });

  describe('interval', () => {
    it('is what the tracker says', async () => {
      const lines: string[] = [];
      new LoggedSession('s', lines, { intervalMs: 5_000, idleAfterMs: 7_000 }).tracker.start('r');

      expect(await historyOf(lines)).toMatchObject({ intervalMs: 5_000, idleAfterMs: 7_000, intervalAssumed: false });
    });

    it('is the usual time between heartbeats where it is not logged', async () => {
      expect(await historyOf([beat(0), beat(10), beat(70), beat(80)])).toMatchObject({
        intervalMs: 10_000,
        intervalAssumed: false,
      });
    });

    it('is not taken from heartbeats of the same moment', async () => {
      expect(await historyOf([beat(0), beat(0), beat(10), beat(20), beat(20)])).toMatchObject({ intervalMs: 10_000 });
      expect(await historyOf([beat(0), beat(0)])).toMatchObject({ intervalMs: 30_000, intervalAssumed: true });
    });

    it('is assumed, and said to be, where nothing tells', async () => {
      expect(await historyOf([beat(0)])).toMatchObject({ intervalMs: 30_000, intervalAssumed: true });
    });
  });

  it('is cut off by a time only where it is the last of its session', async () => {
    const beatOf = (pid: number, at: number): string => line(at, 'session_keepalive_heartbeat', { refcount: 1, pid });
    const { explained } = await reportOf([beatOf(1, 0), beatOf(2, 10), beatOf(2, 20)], { toMs: BASE_MS + 15_000 });

    expect(explained[0]?.trackers.map(({ history }) => history.truncated)).toEqual([false, true]);
  });

  it('has work running at the end if a heartbeat came within the last interval, without a trace', async () => {
    const stop = (at: number): string => line(at, 'session_activity_unmatched_stop', { reason: 'r' });

    expect(await historyOf([beat(0), beat(30), stop(60)])).toMatchObject({ isEndKnown: true });
    expect(await historyOf([beat(0), beat(30), stop(60.001)])).toMatchObject({ isEndKnown: false });
    expect(await historyOf([beat(30), line(60, 'session_idle_30s')])).toMatchObject({ isEndKnown: true });
  });

  it('was shut down when its report was logged, or else its totals', async () => {
    const totals = { sent: 0, failed: 0, skipped: 0, withheld: 0, unsent: 0, late: 0 };
    const summary = line(50, 'session_keepalive_summary', totals);
    const shutdown = line(40, 'session_activity_at_shutdown', { refcount: 0, active: {}, oldest_activity_ms: null });

    expect((await historyOf([beat(30), shutdown, summary])).shutDownMs).toBe(BASE_MS + 40_000);
    expect((await historyOf([beat(30), summary])).shutDownMs).toBe(BASE_MS + 50_000);
    expect((await historyOf([beat(30)])).shutDownMs).toBeUndefined();
  });

  it('counts stops without a start', async () => {
    const lines: string[] = [];
    const { tracker } = new LoggedSession('s', lines);
    tracker.stop('a');
    tracker.stop('b');
    tracker.stop('a');

    expect([...(await historyOf(lines)).unmatchedStops]).toEqual([
      ['a', 2],
      ['b', 1],
    ]);
  });

  describe('from a time on', () => {
    it('keeps what went on then, with what is known from before', async () => {
      const lines: string[] = [];
      const session = new LoggedSession('s', lines);
      session.tracker.registerCallback(send);
      const early = session.tracker.start('early');
      session.tracker.start('late');
      await session.pass(40);
      early.stop();
      await session.pass(30);

      const history = await historyOf(lines, BASE_MS + 50_000);
      expect(history).toMatchObject({ firstMs: BASE_MS + 50_000, traced: true, intervalMs: 30_000 });
      expect(history.activities.map(({ reason }) => reason)).toEqual(['late']);
      expect(history.keepalives.map(({ atMs }) => seconds(atMs))).toEqual([60]);
      expect(history.senders?.map(({ startMs }) => seconds(startMs))).toEqual([50]);
      expect(history.busy.map(({ startMs }) => seconds(startMs))).toEqual([50]);
    });

    it('keeps what ended just then', async () => {
      const stopped = (at: number): string =>
        line(at, 'session_activity_stopped', { reason: 'r', refcount: 0, held_ms: 10_000 });
      const lines = [
        ...[line(10, 'session_sender_registered'), started(10), line(20, 'session_sender_removed'), stopped(20)],
        ...[line(30, 'session_sender_registered'), started(30), line(40, 'session_sender_removed'), stopped(40)],
        line(40, 'session_keepalive_late', { late_ms: 1 }),
        line(40, 'session_activity_overdue', { reason: 'r', held_ms: 1 }),
      ];
      const { activities, busy, senders, late, overdue } = await historyOf(lines, BASE_MS + 40_000);

      expect(activities.map(({ startMs }) => seconds(startMs))).toEqual([30]);
      expect(busy.map(({ startMs }) => seconds(startMs))).toEqual([40]);
      expect(senders?.map(({ startMs }) => seconds(startMs))).toEqual([40]);
      expect([late.length, overdue.length]).toEqual([1, 1]);
      const later = await historyOf([...lines, beat(50)], BASE_MS + 40_001);
      expect([later.late, later.overdue, later.activities]).toEqual([[], [], []]);
    });

    it('leaves out a tracker that had ended', async () => {
      expect((await reportOf([beat(30)], { fromMs: BASE_MS + 31_000 })).explained).toEqual([]);
      expect((await reportOf([beat(30)], { fromMs: BASE_MS + 30_000 })).explained).toHaveLength(1);
      expect((await historyOf([beat(30), beat(60)], BASE_MS + 40_000)).senders).toBeUndefined();
    });
  });
});
