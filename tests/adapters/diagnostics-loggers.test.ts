import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Logger, pino } from 'pino';
import {
  bindDiagnostics,
  ChannelDiagnosticsLogger,
  type DiagnosticsLogger,
  NullDiagnosticsLogger,
  PinoDiagnosticsLogger,
  type PinoLike,
} from '../../src/index.js';
import { RecordingDiagnosticsLogger } from '../../src/testing/index.js';

/** Lines that pino wrote, parsed, and a pino that writes nothing but level, fields and message. */
function pinoInMemory(level = 'debug'): { logger: Logger; lines: unknown[] } {
  const lines: unknown[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _, done) => {
      lines.push(JSON.parse(chunk.toString()));
      done();
    },
  });
  const formatters = { level: (label: string) => ({ level: label }) };
  return { logger: pino({ level, base: null, timestamp: false, formatters }, stream), lines };
}

describe('ChannelDiagnosticsLogger', () => {
  const messages: unknown[] = [];
  const onMessage = (message: unknown): void => void messages.push(message);

  beforeEach(() => {
    messages.length = 0;
  });

  afterEach(() => {
    unsubscribe('session-activity-tracker', onMessage);
  });

  it('publishes level, event and data on its channel', () => {
    subscribe('session-activity-tracker', onMessage);
    new ChannelDiagnosticsLogger().log('debug', 'session_keepalive_heartbeat', { refcount: 2 });
    expect(messages).toStrictEqual([{ level: 'debug', event: 'session_keepalive_heartbeat', data: { refcount: 2 } }]);
  });

  it('publishes an event without data without it', () => {
    subscribe('session-activity-tracker', onMessage);
    new ChannelDiagnosticsLogger().log('info', 'session_idle_30s');
    expect(messages).toStrictEqual([{ level: 'info', event: 'session_idle_30s' }]);
  });

  it('publishes nothing while nobody subscribes, and to whoever subscribes later', () => {
    const logger = new ChannelDiagnosticsLogger();
    logger.log('info', 'session_idle_30s');
    subscribe('session-activity-tracker', onMessage);
    logger.log('info', 'session_idle_60s');
    unsubscribe('session-activity-tracker', onMessage);
    logger.log('info', 'session_idle_90s');
    expect(messages).toStrictEqual([{ level: 'info', event: 'session_idle_60s' }]);
  });
});

describe('PinoDiagnosticsLogger', () => {
  it("writes the data's fields as the object and the event's name as the message", () => {
    const { logger, lines } = pinoInMemory();
    const diagnostics = new PinoDiagnosticsLogger(logger);
    diagnostics.log('debug', 'session_keepalive_heartbeat', { refcount: 2 });
    diagnostics.log('info', 'session_activity_at_shutdown', {
      refcount: 1,
      active: { tool_exec: 1 },
      oldest_activity_ms: null,
    });
    diagnostics.log('warn', 'session_keepalive_late', { late_ms: 7000 });
    expect(lines).toEqual([
      { level: 'debug', refcount: 2, msg: 'session_keepalive_heartbeat' },
      {
        level: 'info',
        refcount: 1,
        active: { tool_exec: 1 },
        oldest_activity_ms: null,
        msg: 'session_activity_at_shutdown',
      },
      { level: 'warn', late_ms: 7000, msg: 'session_keepalive_late' },
    ]);
  });

  it('writes an event without data as its message alone', () => {
    const { logger, lines } = pinoInMemory();
    new PinoDiagnosticsLogger(logger).log('info', 'session_idle_30s');
    expect(lines).toEqual([{ level: 'info', msg: 'session_idle_30s' }]);
  });

  it("keeps to the logger's level and to a child's own fields", () => {
    const { logger, lines } = pinoInMemory('info');
    const diagnostics = new PinoDiagnosticsLogger(logger.child({ session_id: 's-1' }));
    diagnostics.log('debug', 'session_keepalive_heartbeat', { refcount: 2 });
    diagnostics.log('info', 'session_keepalive_recovered', { failures: 3 });
    expect(lines).toEqual([{ level: 'info', session_id: 's-1', failures: 3, msg: 'session_keepalive_recovered' }]);
  });

  it("calls the methods as the logger's own, as bunyan's need", () => {
    class BunyanShaped implements PinoLike {
      readonly records: unknown[] = [];
      debug(fields: object, message: string): void {
        this.records.push(['debug', fields, message]);
      }
      info(fields: object, message: string): void {
        this.records.push(['info', fields, message]);
      }
      warn(fields: object, message: string): void {
        this.records.push(['warn', fields, message]);
      }
    }
    const bunyan = new BunyanShaped();
    const diagnostics = new PinoDiagnosticsLogger(bunyan);
    diagnostics.log('debug', 'a', { refcount: 1 });
    diagnostics.log('info', 'b');
    diagnostics.log('warn', 'c', { late_ms: 1 });
    expect(bunyan.records).toEqual([
      ['debug', { refcount: 1 }, 'a'],
      ['info', {}, 'b'],
      ['warn', { late_ms: 1 }, 'c'],
    ]);
  });

  it.each([
    [undefined, '`undefined`'],
    [null, '`null`'],
    [{ debug: jest.fn(), info: jest.fn() }, 'a value of type object'],
  ])('refuses a logger without all three methods (%#)', (logger, given) => {
    expect(() => new PinoDiagnosticsLogger(logger as never)).toThrow(
      new TypeError(`Expected \`logger\` to be an object with the methods debug, info, warn, got ${given}`),
    );
  });
});

