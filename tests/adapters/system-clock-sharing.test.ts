import { createHook } from 'node:async_hooks';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SystemClock } from '../../src/index.js';

/** Holds the event loop for that long, also where `performance` is mocked. */
function block(ms: number): void {
  const until = process.hrtime.bigint() + BigInt(ms) * 1_000_000n;
  while (process.hrtime.bigint() < until);
}

/** Runs `act`, and tells the delays of the Node timers that it itself created and how many are left when it is over. */
async function nodeTimersOf(act: () => unknown): Promise<{ delaysMs: number[]; left: number }> {
  const left = new Set<number>();
  const delaysMs: number[] = [];
  let acts = true;
  const hook = createHook({
    init: (id, type, _, resource) => {
      // Jest has timers of its own.
      if (type !== 'Timeout' || !acts) return;
      delaysMs.push((resource as { _idleTimeout: number })._idleTimeout);
      left.add(id);
    },
    destroy: (id) => void left.delete(id),
  }).enable();
  act();
  acts = false;
  // A timer's end is told a turn later.
  await turn();
  await turn();
  hook.disable();
  return { delaysMs, left: left.size };
}

/** Schedules timers one after the other, each at a reading and with a delay, and tells the delays of Node's timers. */
async function delaysOf(schedules: readonly (readonly [nowMs: number, delayMs: number])[]): Promise<number[]> {
  const clock = new SystemClock();
  const timers = schedules.map(() => clock.createTimer(() => undefined));
  const now = jest.spyOn(performance, 'now');
  const { delaysMs } = await nodeTimersOf(() => {
    timers.forEach((timer, i) => {
      const [nowMs, delayMs] = schedules[i] ?? [0, 0];
      now.mockReturnValue(nowMs);
      timer.schedule(delayMs);
    });
    now.mockRestore();
    for (const timer of timers) timer.cancel();
  });
  return delaysMs;
}

