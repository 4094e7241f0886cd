import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Activity, SessionActivityTracker, StaticKeepaliveGate, type TrackerOptions } from '../../src/index.js';
import { ManualCleanupRegistry } from '../../src/testing/index.js';
import { type Misbehaviour, MisbehavingClock, type Reading } from '../support/misbehaving-clock.js';

const INTERVAL_MS = 30_000;
/** A timer that was armed so recently is not armed anew, although a reading of the clock may have been stale then. */
const RECENT_MS = 1000;
const EARLY_MS = 1;
const ROUNDING_MS = 0.001;

type Step = { readonly advanceMs: number } | 'start' | 'stop' | 'snapshot' | 'sendSignal';

/** A tracker on a clock that misbehaves, with a record of its beats. */
class Session {
  readonly clock: MisbehavingClock;
  readonly tracker: SessionActivityTracker;
  readonly events: string[] = [];
  readonly #activities: Activity[] = [];
  #silentSinceMs = 0;
  #lastBeatMs = -Infinity;
  #longestSilenceMs = 0;
  #shortestGapMs = Infinity;

  constructor(misbehaviour: Misbehaviour, options: TrackerOptions = {}) {
    this.clock = new MisbehavingClock(misbehaviour);
    const diagnostics = { log: (_: string, event: string) => this.#onEvent(event) };
    const [gate, cleanup] = [new StaticKeepaliveGate(true), new ManualCleanupRegistry()];
    this.tracker = new SessionActivityTracker(this.clock, diagnostics, gate, cleanup, options);
    this.register();
  }

  /** The longest time without a beat while something ran. */
  get longestSilenceMs(): number {
    return Math.max(this.#longestSilenceMs, this.#silenceMs);
  }

  /** The shortest time between two beats of one busy period. */
  get shortestGapMs(): number {
    return this.#shortestGapMs;
  }

  get running(): number {
    return this.#activities.length;
  }

  take(step: Step): void {
    if (step === 'start') this.start();
    else if (step === 'stop') this.stop();
    else if (step === 'snapshot') this.tracker.snapshot();
    else if (step === 'sendSignal') this.tracker.sendSignal();
    else this.clock.advance(step.advanceMs);
  }

  register(): void {
    this.tracker.registerCallback(() => undefined);
  }

  start(): void {
    if (this.running === 0) {
      this.#silentSinceMs = this.clock.timeMs;
      this.#lastBeatMs = -Infinity;
    }
    this.#activities.push(this.tracker.start('tool_exec'));
  }

  stop(): void {
    this.#longestSilenceMs = this.longestSilenceMs;
    this.#activities.shift()?.stop();
  }

  stopAll(): void {
    while (this.running > 0) this.stop();
  }

  /** Measures from now on. */
  forget(): void {
    this.#silentSinceMs = this.clock.timeMs;
    this.#longestSilenceMs = 0;
    this.#shortestGapMs = Infinity;
  }

  get #silenceMs(): number {
    return this.running > 0 ? this.clock.timeMs - this.#silentSinceMs : 0;
  }

  #onEvent(event: string): void {
    this.events.push(event);
    if (event !== 'session_keepalive_heartbeat') return;
    const { timeMs } = this.clock;
    this.#longestSilenceMs = this.longestSilenceMs;
    this.#shortestGapMs = Math.min(this.#shortestGapMs, timeMs - this.#lastBeatMs);
    this.#silentSinceMs = this.#lastBeatMs = timeMs;
  }
}

const early = fc.array(fc.double({ min: 0, max: EARLY_MS, noNaN: true }), { minLength: 1, maxLength: 5 });

function misbehaviours(...bad: Reading[]): fc.Arbitrary<Misbehaviour> {
  const readings = fc.array(fc.constantFrom<Reading>('right', ...bad), { minLength: 1, maxLength: 20 });
  return fc.record({ readings, earlyMs: early });
}

function always(reading: Reading): fc.Arbitrary<Misbehaviour> {
  return fc.record({ readings: fc.constant([reading]), earlyMs: early });
}

const steps = fc.array(
  fc.oneof(
    fc.constantFrom<Step>('start', 'start', 'stop', 'snapshot', 'sendSignal'),
    fc.record({ advanceMs: fc.constantFrom(0, 1, 500, 999, 5000, 12_345, 29_999, 30_000, 30_001, 100_000) }),
  ),
  { maxLength: 60 },
);

const trackerOptions = fc.record({
  cadence: fc.constantFrom('restart' as const, 'steady' as const),
  idleAfterMs: fc.constantFrom(500, 10_000, INTERVAL_MS, 100_000),
  jitter: fc.constantFrom(0, 0.5),
});

