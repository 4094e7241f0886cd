import { describe, expect, it } from '@jest/globals';
import type { Clock } from '../../src/index.js';

/** A clock under test, and how to let at least that many of its milliseconds pass. */
export interface ClockUnderTest {
  readonly clock: Clock;
  readonly elapse: (ms: number) => Promise<void>;
}

/** Node's timers may fire this much early against the clock that they are read with. */
const EARLY_MS = 1;

/** What the `Clock` port promises, whatever is behind it. Waits are short, for some clocks are real. */
export function describeClockContract(name: string, create: () => ClockUnderTest): void {
  describe(`${name} as a Clock`, () => {
    /** A timer that records when it fired. */
    function recorded({ clock }: ClockUnderTest): { timer: ReturnType<Clock['createTimer']>; firedAtMs: number[] } {
      const firedAtMs: number[] = [];
      const timer = clock.createTimer(() => {
        firedAtMs.push(clock.now());
      });
      return { timer, firedAtMs };
    }

    describe('now', () => {
      it('is a finite number that never goes back', () => {
        const { clock } = create();
        const readings = Array.from({ length: 100 }, () => clock.now());
        expect(readings.every(Number.isFinite)).toBe(true);
        expect(readings).toEqual([...readings].sort((a, b) => a - b));
      });

      it('counts milliseconds', async () => {
        const { clock, elapse } = create();
        const beforeMs = clock.now();
        await elapse(20);
        expect(clock.now() - beforeMs).toBeGreaterThanOrEqual(20 - EARLY_MS);
      });
    });

    describe('a timer', () => {
      it('needs a callback', () => {
        const { clock } = create();
        expect(() => clock.createTimer(5 as never)).toThrow('Expected `callback` to be a function, got `5` (number)');
      });

      it('is not scheduled by its creation', async () => {
        const subject = create();
        const { firedAtMs } = recorded(subject);
        await subject.elapse(10);
        expect(firedAtMs).toEqual([]);
      });

      it('fires once, and not before its delay is over', async () => {
        const subject = create();
        const { timer, firedAtMs } = recorded(subject);
        const dueAtMs = subject.clock.now() + 10;
        timer.schedule(10);
        await subject.elapse(40);
        expect(firedAtMs).toHaveLength(1);
        expect(firedAtMs[0]).toBeGreaterThanOrEqual(dueAtMs - EARLY_MS);
      });

      it('calls back without arguments', async () => {
        const { clock, elapse } = create();
        const calls: unknown[][] = [];
        clock.createTimer((...args: unknown[]) => calls.push(args)).schedule(1);
        await elapse(10);
        expect(calls).toEqual([[]]);
      });

      it('never fires synchronously, even for 0', async () => {
        const subject = create();
        const { timer, firedAtMs } = recorded(subject);
        timer.schedule(0);
        expect(firedAtMs).toEqual([]);
        await subject.elapse(10);
        expect(firedAtMs).toHaveLength(1);
      });

      it.each([
        ['later', 5, 40],
        ['earlier', 200, 10],
      ])('fires only as scheduled last, when that is %s', async (_, firstMs, lastMs) => {
        const subject = create();
        const { timer, firedAtMs } = recorded(subject);
        const startMs = subject.clock.now();
        timer.schedule(firstMs);
        timer.schedule(lastMs);
        await subject.elapse(firstMs + lastMs);
        expect(firedAtMs).toHaveLength(1);
        expect(firedAtMs[0]).toBeGreaterThanOrEqual(startMs + lastMs - EARLY_MS);
      });

      it('does not fire once it is cancelled', async () => {
        const subject = create();
        const { timer, firedAtMs } = recorded(subject);
        timer.schedule(5);
        timer.cancel();
        await subject.elapse(20);
        expect(firedAtMs).toEqual([]);
      });

      it('may be cancelled when nothing is scheduled: before, after firing and twice', async () => {
        const subject = create();
        const { timer, firedAtMs } = recorded(subject);
        timer.cancel();
        timer.schedule(1);
        await subject.elapse(10);
        timer.cancel();
        timer.cancel();
        expect(firedAtMs).toHaveLength(1);
      });

      it('can be scheduled again after a cancel and after it fired', async () => {
        const subject = create();
        const { timer, firedAtMs } = recorded(subject);
        timer.schedule(1);
        timer.cancel();
        timer.schedule(1);
        await subject.elapse(10);
        expect(firedAtMs).toHaveLength(1);
        timer.schedule(1);
        await subject.elapse(10);
        expect(firedAtMs).toHaveLength(2);
      });

      it('can be scheduled again from inside its callback, which never nests', async () => {
        const { clock, elapse } = create();
        let depth = 0;
        let deepest = 0;
        let calls = 0;
        const timer = clock.createTimer(() => {
          deepest = Math.max(deepest, ++depth);
          if (++calls < 3) timer.schedule(0);
          depth--;
        });
        timer.schedule(0);
        await elapse(30);
        expect({ calls, deepest }).toEqual({ calls: 3, deepest: 1 });
      });

      it('can be cancelled from inside the callback of another that is due before it', async () => {
        const subject = create();
        const { timer, firedAtMs } = recorded(subject);
        const earlier = subject.clock.createTimer(() => {
          timer.cancel();
        });
        timer.schedule(40);
        earlier.schedule(1);
        await subject.elapse(60);
        expect(firedAtMs).toEqual([]);
      });

      it('is independent of the other timers of its clock, which fire in order of time', async () => {
        const { clock, elapse } = create();
        const fired: string[] = [];
        const late = clock.createTimer(() => fired.push('late'));
        const early = clock.createTimer(() => fired.push('early'));
        late.schedule(30);
        early.schedule(5);
        await elapse(50);
        expect(fired).toEqual(['early', 'late']);
      });
    });
  });
}
