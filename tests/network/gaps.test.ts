import { describe, expect, it } from '@jest/globals';
import { HEARTBEAT, LATE } from '../support/observed-tracker.js';
import { stoodStillMs } from '../support/witness.js';
import { gapsIn } from './gaps.js';
import type { Entry } from './host.js';

const started = (atMs: number): Entry => ({ atMs, what: 'started' });
const registered = (atMs: number, transport: number): Entry => ({ atMs, what: 'registered', transport });
const beat = (atMs: number): Entry => ({ atMs, what: HEARTBEAT });
const sent = (atMs: number, transport: number): Entry => ({ atMs, what: 'sent', transport });
const beatOver = (transport: number, atMs: number): Entry[] => [beat(atMs), sent(atMs, transport)];

/** Of a session that beats every 50 ms and waits 20 ms for an answer, seen by a witness with these ticks. */
function gapsOf(timeline: Entry[], ticks: number[] = []): string[] {
  const witness = { stoodStillMs: (fromMs: number, toMs: number) => stoodStillMs(ticks, fromMs, toMs) };
  return gapsIn(timeline, { intervalMs: 50, sendTimeoutMs: 20 }, witness);
}

describe('gapsIn', () => {
  describe('finds nothing', () => {
    it('where each beat comes within an interval of the start, the registration or the beat before', () => {
      const timeline = [registered(0, 0), started(100), ...beatOver(0, 150), registered(190, 1), ...beatOver(1, 200)];
      expect(gapsOf([...timeline, ...beatOver(1, 250)])).toEqual([]);
      expect(gapsOf([started(0), registered(100, 0), ...beatOver(0, 150)])).toEqual([]);
    });

    it('where a timer is late as timers are', () => {
      expect(gapsOf([registered(0, 0), started(0), ...beatOver(0, 58)])).toEqual([]);
    });
  });

  describe('says that a beat comes too late', () => {
    const timeline = [registered(0, 0), started(0), { atMs: 250, what: LATE, data: { late_ms: 200 } }];
    timeline.push(...beatOver(0, 250));

    it('whatever the tracker says itself', () => {
      expect(gapsOf(timeline)).toEqual(['the beat at 250 over 0 comes 200 ms too late']);
    });

    it('unless the witness saw the process stand still for as long after the beat was due', () => {
      expect(gapsOf(timeline, [30, 254])).toEqual([]);
      expect(gapsOf(timeline, [30, 150, 152, 250])).toEqual([]);
      expect(gapsOf(timeline, [0, 50, 250, 300])).toEqual([]);
    });

    it('less the time for which the process stood still', () => {
      const rest = ['the beat at 250 over 0 comes 50 ms too late'];
      expect(gapsOf(timeline, [0, 200])).toEqual(rest);
      expect(gapsOf(timeline, [100, 400])).toEqual(rest);
    });

    it('after the registration, the start and the beat before alike', () => {
      const late = (atMs: number): string[] => [`the beat at ${atMs} over 0 comes 9 ms too late`];
      expect(gapsOf([started(0), registered(100, 0), ...beatOver(0, 159)])).toEqual(late(159));
      expect(gapsOf([registered(0, 0), started(200), ...beatOver(0, 259)])).toEqual(late(259));
      expect(gapsOf([registered(0, 0), started(0), ...beatOver(0, 40), ...beatOver(0, 99)])).toEqual(late(99));
    });
  });

  describe('says that a keep-alive went over a transport that is not the last registered', () => {
    it('an old one', () => {
      const timeline = [registered(0, 0), registered(10, 1), started(10)];
      expect(gapsOf([...timeline, ...beatOver(0, 60)])).toEqual(['sent over 0, not over 1']);
    });
  });

  describe('says that nothing was sent', () => {
    const timeline = [registered(0, 0), started(0), ...beatOver(0, 50), sent(90, 0)];

    it('on a beat that no pending send held back', () => {
      expect(gapsOf([registered(0, 0), started(0), beat(50)])).toEqual(['nothing was sent at 50']);
      expect(gapsOf([registered(0, 0), started(0), ...beatOver(0, 50), beat(100)])).toEqual([
        'nothing was sent at 100',
      ]);
    });

    it('unless one before waits for its answer and is not overdue', () => {
      expect(gapsOf([...timeline, beat(100)])).toEqual([]);
    });

    it('once its transport was replaced', () => {
      expect(gapsOf([...timeline, registered(95, 1), beat(100)])).toEqual(['nothing was sent at 100']);
    });
  });
});
