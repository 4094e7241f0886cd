import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { readLog } from '../../src/report/read.js';
import { splitByTracker } from '../../src/report/trackers.js';
import { ManualClock } from '../../src/testing/index.js';
import { BASE_MS, beat, line, LoggedSession, signalSent, started } from './logged-session.js';
import { onlySession, reportOf } from './report-of.js';

const send = (): void => undefined;

async function trackersOf(lines: readonly string[]): Promise<{ reasons: string[]; senders: number; ended: boolean }[]> {
  const { explained } = await reportOf(lines);
  return explained.flatMap(({ trackers }) =>
    trackers.map(({ history }) => ({
      reasons: history.activities.map(({ reason }) => reason),
      senders: history.senders?.length ?? NaN,
      ended: history.shutdown !== undefined,
    })),
  );
}

describe('trackers of one session', () => {
  it('are told apart after a shutdown, with the sender registered before the first start', async () => {
    const lines: string[] = [];
    const clock = new ManualClock();
    for (const reason of ['first', 'second']) {
      const session = new LoggedSession('s', lines, {}, { clock });
      session.tracker.registerCallback(send);
      await session.tracker.run(reason, () => session.pass(40));
      session.tracker.dispose();
    }

    expect(await trackersOf(lines)).toEqual([
      { reasons: ['first'], senders: 1, ended: true },
      { reasons: ['second'], senders: 1, ended: true },
    ]);
  });

  it('are told apart where the first one was killed, in the same process', async () => {
    const lines: string[] = [];
    const clock = new ManualClock();
    for (const reason of ['first', 'second']) {
      const session = new LoggedSession('s', lines, {}, { clock });
      session.tracker.registerCallback(send);
      session.tracker.start(reason);
      await session.pass(1);
      if (reason === 'first') session.tracker.unregisterCallback();
    }

    expect(await trackersOf(lines)).toEqual([
      { reasons: ['first'], senders: 1, ended: false },
      { reasons: ['second'], senders: 1, ended: false },
    ]);
  });

  it('are told apart by their process', async () => {
    const lines: string[] = [];
    const clock = new ManualClock();
    const first = new LoggedSession('s', lines, {}, { clock, pid: 1 });
    const second = new LoggedSession('s', lines, {}, { clock, pid: 2 });
    first.tracker.start('first');
    clock.advance(5);
    second.tracker.start('second');
    clock.advance(5);
    first.tracker.dispose();

    expect(await trackersOf(lines)).toEqual([
      { reasons: ['first'], senders: 0, ended: true },
      { reasons: ['second'], senders: 0, ended: false },
    ]);
  });

  it('keep what is theirs where the next begins before the last has ended', async () => {
    const lines: string[] = [];
    const clock = new ManualClock();
    const first = new LoggedSession('s', lines, {}, { clock });
    first.tracker.registerCallback(send);
    const early = first.tracker.start('early');
    const held = first.tracker.start('held');
    clock.advance(10_000);
    const second = new LoggedSession('s', lines, {}, { clock });
    second.tracker.registerCallback(send);
    const late = second.tracker.start('early');
    clock.advance(1_000);
    early.stop();
    clock.advance(1_000);
    first.tracker.dispose();
    held.stop();
    late.stop();
    clock.advance(30_000);
    second.tracker.dispose();

    const { explained } = await reportOf(lines);
    const [one, two] = explained[0]?.trackers.map(({ history }) => history) ?? [];

    expect(one?.activities.map(({ reason, startMs, endMs }) => [reason, endMs - startMs])).toEqual([
      ['early', 11_000],
      ['held', 12_000],
    ]);
    expect(one?.shutdown?.data.refcount).toBe(1);
    expect(two?.activities.map(({ startMs, endMs }) => endMs - startMs)).toEqual([2_000]);
    expect(two?.shutdown?.data.refcount).toBe(0);
    expect([one, two].map((history) => history?.senders?.map(({ startMs, endMs }) => endMs - startMs))).toEqual([
      [12_000],
      [32_000],
    ]);
  });

  it('are told apart without a trace, by the shutdown report or a pause after it', async () => {
    const lines: string[] = [];
    const clock = new ManualClock();
    for (let round = 0; round < 2; round++) {
      const session = new LoggedSession('s', lines, { trace: false }, { clock });
      session.tracker.registerCallback(send);
      session.tracker.start('tool_exec');
      await session.pass(40);
      session.tracker.dispose();
    }
    const silent = new LoggedSession('s', lines, { trace: false }, { clock });
    silent.tracker.start('tool_exec');
    silent.tracker.dispose();

    expect((await reportOf(lines)).explained[0]?.trackers.map(({ history }) => history.keepalives.length)).toEqual([
      1, 1, 0,
    ]);
  });

  it('go on after a shutdown report that the registry asked for', async () => {
    const lines: string[] = [];
    const session = new LoggedSession('s', lines);
    session.tracker.registerCallback(send);
    const activity = session.tracker.start('tool_exec');
    await session.pass(40);
    session.cleanup.runAll();
    await session.pass(30);
    activity.stop();
    session.tracker.dispose();

    expect(await trackersOf(lines)).toEqual([{ reasons: ['tool_exec'], senders: 1, ended: true }]);
  });

  it('are told apart where the log begins with the end of one', async () => {
    const lines: string[] = [];
    const clock = new ManualClock();
    const first = new LoggedSession('s', lines, {}, { clock });
    first.tracker.start('first');
    first.tracker.dispose();
    const rest = lines.slice(-1);
    const second = new LoggedSession('s', rest, {}, { clock });
    clock.advance(1_000);
    second.tracker.start('second');

    expect(await trackersOf(rest)).toEqual([
      { reasons: [], senders: 1, ended: true },
      { reasons: ['second'], senders: 0, ended: false },
    ]);
  });

  it('are told apart where the log begins in the middle of one', async () => {
    const lines: string[] = [];
    const clock = new ManualClock();
    const first = new LoggedSession('s', lines, {}, { clock });
    const activity = first.tracker.start('first');
    clock.advance(5_000);
    activity.stop();
    const rest = lines.slice(-1);
    const second = new LoggedSession('s', rest, {}, { clock });
    second.tracker.start('second');

    expect(await trackersOf(rest)).toEqual([
      { reasons: ['first'], senders: 1, ended: false },
      { reasons: ['second'], senders: 0, ended: false },
    ]);
  });

  describe('made by hand', () => {
    const CONFIG = { interval_ms: 30_000, idle_after_ms: 30_000, cadence: 'restart' };
    const configured = (at: number, pid = 1): string => line(at, 'session_tracker_configured', { ...CONFIG, pid });
    const registered = (at: number): string => line(at, 'session_sender_registered');
    const removed = (at: number): string => line(at, 'session_sender_removed');
    const stopped = (at: number, reason: string, heldMs: number): string =>
      line(at, 'session_activity_stopped', { reason, refcount: 0, held_ms: heldMs });
    const shutdown = (at: number, oldestMs: number | null = null): string =>
      line(at, 'session_activity_at_shutdown', { refcount: 0, active: {}, oldest_activity_ms: oldestMs });
    const summary = (at: number, sent: number): string =>
      line(at, 'session_keepalive_summary', { sent, failed: 0, skipped: 0, withheld: 0, unsent: 0, late: 0 });

    /** Which lines belong to which tracker, by their numbers. */
    const sharesOf = (lines: readonly string[]): Promise<number[][]> =>
      readLog([{ name: 'log', stream: Readable.from([lines.join('\n')]) }]).then(({ sessions }) =>
        splitByTracker(sessions[0]?.events ?? []).map(({ events }) =>
          events.map((event) => sessions[0]?.events.indexOf(event) ?? NaN),
        ),
      );

    it('come in the order of time, whichever process they are of', async () => {
      const { explained } = await reportOf([configured(0), shutdown(1), configured(5, 2), configured(9)]);

      expect(explained[0]?.trackers.map(({ history }) => (history.firstMs - BASE_MS) / 1_000)).toEqual([0, 5, 9]);
    });

    it('begin with the senders that were registered just before they were configured', async () => {
      expect(
        await sharesOf([
          ...[registered(0), configured(0), started(1, 'a'), shutdown(2), summary(2, 0)],
          ...[registered(3), registered(3), configured(3), started(3, 'b')],
        ]),
      ).toEqual([
        [0, 1, 2, 3, 4],
        [5, 6, 7, 8],
      ]);
      // A tracker is configured when it starts to work, which may be long after it has a sender.
      expect(
        await sharesOf([
          ...[registered(0), configured(0), started(1, 'a'), shutdown(2)],
          ...[registered(10), configured(15), started(15, 'b')],
        ]),
      ).toEqual([
        [0, 1, 2, 3],
        [4, 5, 6],
      ]);
      expect(
        await sharesOf([
          ...[registered(0), configured(0), started(0, 'a'), stopped(5, 'a', 5_000)],
          ...[registered(40), configured(45), started(45, 'a')],
        ]),
      ).toEqual([
        [0, 1, 2, 3],
        [4, 5, 6],
      ]);
      expect(await sharesOf([configured(0), started(0, 'a'), registered(2), stopped(3, 'a', 3_000)])).toEqual([
        [0, 1, 2, 3],
      ]);
      expect(await sharesOf([configured(0), configured(1), registered(2)])).toEqual([[0], [1, 2]]);
    });

    it('begin with a sender after a shutdown, where the log lacks their configuration', async () => {
      expect(await sharesOf([started(0, 'a'), shutdown(1), removed(1), registered(2), started(3, 'b')])).toEqual([
        [0, 1, 2],
        [3, 4],
      ]);
    });

    it('begin ten seconds after a shutdown, without a trace', async () => {
      expect(await sharesOf([beat(30), shutdown(40), beat(50)])).toEqual([[0, 1, 2]]);
      expect(await sharesOf([beat(30), shutdown(40), beat(50.001)])).toEqual([[0, 1], [2]]);
    });

    it('may log stops without a start, and their totals, long after their shutdown', async () => {
      const stop = line(99, 'session_activity_unmatched_stop', { reason: 'r' });

      expect(await sharesOf([beat(30), shutdown(40), stop, summary(99, 1)])).toEqual([[0, 1, 2, 3]]);
    });

    it('end in any order', async () => {
      const begin = [configured(0), started(0, 'a'), configured(10), started(10, 'b')];

      expect(await sharesOf([...begin, shutdown(20, 10_000), shutdown(30, 30_000)])).toEqual([
        [0, 1, 5],
        [2, 3, 4],
      ]);
    });

    it('end with one shutdown each', async () => {
      expect(await sharesOf([configured(0), shutdown(1), shutdown(2)])).toEqual([[0, 1], [2]]);
    });

    it.each([
      ['its configuration', true, configured(0)],
      ['a start', true, started(0, 'r')],
      ['a stop', true, stopped(0, 'r', 0)],
      ['a heartbeat', true, beat(0)],
      ['a shutdown', true, shutdown(0)],
      ['a keep-alive that was sent', false, signalSent(0)],
    ])('begin with a configuration after %s: %s', async (_, isNew, before) => {
      expect(await sharesOf([before, configured(1)])).toEqual(isNew ? [[0], [1]] : [[0, 1]]);
    });

    it.each([
      ['its configuration', true, configured(0)],
      ['a start', true, started(0, 'r')],
      ['a stop', true, stopped(0, 'r', 0)],
      ['a keep-alive that was sent', true, signalSent(0)],
      ['a sender', true, registered(0)],
      ['the removal of a sender', true, removed(0)],
      ['a heartbeat', false, beat(0)],
      ['a shutdown', false, shutdown(0)],
    ])('have a trace if there is %s: %s', async (_, traced, event) => {
      expect((await onlySession([event])).history.traced).toBe(traced);
    });

    it('keep the later lines of an activity that began before the next tracker', async () => {
      const begin = [configured(0), started(0, 'a'), configured(10), started(10, 'a')];

      expect(await sharesOf([...begin, stopped(15, 'a', 5_020)])).toEqual([
        [0, 1],
        [2, 3, 4],
      ]);
      expect(await sharesOf([...begin, stopped(15, 'a', 5_021)])).toEqual([
        [0, 1, 4],
        [2, 3],
      ]);
      expect(await sharesOf([...begin, shutdown(15, 15_000), summary(15, 0), beat(40)])).toEqual([
        [0, 1, 4, 5],
        [2, 3, 6],
      ]);
    });

    it('keep the removal of a sender just before their shutdown, but no other removal', async () => {
      const begin = [configured(0), started(0, 'a'), configured(10)];

      expect(await sharesOf([...begin, started(11, 'b'), removed(12), shutdown(12, 12_000)])).toEqual([
        [0, 1, 4, 5],
        [2, 3],
      ]);
      expect(await sharesOf([...begin, started(11, 'b'), shutdown(12, 12_000), removed(13)])).toEqual([
        [0, 1, 4],
        [2, 3, 5],
      ]);
      expect(await sharesOf([...begin, removed(11), started(12, 'b')])).toEqual([
        [0, 1],
        [2, 3, 4],
      ]);
    });

    it('keep their totals even where the log lacks their shutdown', async () => {
      expect(await sharesOf([configured(0), started(0, 'a'), summary(9, 0)])).toEqual([[0, 1, 2]]);
    });
  });
});
