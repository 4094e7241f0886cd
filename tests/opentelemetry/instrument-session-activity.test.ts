import { describe, expect, it, jest } from '@jest/globals';
import { createNoopMeter } from '@opentelemetry/api';
import { DataPointType } from '@opentelemetry/sdk-metrics';
import { NOT_SENT } from '../../src/index.js';
import { instrumentSessionActivity } from '../../src/opentelemetry/index.js';
import { createMeteredHub } from './metered-hub.js';

const SESSIONS = 'session_activity.session.count';
const OVERDUE = 'session_activity.activity.overdue';
const OLDEST_AGE = 'session_activity.busy_period.oldest_age';
const KEEPALIVES = 'session_activity.keepalives';
const LATE = 'session_activity.late_heartbeats';

/** The points of the keep-alives with these counts. */
function outcomes(sent: number, failed = 0, skipped = 0, withheld = 0, unsent = 0): unknown {
  return Object.entries({ sent, failed, skipped, withheld, unsent }).map(([outcome, count]) => [
    { 'session_activity.keepalive.outcome': outcome },
    count,
  ]);
}

describe('instrumentSessionActivity', () => {
  describe('instruments', () => {
    it('have a name, a kind, a unit and a description each', async () => {
      await using metered = createMeteredHub();
      instrumentSessionActivity(metered.hub, metered.meter);
      metered.addSession('one').tracker.start('api_call');
      const metrics = await metered.collect();
      const described = metrics.map(({ descriptor: { name, unit, description }, ...metric }) => ({
        name,
        unit,
        description,
        kind: metric.dataPointType === DataPointType.SUM ? { isMonotonic: metric.isMonotonic } : 'gauge',
      }));
      expect(described).toEqual([
        {
          name: SESSIONS,
          unit: '{session}',
          description: 'Number of sessions by state.',
          kind: { isMonotonic: false },
        },
        {
          name: 'session_activity.activity.count',
          unit: '{activity}',
          description: 'Number of running activities by reason.',
          kind: { isMonotonic: false },
        },
        {
          name: OVERDUE,
          unit: '{activity}',
          description: 'Number of running activities that are overdue.',
          kind: { isMonotonic: false },
        },
        {
          name: OLDEST_AGE,
          unit: 's',
          description: 'Age of the oldest busy period of a session, 0 when no session is busy.',
          kind: 'gauge',
        },
        {
          name: KEEPALIVES,
          unit: '{keepalive}',
          description: 'Number of keep-alives by outcome.',
          kind: { isMonotonic: true },
        },
        {
          name: LATE,
          unit: '{heartbeat}',
          description: 'Number of heartbeats that came late by a tenth of their interval or more.',
          kind: { isMonotonic: true },
        },
      ]);
    });

    it('report zeros for a hub without sessions', async () => {
      await using metered = createMeteredHub();
      instrumentSessionActivity(metered.hub, metered.meter);
      expect(await metered.pointsOf(SESSIONS)).toEqual([
        [{ 'session_activity.session.state': 'busy' }, 0],
        [{ 'session_activity.session.state': 'idle' }, 0],
      ]);
      expect(await metered.pointsOf(OVERDUE)).toEqual([[{}, 0]]);
      expect(await metered.pointsOf(OLDEST_AGE)).toEqual([[{}, 0]]);
      expect(await metered.pointsOf(KEEPALIVES)).toEqual(outcomes(0));
      expect(await metered.pointsOf(LATE)).toEqual([[{}, 0]]);
    });

    it('have no session id as an attribute', async () => {
      await using metered = createMeteredHub();
      instrumentSessionActivity(metered.hub, metered.meter);
      metered.addSession('a very secret id').tracker.start('api_call');
      expect(JSON.stringify(await metered.collect())).not.toContain('secret');
    });
  });

  describe('sessions', () => {
    it('are counted as busy or idle', async () => {
      await using metered = createMeteredHub();
      instrumentSessionActivity(metered.hub, metered.meter);
      const [one] = [metered.addSession('one'), metered.addSession('two'), metered.addSession('three')];
      const activity = one.tracker.start('api_call');
      expect(await metered.pointsOf(SESSIONS)).toEqual([
        [{ 'session_activity.session.state': 'busy' }, 1],
        [{ 'session_activity.session.state': 'idle' }, 2],
      ]);
      activity.stop();
      expect(await metered.pointsOf(SESSIONS)).toEqual([
        [{ 'session_activity.session.state': 'busy' }, 0],
        [{ 'session_activity.session.state': 'idle' }, 3],
      ]);
    });
  });

  describe('overdue activities', () => {
    it('are counted over all sessions, and no longer once they stop or show progress', async () => {
      await using metered = createMeteredHub();
      instrumentSessionActivity(metered.hub, metered.meter);
      const one = metered.addSession('one', { maxActivityMs: 1000 });
      const two = metered.addSession('two', { maxSilenceMs: 1000 });
      metered.addSession('three').tracker.start('api_call');
      const activities = [one.tracker.start('api_call'), one.tracker.start('tool_exec')];
      const silent = two.tracker.start('api_call');
      silent.touch();
      for (const { clock } of [one, two]) clock.advance(1001);
      one.tracker.start('api_call');
      expect(await metered.pointsOf(OVERDUE)).toEqual([[{}, 3]]);
      silent.touch();
      expect(await metered.pointsOf(OVERDUE)).toEqual([[{}, 2]]);
      for (const activity of activities) activity.stop();
      expect(await metered.pointsOf(OVERDUE)).toEqual([[{}, 0]]);
    });
  });

  describe('the oldest busy period', () => {
    it('is reported in seconds, and as 0 when no session is busy', async () => {
      await using metered = createMeteredHub();
      instrumentSessionActivity(metered.hub, metered.meter);
      const [one, two] = [metered.addSession('one'), metered.addSession('two')];
      one.tracker.start('api_call');
      two.tracker.start('api_call');
      one.clock.advance(1250);
      two.clock.advance(61_500);
      expect(await metered.pointsOf(OLDEST_AGE)).toEqual([[{}, 61.5]]);
      two.tracker.stop('api_call');
      expect(await metered.pointsOf(OLDEST_AGE)).toEqual([[{}, 1.25]]);
      one.remove();
      expect(await metered.pointsOf(OLDEST_AGE)).toEqual([[{}, 0]]);
    });
  });

  describe('counters', () => {
    it('count keep-alives by outcome over all sessions', async () => {
      await using metered = createMeteredHub();
      instrumentSessionActivity(metered.hub, metered.meter);
      const [one, two] = [metered.addSession('one'), metered.addSession('two')];
      one.tracker.registerCallback(() => undefined);
      one.tracker.sendSignal();
      one.gate.close();
      one.tracker.sendSignal();
      two.tracker.registerCallback(() => {
        throw new Error('down');
      });
      two.tracker.sendSignal();
      two.tracker.registerCallback(() => NOT_SENT);
      for (let i = 0; i < 3; i++) two.tracker.sendSignal();
      two.tracker.registerCallback(() => new Promise(() => undefined));
      two.tracker.sendSignal();
      two.tracker.sendSignal();
      two.tracker.sendSignal();
      expect(await metered.pointsOf(KEEPALIVES)).toEqual(outcomes(1, 1, 2, 1, 3));
    });

    it('keep their values when sessions end and when ids are used again', async () => {
      await using metered = createMeteredHub();
      instrumentSessionActivity(metered.hub, metered.meter);
      const readings: unknown[] = [];
      for (const count of [1, 2, 3]) {
        const { tracker, clock, remove } = metered.addSession('one', { intervalMs: 1000 });
        tracker.registerCallback(() => undefined);
        tracker.start('api_call');
        clock.stall(1100);
        clock.advance(0);
        readings.push(await metered.pointsOf(KEEPALIVES), await metered.pointsOf(LATE));
        remove();
        tracker.dispose();
        readings.push(await metered.pointsOf(KEEPALIVES), await metered.pointsOf(LATE));
        const reading = [outcomes(count), [[{}, count]]];
        expect(readings.splice(0)).toEqual([...reading, ...reading]);
      }
    });
  });

  describe('a collection', () => {
    it('reads the sessions and the totals once, and nothing reads them in between', async () => {
      await using metered = createMeteredHub();
      const sessions = jest.spyOn(metered.hub, 'sessions');
      const totals = jest.spyOn(metered.hub, 'totals');
      instrumentSessionActivity(metered.hub, metered.meter);
      metered.addSession('one').tracker.start('api_call');
      expect([sessions, totals].map(({ mock }) => mock.calls.length)).toEqual([0, 0]);
      await metered.collect();
      await metered.collect();
      expect([sessions, totals].map(({ mock }) => mock.calls.length)).toEqual([2, 2]);
    });
  });

  describe('the function that stops it', () => {
    it('stops reading the hub, while the SDK keeps the last values', async () => {
      await using metered = createMeteredHub();
      const sessions = jest.spyOn(metered.hub, 'sessions');
      const stop = instrumentSessionActivity(metered.hub, metered.meter);
      const last = await metered.pointsOf(SESSIONS);
      stop();
      metered.addSession('one');
      expect(await metered.pointsOf(SESSIONS)).toEqual(last);
      expect(sessions).toHaveBeenCalledTimes(1);
    });

    it('stops only its own instruments, once', async () => {
      await using metered = createMeteredHub();
      const stop = instrumentSessionActivity(metered.hub, metered.meter);
      stop();
      const stopSecond = instrumentSessionActivity(metered.hub, metered.meter);
      stop();
      metered.addSession('one');
      const idle = { 'session_activity.session.state': 'idle' };
      expect(await metered.pointsOf(SESSIONS)).toContainEqual([idle, 1]);
      stopSecond();
      stopSecond();
      metered.addSession('two');
      expect(await metered.pointsOf(SESSIONS)).toContainEqual([idle, 1]);
    });

    it('works with a meter that does nothing', async () => {
      await using metered = createMeteredHub();
      const stop = instrumentSessionActivity(metered.hub, createNoopMeter());
      expect(stop).not.toThrow();
    });
  });
});