describe('SessionActivityTracker', () => {
  describe('with a clock that misbehaves', () => {
    it.each([
      ['throws', misbehaviours('throws')],
      ['gives no finite number', misbehaviours(NaN, Infinity, -Infinity)],
      ['goes back', misbehaviours(-1_000_000, 0)],
      ['repeats old readings', misbehaviours('stale')],
      ['does all of that', misbehaviours('throws', 'stale', NaN, Infinity, 0)],
    ])('keeps beating when it now and then %s', (_, misbehaviour) => {
      const property = fc.property(misbehaviour, trackerOptions, steps, (clock, options, taken) => {
        const session = new Session(clock, options);
        for (const step of taken) {
          session.take(step);
          expect(session.tracker.snapshot().refcount).toBe(session.running);
          expect(session.longestSilenceMs).toBeLessThanOrEqual(INTERVAL_MS + RECENT_MS);
        }
      });
      fc.assert(property, { numRuns: 200 });
    });

    it.each([
      ['stands still', always(0)],
      ['always throws', always('throws')],
      ['always gives NaN', always(NaN)],
      ['only fires early', always('right')],
    ])('beats one interval apart when it %s', (_, misbehaviour) => {
      const property = fc.property(misbehaviour, trackerOptions, steps, (clock, options, taken) => {
        const session = new Session(clock, options);
        for (const step of taken) session.take(step);
        session.stopAll();
        session.forget();
        session.start();
        session.clock.advance(20 * INTERVAL_MS);
        expect(session.longestSilenceMs).toBeLessThanOrEqual(INTERVAL_MS + ROUNDING_MS);
        const shortestMs = (1 - options.jitter) * INTERVAL_MS - EARLY_MS;
        expect(session.shortestGapMs).toBeGreaterThanOrEqual(shortestMs - ROUNDING_MS);
      });
      fc.assert(property, { numRuns: 200 });
    });

    it('logs the idle event once, and then leaves no timer', () => {
      const property = fc.property(misbehaviours('throws', 'stale', NaN, 0), trackerOptions, steps, (...given) => {
        const [clock, options, taken] = given;
        const session = new Session(clock, options);
        for (const step of ['start' as const, ...taken, 'start' as const]) session.take(step);
        session.stopAll();
        session.events.length = 0;
        session.clock.advance(20 * INTERVAL_MS);
        expect(session.events).toEqual([expect.stringMatching(/^session_idle_/)]);
        expect(session.clock.pendingTimers).toBe(0);
      });
      fc.assert(property, { numRuns: 200 });
    });

    it('leaves no timer after dispose', () => {
      const property = fc.property(misbehaviours('throws', 'stale', NaN, 0), trackerOptions, steps, (...given) => {
        const [clock, options, taken] = given;
        const session = new Session(clock, options);
        for (const step of taken) session.take(step);
        session.tracker.dispose();
        session.start();
        expect(session.clock.pendingTimers).toBe(0);
      });
      fc.assert(property, { numRuns: 200 });
    });
  });

  describe('with timers that fail', () => {
    it('sends heartbeats again once work resumes after its timer was lost', () => {
      const property = fc.property(misbehaviours(), trackerOptions, steps, (clock, options, taken) => {
        const session = new Session(clock, options);
        for (const step of taken) session.take(step);
        session.stopAll();
        session.clock.loseTimers();
        session.clock.advance(RECENT_MS + 1);
        session.forget();
        session.start();
        session.clock.advance(10 * INTERVAL_MS);
        expect(session.longestSilenceMs).toBeLessThanOrEqual(INTERVAL_MS + ROUNDING_MS);
      });
      fc.assert(property, { numRuns: 200 });
    });

    it.each<[string, (session: Session) => void]>([
      ['start', (session) => session.start()],
      ['stop', (session) => session.stop()],
      ['registration', (session) => session.register()],
    ])('never throws while no timer can be armed, and tries again at the next %s', (_, tryAgain) => {
      const property = fc.property(misbehaviours('throws'), trackerOptions, steps, (clock, options, taken) => {
        const session = new Session(clock, options);
        session.clock.canSchedule = false;
        for (const step of ['start' as const, 'start' as const, ...taken]) session.take(step);
        session.start();
        session.start();
        session.clock.canSchedule = true;
        tryAgain(session);
        session.forget();
        session.clock.advance(10 * INTERVAL_MS);
        expect(session.longestSilenceMs).toBeLessThanOrEqual(INTERVAL_MS + ROUNDING_MS);
        expect(session.tracker.snapshot().refcount).toBe(session.running);
      });
      fc.assert(property, { numRuns: 200 });
    });
  });
});
