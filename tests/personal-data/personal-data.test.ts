import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { ChannelDiagnosticsLogger, PinoDiagnosticsLogger } from '../../src/index.js';
import { RecordingDiagnosticsLogger } from '../../src/testing/index.js';
import { leadLeakySession, MANNERS } from './leaky-session.js';
import { SECRETS, THROWN } from './secrets.js';

const SESSIONS = MANNERS.flatMap((manner) =>
  Object.entries(THROWN).map(([what, thrown]): [string, string, () => unknown] => [manner, what, thrown]),
);

const REASON = /^(api_call|tool_exec)$/;
const COUNT = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0;

/** Every field there is, and what it may hold. `level` is pino's. */
const FIELDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  refcount: COUNT,
  failures: COUNT,
  late_ms: COUNT,
  late: COUNT,
  sent: COUNT,
  failed: COUNT,
  skipped: COUNT,
  withheld: COUNT,
  unsent: COUNT,
  took_ms: COUNT,
  interval_ms: COUNT,
  idle_after_ms: COUNT,
  silent_ms: COUNT,
  held_ms: COUNT,
  oldest_activity_ms: (value) => value === null || COUNT(value),
  active: (value) => Object.entries(value as object).every(([reason, count]) => REASON.test(reason) && COUNT(count)),
  reason: (value) => REASON.test(value as string),
  cadence: (value) => value === 'restart',
  trigger: (value) => value === 'heartbeat' || value === 'signal',
  cause: (value) => ['gate', 'overdue', 'pending', 'transport'].includes(value as string),
  outcome: (value) => value === 'error' || value === 'timeout',
  level: COUNT,
  error_code: (value) => value === null || (typeof value === 'string' && /^[A-Z][A-Z0-9_]{0,63}$/.test(value)),
};

const EVENTS = [
  'session_activity_at_shutdown',
  'session_activity_overdue',
  'session_activity_started',
  'session_activity_stopped',
  'session_activity_unmatched_stop',
  'session_idle_1s',
  'session_keepalive_failed',
  'session_keepalive_heartbeat',
  'session_keepalive_late',
  'session_keepalive_not_sent',
  'session_keepalive_recovered',
  'session_keepalive_sent',
  'session_keepalive_summary',
  'session_sender_registered',
  'session_sender_removed',
  'session_tracker_configured',
];

/** The secrets in what was written, in whatever case. */
function secretsIn(written: unknown): string[] {
  const text = JSON.stringify(written).toLowerCase();
  return SECRETS.filter((secret) => text.includes(secret.toLowerCase()));
}

/** The fields that are unknown, or hold what they may not. */
function oddFields(data: object): [PropertyKey, unknown][] {
  const fields = Reflect.ownKeys(data).map((name): [PropertyKey, unknown] => [name, Reflect.get(data, name)]);
  return fields.filter(([name, value]) => FIELDS[String(name)]?.(value) !== true);
}

/** What there is to say about events: which there are, and what they should not hold. */
function audit(events: readonly { event: string; data?: object }[]): object {
  return {
    names: [...new Set(events.map(({ event }) => event))].sort(),
    odd: events.flatMap(({ data = {} }) => oddFields(data)),
    secrets: secretsIn(events),
  };
}

const CLEAN = { names: EVENTS, odd: [], secrets: [] };

describe('diagnostic events', () => {
  describe('carry no personal data', () => {
    it.each(SESSIONS)('when everything foreign %s %s', async (manner, _, thrown) => {
      const logger = new RecordingDiagnosticsLogger();
      await leadLeakySession(logger, manner, thrown);
      expect(audit(logger.events)).toEqual(CLEAN);
    });

    it.each(MANNERS)('in the lines of pino, when everything foreign %s anything', async (manner) => {
      const lines: string[] = [];
      const stream = new Writable({
        write: (chunk: Buffer, _, done) => {
          lines.push(chunk.toString());
          done();
        },
      });
      const options = { level: 'trace', base: null, timestamp: false };
      const logger = new PinoDiagnosticsLogger(pino(options, stream));
      for (const thrown of Object.values(THROWN)) await leadLeakySession(logger, manner, thrown);
      const events = lines.map((line) => {
        const { msg, ...data } = JSON.parse(line) as { msg: string };
        return { event: msg, data };
      });
      expect(audit(events)).toEqual(CLEAN);
    });

    it.each(MANNERS)('on the diagnostics channel, when everything foreign %s anything', async (manner) => {
      const messages: { event: string; data?: object }[] = [];
      const onMessage = (message: unknown): void => void messages.push(message as (typeof messages)[number]);
      subscribe('session-activity-tracker', onMessage);
      const logger = new ChannelDiagnosticsLogger();
      for (const thrown of Object.values(THROWN)) await leadLeakySession(logger, manner, thrown);
      unsubscribe('session-activity-tracker', onMessage);
      expect(audit(messages)).toEqual(CLEAN);
    });
  });

  describe('carry what is no personal data', () => {
    it.each(['throws', 'rejects'])('such as the code of an error that a sender %s', async (manner) => {
      const logger = new RecordingDiagnosticsLogger();
      await leadLeakySession(logger, manner, () => Object.assign(new Error(SECRETS[0]), { code: 'ECONNRESET' }));
      const codes = logger.events.map(({ data }) => data?.['error_code']);
      expect(codes).toContain('ECONNRESET');
    });
  });

  it('would be found to carry a secret, were there one', () => {
    expect(secretsIn([{ data: { error_code: 'JANES_TOKEN' } }])).toEqual(['janes_token']);
    expect(oddFields({ refcount: -1, reason: 'api_call', message: 'jane' })).toEqual([
      ['refcount', -1],
      ['message', 'jane'],
    ]);
  });
});