describe('SystemClock', () => {
  describe('a timer', () => {
    it.each([
      [100.7, 10, 10],
      [100.7, 10.1, 11],
      [100.1, 0.5, 1],
      [100.7, 0, 1],
    ])('that is alone in its millisecond is rounded up once: at %p in %p ms, by Node in %p', async (...row) => {
      const [nowMs, delayMs, nodeDelayMs] = row;
      expect(await delaysOf([[nowMs, delayMs]])).toEqual([nodeDelayMs]);
    });
  });

  describe('timers that are due in the same millisecond', () => {
    it('share a Node timer that is not too early for any of them', async () => {
      // The first Node timer rings by 110.7, or less than 1 ms before.
      const first = [100.7, 10] as const;
      expect(await delaysOf([first, [100.7, 10], [100.8, 9.9], [101, 9]])).toEqual([10]);
      expect(await delaysOf([first, [100.8, 10]])).toEqual([10, 11]);
    });

    it('share two Node timers, however many they are', async () => {
      const schedules = Array.from({ length: 100 }, (_, i) => [100 + i / 100, 20] as const);
      expect(await delaysOf(schedules)).toEqual([20, 21]);
    });

    it('share one also where they are due at once', async () => {
      expect(
        await delaysOf([
          [100.1, 0],
          [100.2, 0],
          [100.9, 0],
        ]),
      ).toEqual([1]);
    });

    it('fire in the order in which they were scheduled, where they share a Node timer', async () => {
      const clock = new SystemClock();
      const fired: number[] = [];
      const timers = Array.from({ length: 100 }, (_, i) => clock.createTimer(() => fired.push(i)));
      const nowMs = clock.now();
      for (const timer of timers) timer.schedule(20, nowMs);
      await sleep(60);
      expect(fired).toEqual([...timers.keys()]);
    });

    it('leave no Node timer behind once the last of them is cancelled', async () => {
      const clock = new SystemClock();
      const timers = Array.from({ length: 100 }, () => clock.createTimer(() => undefined));
      const { delaysMs, left } = await nodeTimersOf(() => {
        for (const timer of timers) timer.schedule(60_000);
        for (const timer of timers) timer.cancel();
      });
      expect(delaysMs.length).toBeGreaterThan(0);
      expect(left).toBe(0);
    });

    it('all fire but those that are cancelled: the last, one between, the first', async () => {
      const clock = new SystemClock();
      const fired: number[] = [];
      const timers = Array.from({ length: 50 }, (_, i) => clock.createTimer(() => fired.push(i)));
      const nowMs = clock.now();
      for (const timer of timers) timer.schedule(10, nowMs);
      const cancelled = [49, 20, 0];
      for (const i of cancelled) timers[i]?.cancel();
      await sleep(40);
      expect(fired).toEqual([...timers.keys()].filter((i) => !cancelled.includes(i)));
    });

    it('fire also where all that were due before are cancelled', async () => {
      const clock = new SystemClock();
      const fired = jest.fn();
      const nowMs = clock.now();
      const cancelled = clock.createTimer(fired);
      cancelled.schedule(10, nowMs);
      cancelled.cancel();
      clock.createTimer(fired).schedule(10, nowMs);
      await sleep(40);
      expect(fired).toHaveBeenCalledTimes(1);
    });

    it('are cancelled for good, also where their neighbours are cancelled twice', async () => {
      const clock = new SystemClock();
      const fired: number[] = [];
      const timers = Array.from({ length: 50 }, (_, i) => clock.createTimer(() => fired.push(i)));
      const nowMs = clock.now();
      for (const timer of timers) timer.schedule(10, nowMs);
      for (const i of [0, 0, 10, 11, 10, 30, 31, 30]) timers[i]?.cancel();
      await sleep(40);
      expect(fired).toEqual([...timers.keys()].filter((i) => ![0, 10, 11, 30, 31].includes(i)));
    });

    it('all fire though one of them throws, and what it throws is uncaught', async () => {
      const clock = new SystemClock();
      const uncaught: (() => void)[] = [];
      const later = jest.spyOn(globalThis, 'queueMicrotask').mockImplementation((task) => void uncaught.push(task));
      let fired = 0;
      for (let i = 0; i < 100; i++) {
        const timer = clock.createTimer(() => {
          fired++;
          if (i === 0) throw new Error('broken');
        });
        timer.schedule(5);
      }
      await sleep(40);
      later.mockRestore();
      expect(fired).toBe(100);
      expect(uncaught).toHaveLength(1);
      expect(uncaught[0]).toThrow('broken');
    });

    it('fire once each, where one cancels the next and schedules itself again', async () => {
      const clock = new SystemClock();
      const fired: string[] = [];
      const again = clock.createTimer(() => {
        if (fired.push('again') === 1) again.schedule(0);
        cancelled.cancel();
      });
      const cancelled = clock.createTimer(() => fired.push('cancelled'));
      const last = clock.createTimer(() => fired.push('last'));
      const nowMs = clock.now();
      for (const timer of [again, cancelled, last]) timer.schedule(10, nowMs);
      await sleep(40);
      expect(fired).toEqual(['again', 'last', 'again']);
    });

    it('share no Node timer that has fired, though the clock still shows the time before', async () => {
      const now = jest.spyOn(performance, 'now').mockReturnValue(100);
      const fired: string[] = [];
      const timer = new SystemClock().createTimer(() => {
        if (fired.push('fired') > 1) return;
        timer.schedule(5);
        setImmediate(() => fired.push('turn'));
      });
      timer.schedule(5);
      await sleep(40);
      now.mockRestore();
      expect(fired).toEqual(['fired', 'turn', 'fired']);
    });

    it('are cancelled for good, also where their Node timer could not be cleared', async () => {
      const clock = new SystemClock();
      const fired: string[] = [];
      const cancelled = clock.createTimer(() => fired.push('cancelled'));
      cancelled.schedule(5);
      const clear = jest.spyOn(globalThis, 'clearTimeout').mockReturnValue(undefined);
      cancelled.cancel();
      clear.mockRestore();
      clock.createTimer(() => fired.push('another')).schedule(10);
      await sleep(40);
      expect(fired).toEqual(['another']);
    });

    it('share nothing while timers are faked, for those may be dropped', () => {
      const clock = new SystemClock();
      const [dropped, kept] = [jest.fn(), jest.fn()];
      jest.useFakeTimers();
      clock.createTimer(dropped).schedule(1000);
      jest.clearAllTimers();
      clock.createTimer(kept).schedule(1000);
      jest.advanceTimersByTime(1000);
      jest.useRealTimers();
      expect(dropped).not.toHaveBeenCalled();
      expect(kept).toHaveBeenCalledTimes(1);
    });
  });

  describe('after a standstill', () => {
    afterEach(() => {
      jest.restoreAllMocks();
      jest.useRealTimers();
    });

    let nowMs: number;
    let read: jest.SpiedFunction<typeof performance.now>;

    beforeEach(() => {
      nowMs = 100;
      read = jest.spyOn(performance, 'now').mockImplementation(() => nowMs);
    });

    /**
     * Has timers fire that are all late, and tells how many fired between one Node timer, set for the next turn of the
     * event loop, and another, and how many turns there were in fact.
     */
    async function fireLate(
      delaysMs: readonly number[],
      onFire: (i: number) => unknown,
      clock = new SystemClock(),
    ): Promise<{ stretches: number[]; turns: number }> {
      const stretches = [0];
      let fired = 0;
      delaysMs.forEach((delayMs, i) => {
        const timer = clock.createTimer(() => {
          fired++;
          stretches.push((stretches.pop() ?? NaN) + 1);
          onFire(i);
        });
        timer.schedule(delayMs);
      });
      block(30);
      const hook = createHook({
        init: (_, type) => {
          if (type === 'Timeout') stretches.push(0);
        },
      }).enable();
      let turns = 0;
      for (let waits = 0; fired < delaysMs.length && waits < 100_000; waits++) {
        const before = fired;
        await turn();
        if (fired > before) turns++;
      }
      hook.disable();
      // None fires where that Node timer comes too soon: in the same turn still.
      return { stretches: stretches.filter((count) => count > 0), turns };
    }

    it('gives the event loop a turn after 5 ms, and looks whether they are over at every timer', async () => {
      const delaysMs = Array.from({ length: 1200 }, () => 5);
      const { stretches, turns } = await fireLate(delaysMs, (i) => {
        if (i >= 1170) nowMs += 0.75;
      });
      expect(stretches).toEqual([1177, 7, 7, 7, 2]);
      expect(turns).toBe(5);
    });

    it('reads the time once for each timer, and tells it', async () => {
      const clock = new SystemClock();
      const toldMs: unknown[] = [];
      for (let i = 0; i < 4; i++) {
        const timer = clock.createTimer((...told) => {
          toldMs.push(...told);
          nowMs += i;
        });
        timer.schedule(5);
      }
      block(30);
      read.mockClear();
      await sleep(20);
      expect(toldMs).toEqual([100, 100, 101, 103]);
      expect(read).toHaveBeenCalledTimes(4);
    });

    it('fires at least one in a turn, though the clock moves by 5 ms whenever it is read', async () => {
      read.mockImplementation(() => (nowMs += 5));
      const { stretches } = await fireLate([5, 5, 5], () => undefined);
      expect(stretches).toEqual([1, 1, 1]);
    });

    it('counts the time of all Node timers that are due in one turn', async () => {
      const { stretches, turns } = await fireLate([1, 2, 3, 4, 5, 6, 7], () => nowMs++);
      expect(stretches).toEqual([5, 2]);
      expect(turns).toBe(2);
    });

    it('counts the time of each turn alone', async () => {
      const clock = new SystemClock();
      for (let i = 0; i < 3; i++) {
        const { stretches } = await fireLate([1, 2, 3], () => nowMs++, clock);
        expect(stretches).toEqual([3]);
      }
    });

    it.each([
      ['at once', (cancel: () => void): void => cancel()],
      ['a turn later', (cancel: () => void): unknown => setImmediate(cancel)],
    ])('fires the rest in order, where some of them are cancelled %s', async (_, run) => {
      const clock = new SystemClock();
      const cancelled = [10, 15, 19, 20, 39];
      const fired: number[] = [];
      const timers = Array.from({ length: 40 }, (_, i) =>
        clock.createTimer(() => {
          fired.push(i);
          if (i !== 9) return;
          nowMs += 5;
          run(() => cancelled.forEach((each) => timers[each]?.cancel()));
        }),
      );
      timers.forEach((timer, i) => timer.schedule(i < 20 ? 5 : i < 39 ? 6 : 7));
      block(30);
      await sleep(60);
      expect(fired).toEqual([...timers.keys()].filter((i) => !cancelled.includes(i)));
    });

    it('waits for one turn alone, where all that waited for it are cancelled and others come', async () => {
      const clock = new SystemClock();
      const waiting = Array.from({ length: 12 }, (_, i) =>
        clock.createTimer(() => {
          if (i === 0) nowMs += 5;
        }),
      );
      for (const timer of waiting) timer.schedule(5);
      setTimeout(() => waiting.forEach((timer) => timer.cancel()), 6);
      const fired = jest.fn();
      for (const delayMs of [7, 8, 9]) clock.createTimer(fired).schedule(delayMs);
      const delaysMs: number[] = [];
      const hook = createHook({
        init: (_, type, __, resource) => {
          if (type === 'Timeout') delaysMs.push((resource as { _idleTimeout: number })._idleTimeout);
        },
      });
      block(30);
      hook.enable();
      for (let waits = 0; fired.mock.calls.length < 3 && waits < 100_000; waits++) await turn();
      hook.disable();
      expect(fired).toHaveBeenCalledTimes(3);
      expect(delaysMs.filter((delayMs) => delayMs === 1)).toHaveLength(1);
    });

    it('tells what the clock shows, though time was faked meanwhile', async () => {
      nowMs = -1e6;
      const clock = new SystemClock();
      const toldMs: unknown[] = [];
      for (let i = 0; i < 2; i++) clock.createTimer((...told) => toldMs.push(...told)).schedule(5);
      block(30);
      jest.useFakeTimers({ doNotFake: ['setImmediate'] });
      await turn();
      expect(clock.now()).toBeGreaterThan(nowMs);
      expect(toldMs).toEqual([clock.now(), clock.now()]);
    });

    it('goes on by itself, though timers are faked meanwhile', async () => {
      const delaysMs = Array.from({ length: 12 }, () => 5);
      const { stretches } = await fireLate(delaysMs, (i) => {
        if (i > 0) return;
        nowMs += 5;
        jest.useFakeTimers({ doNotFake: ['performance', 'queueMicrotask', 'setImmediate'] });
        queueMicrotask(() => jest.useRealTimers());
      });
      expect(stretches).toEqual([1, 11]);
    });
  });
});