describe('NullDiagnosticsLogger', () => {
  it('drops everything', () => {
    const logger: DiagnosticsLogger = new NullDiagnosticsLogger();
    expect(() => logger.log('info', 'session_idle_30s')).not.toThrow();
  });
});

describe('bindDiagnostics', () => {
  it('adds its fields to every event, also to one without data', () => {
    const recording = new RecordingDiagnosticsLogger();
    const logger = bindDiagnostics(recording, { session_id: 's-1', shard: 2 });
    logger.log('debug', 'session_keepalive_heartbeat', { refcount: 1 });
    logger.log('info', 'session_idle_30s');
    expect(recording.events).toStrictEqual([
      { level: 'debug', event: 'session_keepalive_heartbeat', data: { session_id: 's-1', shard: 2, refcount: 1 } },
      { level: 'info', event: 'session_idle_30s', data: { session_id: 's-1', shard: 2 } },
    ]);
  });

  it("lets an event's own field win", () => {
    const recording = new RecordingDiagnosticsLogger();
    bindDiagnostics(recording, { refcount: -1, region: 'eu' }).log('debug', 'e', { refcount: 3 });
    expect(recording.events[0]?.data).toEqual({ refcount: 3, region: 'eu' });
  });

  it('copies its fields, and changes neither them nor the data of an event', () => {
    const recording = new RecordingDiagnosticsLogger();
    const fields = { session_id: 's-1' };
    const data = Object.freeze({ refcount: 1 });
    const logger = bindDiagnostics(recording, fields);
    fields.session_id = 's-2';
    logger.log('debug', 'e', data);
    expect(recording.events[0]?.data).toEqual({ session_id: 's-1', refcount: 1 });
    expect(fields).toEqual({ session_id: 's-2' });
  });

  it('can be bound twice, the outer fields winning', () => {
    const recording = new RecordingDiagnosticsLogger();
    const inner = bindDiagnostics(recording, { host: 'a', session_id: 'none' });
    bindDiagnostics(inner, { session_id: 's-1' }).log('info', 'e');
    expect(recording.events[0]?.data).toEqual({ host: 'a', session_id: 's-1' });
  });

  it('refuses a logger without `log`, and fields that are no object', () => {
    expect(() => bindDiagnostics({} as DiagnosticsLogger, {})).toThrow(
      new TypeError('Expected `logger` to be an object with the methods log, got a value of type object'),
    );
    expect(() => bindDiagnostics(new NullDiagnosticsLogger(), null as never)).toThrow(
      new TypeError('Expected `fields` to be an object, got `null`'),
    );
  });
});
