import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../src/testing/index.js';
import { LoggedSession } from './logged-session.js';
import { reportOf } from './report-of.js';

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
});
