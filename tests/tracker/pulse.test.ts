import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { resolveOptions } from '../../src/tracker/options.js';
import { Pulse } from '../../src/tracker/pulse.js';

const RESTART = resolveOptions({ intervalMs: 100, idleAfterMs: 300 });
const STEADY = resolveOptions({ intervalMs: 100, idleAfterMs: 300, cadence: 'steady' });

describe('Pulse', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  describe('stopped', () => {
    it('has nothing due', () => {
      const pulse = new Pulse(RESTART);
      expect([pulse.isBeating(), pulse.dueAtMs]).toEqual([false, Infinity]);
      expect(pulse.takeBeat(1e9)).toBeUndefined();
      expect(pulse.takeIdle(1e9)).toBe(false);
    });
  });

  describe('beating', () => {
    it('is due one interval after the start, and a second start changes nothing', () => {
      const pulse = new Pulse(RESTART);
      pulse.start(10);
      pulse.start(50);
      expect([pulse.isBeating(), pulse.dueAtMs]).toEqual([true, 110]);
      expect(pulse.takeIdle(1e9)).toBe(false);
    });

    it('does not take a beat early', () => {
      const pulse = new Pulse(RESTART);
      pulse.start(0);
      expect(pulse.takeBeat(99.999)).toBeUndefined();
      expect(pulse.dueAtMs).toBe(100);
    });

    it.each([
      [100, 0, 200],
      [100.5, 0.5, 200],
      [199.9, 99.9, 200],
      [200, 100, 300],
      [201, 101, 300],
      [1050, 950, 1100],
    ])('keeps phase: the beat at %p is %p late and followed by one at %p', (nowMs, lateMs, nextMs) => {
      const pulse = new Pulse(RESTART);
      pulse.start(0);
      expect(pulse.takeBeat(nowMs)).toBeCloseTo(lateMs, 9);
      expect(pulse.dueAtMs).toBe(nextMs);
    });

    it('draws nothing without jitter', () => {
      const random = jest.spyOn(Math, 'random');
      new Pulse(RESTART).start(0);
      expect(random).not.toHaveBeenCalled();
    });

    it('draws the first beat of a run from the share that jitter gives', () => {
      const pulse = new Pulse({ ...RESTART, jitter: 0.5 });
      jest.spyOn(Math, 'random').mockReturnValue(0.5);
      pulse.start(0);
      expect(pulse.dueAtMs).toBe(75);
      pulse.takeBeat(75);
      expect(pulse.dueAtMs).toBe(175);
    });
  });

  describe('paused', () => {
    it('waits for the idle event from the time of the pause', () => {
      const pulse = new Pulse(RESTART);
      pulse.start(0);
      pulse.pause(40);
      expect([pulse.isBeating(), pulse.dueAtMs]).toEqual([false, 340]);
      expect(pulse.takeBeat(339)).toBeUndefined();
    });

    it('takes the idle event once, and not early', () => {
      const pulse = new Pulse(RESTART);
      pulse.start(0);
      pulse.pause(0);
      expect(pulse.takeIdle(299.999)).toBe(false);
      expect(pulse.takeIdle(300)).toBe(true);
      expect(pulse.takeIdle(1e9)).toBe(false);
      expect(pulse.dueAtMs).toBe(Infinity);
    });

    it('restart forgets the rhythm', () => {
      const pulse = new Pulse(RESTART);
      pulse.start(0);
      pulse.pause(40);
      pulse.start(60);
      expect(pulse.dueAtMs).toBe(160);
      expect(pulse.takeIdle(1e9)).toBe(false);
    });

    it.each([60, 100, 250])('steady keeps it for work that resumes at %p', (nowMs) => {
      const pulse = new Pulse(STEADY);
      pulse.start(0);
      pulse.pause(40);
      pulse.start(nowMs);
      expect(pulse.dueAtMs).toBe(100);
    });

    it('steady ends it with the idle event', () => {
      const pulse = new Pulse(STEADY);
      pulse.start(0);
      pulse.pause(40);
      expect(pulse.takeIdle(340)).toBe(true);
      pulse.start(350);
      expect(pulse.dueAtMs).toBe(450);
    });
  });

  describe('halted', () => {
    it.each(['beating', 'paused'])('keeps nothing of what was %s', (state) => {
      const pulse = new Pulse(STEADY);
      pulse.start(0);
      if (state === 'paused') pulse.pause(40);
      pulse.halt();
      expect([pulse.isBeating(), pulse.dueAtMs]).toEqual([false, Infinity]);
      pulse.start(50);
      expect(pulse.dueAtMs).toBe(150);
    });
  });
});
