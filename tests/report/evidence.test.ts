import { describe, expect, it } from '@jest/globals';
import { evidence, unknowns } from '../../src/report/evidence.js';
import type { TrackerHistory } from '../../src/report/history.js';
import type { EventOf } from '../../src/report/log-event.js';
import type { Cause, Phase } from '../../src/report/phases.js';
import type { Silence } from '../../src/report/silences.js';
import { historyWith, keepalive, spans } from './made-history.js';

const phase = (cause: Cause, fields: Partial<Phase> = {}): Phase => ({
  startMs: 10_000,
  endMs: 40_000,
  cause,
  code: null,
  due: 0,
  ...fields,
});
const silence = (phases: readonly Phase[], cause: Cause = 'gate'): Silence => ({
  startMs: 0,
  endMs: 100_000,
  phases,
  cause,
  code: null,
  followsKeepalive: false,
  reachesEnd: false,
});
const linesOf = (fields: Partial<TrackerHistory>, about?: Silence): readonly string[] =>
  evidence(historyWith(fields), about, (ms) => `${ms / 1_000} s`);

describe('evidence', () => {
  it.each([
    ['gate', {}, 'session_keepalive_not_sent (gate) at 10 s'],
    ['gate', { due: 1 }, 'session_keepalive_not_sent (gate) at 10 s, 1 keep-alive due and not sent'],
    ['overdue', { due: 2 }, 'session_keepalive_not_sent (overdue) at 10 s, 2 keep-alives due and not sent'],
    ['pending', {}, 'session_keepalive_not_sent (pending) at 10 s'],
    ['transport', {}, 'session_keepalive_not_sent (transport) at 10 s'],
    ['failed', {}, 'session_keepalive_failed (failed) at 10 s'],
    ['failed', { code: 'EPIPE' }, 'session_keepalive_failed (EPIPE) at 10 s'],
    ['late', {}, 'session_keepalive_late at 40 s: 30 s'],
    ['no-heartbeat', {}, 'no session_keepalive_heartbeat from 10 s on'],
    ['short-work', {}, '2 busy periods, no heartbeat in any'],
  ] as const)('names a line of the log for the cause %s: %j', (cause, fields, text) => {
    expect(linesOf({ busy: spans([0, 5], [10, 20], [30, 50]) }, silence([phase(cause, fields)]))).toEqual([text]);
  });

  it.each(['on-time', 'unknown', 'aborted'] as const)('names nothing for the cause %s', (cause) => {
    expect(linesOf({}, silence([phase(cause)]))).toEqual([]);
  });

  it('names the removal of a missing sender, where the log has it', () => {
    const missing = silence([phase('no-sender')]);

    expect(linesOf({ senders: spans([0, 10]) }, missing)).toEqual(['session_sender_removed at 10 s']);
    expect(linesOf({ senders: spans([0, 9], [20, 30]) }, missing)).toEqual(['no session_sender_registered before']);
    expect(linesOf({ senders: undefined }, missing)).toEqual(['no session_sender_registered before']);
  });

  it('names the last five lines and counts the others', () => {
    const phases = Array.from({ length: 7 }, (_, n) => phase('late', { endMs: 11_000 + n * 1_000 }));
    const last = (count: number): string[] =>
      Array.from({ length: count }, (_, n) => `session_keepalive_late at ${18 - count + n} s: ${8 - count + n} s`);

    expect(linesOf({}, silence(phases.slice(-5)))).toEqual(last(5));
    expect(linesOf({}, silence(phases.slice(-6)))).toEqual(['1 earlier event', ...last(5)]);
    expect(linesOf({}, silence(phases))).toEqual(['2 earlier events', ...last(5)]);
  });

  it('names the outcomes of keep-alives where the log does not show when they were sent', () => {
    const keepalives = [keepalive(10, 'failed', 'EPIPE'), keepalive(20, 'sent'), keepalive(30, 'gate')];

    expect(linesOf({ traced: false, hasHeartbeats: false, keepalives })).toEqual([
      'session_keepalive_failed (EPIPE) at 10 s',
      'session_keepalive_recovered at 20 s',
      'session_keepalive_not_sent (gate) at 30 s',
    ]);
    expect(linesOf({ keepalives })).toEqual([]);
  });

  it('names five overdue activities at most, and only if they caused the silence', () => {
    const overdue = Array.from({ length: 6 }, (_, n): EventOf<'session_activity_overdue'> => {
      const data = { reason: `r\u0007${n}`, held_ms: 9_000, ...(n === 0 ? { silent_ms: 5_000 } : {}) };
      return { name: 'session_activity_overdue', atMs: n * 1_000, process: 'p', data };
    });

    expect(linesOf({ overdue }, silence([], 'overdue'))).toEqual([
      'session_activity_overdue at 0 s: r\ufffd0 held for 9 s, silent for 5 s',
      ...[1, 2, 3, 4].map((n) => `session_activity_overdue at ${n} s: r\ufffd${n} held for 9 s`),
    ]);
    expect(linesOf({ overdue }, silence([], 'gate'))).toEqual([]);
    expect(linesOf({ overdue })).toEqual([]);
  });
});

describe('unknowns', () => {
  const linesOf = (fields: Partial<TrackerHistory>): string[] =>
    unknowns(historyWith({ missingLines: 0, intervalAssumed: false, ...fields })).map((text) => text.slice(0, 30));

  it('are none if the log has a trace and lacks no line', () => {
    expect(linesOf({})).toEqual([]);
    expect(linesOf({ hasHeartbeats: false, runningAtEnd: new Map([['r', 1]]) })).toEqual([]);
  });

  it('depend on what the log lacks', () => {
    const untraced = 'Without `trace: true` the log ';
    const running = new Map([['work', 1]]);

    expect(linesOf({ traced: false })).toEqual([untraced, 'A keep-alive counts as sent un']);
    expect(linesOf({ traced: false, hasHeartbeats: false })).toEqual([untraced, 'The log has no heartbeats eith']);
    expect(linesOf({ traced: false, runningAtEnd: running })).toContain('That work still ran at the end');
    expect(linesOf({ traced: false, runningAtEnd: running, shutdown: {} as never })).toHaveLength(2);
    expect(linesOf({ intervalAssumed: true })).toEqual(['The interval is not in the log']);
    expect(linesOf({ missingLines: 1 })).toEqual(['The log lacks 1 start or stop ']);
  });
});
