import { describe, expect, it } from '@jest/globals';
import { count, duration, list, printable, timeFormat } from '../../src/report/format.js';
import { textReport } from '../../src/report/text.js';
import { BASE_MS, LoggedSession, signalSent, started } from './logged-session.js';
import { reportOf } from './report-of.js';
import { SCENARIOS } from './scenarios.js';

async function textOf(
  lines: readonly string[],
  options: Partial<Parameters<typeof textReport>[2]> = {},
): Promise<string> {
  const { explained, log } = await reportOf(lines);
  return textReport(explained, log, { limitMs: 60_000, columns: 100, colors: false, ...options });
}

async function linesOf(scenario: string, id = 's-17'): Promise<string[]> {
  const lines: string[] = [];
  await SCENARIOS[scenario]?.(id, lines);
  return lines;
}

describe('textReport', () => {
  it('answers in its first lines, and tells the rest below', async () => {
    expect(await textOf(['not an event', ...(await linesOf('gate closed'))])).toBe(
      `1 session, 21 events, 2026-11-26 14:00:00 to 14:05:10 UTC; 1 other line skipped.

s-17: shut down after 2 min 40 s of silence: gate closed
   Last keep-alive 14:02:30. The gate was closed from 14:03:00 on: silent for 2 min 40 s while
   tool_exec ran, until the session was shut down at 14:05:10.
   What to do: Open the keep-alive gate. The default one is closed unless the environment variable
   CLAUDE_CODE_REMOTE_SEND_KEEPALIVES opens it. To always allow keep-alives, pass a
   \`StaticKeepaliveGate(true)\`.
   Known from: session_keepalive_not_sent (gate) at 14:03:00, 5 keep-alives due and not sent;
   session_activity_at_shutdown at 14:05:10: 1 running, busy for 3 min 10 s;
   session_keepalive_summary: 3 sent, 0 failed, 0 skipped, 5 withheld, 0 unsent.

   reason     count       total     longest  still held
   tool_exec      1  3 min 10 s  3 min 10 s           1
   api_call       1  1 min 10 s  1 min 10 s           0

   Keep-alives: 3 sent, the last at 14:02:30.
   Not sent: 5 gate closed.
   Silences longer than 1 min: 14:02:30 to 14:05:10 (2 min 40 s).
`,
    );
  });

  it('leaves out what would be empty', async () => {
    expect(await textOf(await linesOf('idle'))).toBe(`1 session, 11 events, 2026-11-26 14:00:00 to 14:06:00 UTC.

s-17: ended with nothing running
   The last work ended at 14:01:10 and the session was idle for 4 min 50 s: stopping it then was
   right, and no work was lost.
   Known from: session_activity_at_shutdown at 14:06:00: 0 running; session_keepalive_summary: 2
   sent, 0 failed, 0 skipped, 0 withheld, 0 unsent.

   reason    count       total     longest  still held
   api_call      1  1 min 10 s  1 min 10 s           0

   Keep-alives: 2 sent, the last at 14:01:00.
`);
    expect(await textOf(await linesOf('no debug lines, idle')))
      .toBe(`1 session, 1 event, 2026-11-26 14:01:40 to 14:01:40 UTC.

s-17: ended with nothing running
   Nothing ran at the end: stopping it was right, and no work was lost.
   Not known: Without \`trace: true\` the log does not say when work began and ended, which
   keep-alives went out, or whether a sender was registered.
   Not known: The log has no heartbeats either (they are logged at level debug), so it is not known
   when the last keep-alive went out.
   Not known: The interval is not in the log; 30 s is assumed.

   Keep-alives: the log does not say.
`);
  });

  it('lists the trackers of a session that has several', async () => {
    expect(await textOf(await linesOf('reconnected'))).toContain(`withheld,
   0 unsent.

   The session had 2 trackers (its host reconnected or restarted):
   1. 14:00:00 to 14:02:20: shut down after 1 min 50 s of silence: no sender (see above)
   2. 14:02:25 to 14:04:30: ended with nothing running

   reason `);
  });

  it('lists only some of very many trackers', async () => {
    const lines: string[] = [];
    for (let n = 0; n < 21; n++) new LoggedSession('s', lines, {}, { pid: n + 1 }).tracker.start('r');
    const ofTwenty = lines.filter((text) => !text.includes('"pid":21,'));

    expect(await textOf(lines)).toMatch(/\n {3}20\. [^\n]+\n {3}and 1 more\.\n/);
    expect(await textOf(ofTwenty)).toMatch(/\n {3}20\. [^\n]+\n\n/);
  });

  it('lists late heartbeats, failures and stops without a start', async () => {
    const lines: string[] = [];
    const session = new LoggedSession('s', lines);
    session.tracker.registerCallback(() => {
      throw Object.assign(new Error(), { code: 'EPIPE' });
    });
    session.tracker.start('tool_exec');
    session.tracker.stop('api_call');
    session.clock.stall(40_000);
    session.clock.advance(0);
    session.clock.stall(35_000);
    session.clock.advance(0);

    expect(await textOf(lines)).toContain(`
   Keep-alives: none went out.
   Failures: 2 (EPIPE), first 14:00:40.
   Late heartbeats: 2, the worst by 10 s at 14:00:40.
   Stops without a start: api_call 1.
   Silences longer than 1 min: 14:00:00 to 14:01:15 (1 min 15 s).
`);
  });

  it('says what it cannot know', async () => {
    const text = await textOf(await linesOf('no debug lines'));

    expect(text).toContain('\n   Not known: Without `trace: true` the log does not say when work began and ended');
    expect(text).toContain("\n   Keep-alives: 3 sent, by the tracker's own count.\n");
    expect(await textOf(await linesOf('no debug lines, idle'))).toContain('\n   Keep-alives: the log does not say.\n');
  });

  it('does not count keep-alives of unknown outcome as not sent', async () => {
    const lines: string[] = [];
    const session = new LoggedSession('s', lines, { sendTimeoutMs: 30_000 });
    const never = (): Promise<void> => new Promise<void>(() => undefined);
    session.tracker.registerCallback(never);
    session.tracker.start('tool_exec');
    await session.pass(35);
    session.tracker.registerCallback(never);
    await session.pass(40);

    expect(await textOf(lines)).toContain(`
   Not sent: 1 sender replaced during a send.
   Not in the log: the outcome of 1 keep-alive.
`);
  });

  it('names failures that have no code', async () => {
    const lines: string[] = [];
    const session = new LoggedSession('s', lines);
    session.tracker.registerCallback(() => {
      throw new Error();
    });
    session.tracker.sendSignal();

    expect(await textOf(lines)).toContain('Failures: 1 (no code), first 14:00:00.0.');
  });

  it('tells ten sessions in full, gives others a line, and counts the rest', async () => {
    const lines: string[] = [];
    for (let n = 0; n < 60; n++) new LoggedSession(`s-${n}`, lines).tracker.start('r');
    const text = await textOf(lines);

    expect(text.match(/No sender was ever registered/g)).toHaveLength(10);
    expect(text).toMatch(/Others \(--session ID for details\):\ns-10: .*\n/);
    expect(text).toMatch(/\ns-49: .*\n10 more sessions, none worse than these\.\n$/);
  });

  it('names a few of many silences, and at most twenty reasons', async () => {
    const lines: string[] = [];
    const session = new LoggedSession('s', lines);
    let due = 0;
    session.tracker.registerCallback(() => {
      if (++due % 3 !== 0) throw new Error();
    });
    for (let n = 0; n < 25; n++) session.tracker.start(`reason-${n}`);
    await session.pass(30 * 24);
    const text = await textOf(lines);

    expect(text).toContain(' and 3 more.');
    expect(text).toMatch(/\n {3}5 more\n/);
    expect(text).not.toContain('reason-20 ');
  });

  it('names five silences, and counts the others', async () => {
    const lines = [started(0), ...[0, 70, 140, 210, 280, 350, 360].map(signalSent)];

    expect((await textOf(lines)).replace(/\s+/g, ' ')).toContain(
      'Silences longer than 1 min: 14:00:00 to 14:01:10 (1 min 10 s), 14:01:10 to 14:02:20 (1 min 10 s), ' +
        '14:02:20 to 14:03:30 (1 min 10 s), 14:03:30 to 14:04:40 (1 min 10 s), 14:04:40 to 14:05:50 (1 min 10 s). ',
    );
    expect((await textOf([...lines, signalSent(430)])).replace(/\s+/g, ' ')).toMatch(
      /14:04:40 to 14:05:50 \(1 min 10 s\) and 1 more\. $/,
    );
  });

  it('puts each word on a line of its own where two do not fit', async () => {
    const text = await textOf(await linesOf('killed'), { columns: 1 });

    expect(text).toContain('\n   Last\n   keep-alive\n');
    expect(text).not.toMatch(/\n +\n/);
  });

  it('keeps to the width of the terminal, and a number with its unit', async () => {
    const text = await textOf(await linesOf('gate closed'), { columns: 50 });
    const paragraphs = text.split('\n').filter((line) => /^ {3}\S/.test(line) && !/\S {2}/.test(line));

    expect(Math.max(...paragraphs.map((line) => line.length))).toBeLessThanOrEqual(50);
    expect(text).not.toMatch(/\d\n\s+(min|s)\b/);
  });

  it.each([
    ['killed', 31],
    ['silence survived', 33],
    ['idle', 32],
  ])('marks how bad it is by colour where colours are wanted: %s', async (scenario, color) => {
    expect(await textOf(await linesOf(scenario), { colors: true })).toContain(`\u001b[1;${color}ms-17: `);
  });

  it('lets nothing from a log act upon the terminal', async () => {
    const lines: string[] = [];
    const session = new LoggedSession('\u001b]0;pwned\u0007\u009b2J\u202eevil', lines);
    session.tracker.start('\u001b[31mred\r\n\u0000');
    session.tracker.stop('\u001b[2J');
    await session.pass(70);
    session.tracker.dispose();

    expect(await textOf(lines)).toMatch(/^[\x20-\x7e\n\ufffd]+$/);
  });

  it('names a session without an id, and a log of several days', async () => {
    const lines: string[] = [];
    const session = new LoggedSession('s', lines);
    session.tracker.start('r');
    session.clock.advance(86_400_000);
    session.tracker.dispose();
    const text = await textOf(lines.map((line) => line.replace('"session_id":"s",', '')));

    expect(text).toContain('2026-11-26 14:00:00 to 2026-11-27 14:00:00 UTC.\n\n(no session id): ');
    expect(text).toContain('until the session was shut down at 11-27 14:00:00.');
  });
});

describe('format', () => {
  it.each([
    [0, '0 ms'],
    [250.4, '250 ms'],
    [2_540, '2.5 s'],
    [9_949, '9.9 s'],
    [9_950, '10 s'],
    [59_400, '59 s'],
    [59_600, '1 min'],
    [160_000, '2 min 40 s'],
    [3_600_000, '1 h'],
    [3_930_000, '1 h 5 min'],
    [86_399_000, '23 h 59 min'],
    [86_400_000, '1 d'],
    [273_600_000, '3 d 4 h'],
  ])('says %d ms as people do: %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it('writes times as short as the log allows', () => {
    expect(timeFormat(BASE_MS, BASE_MS + 59_000)(BASE_MS + 1_234)).toBe('14:00:01.2');
    expect(timeFormat(BASE_MS, BASE_MS + 60_000)(BASE_MS + 1_234)).toBe('14:00:01');
    expect(timeFormat(BASE_MS, BASE_MS + 86_400_000)(BASE_MS + 1_234)).toBe('11-26 14:00:01');
  });

  it('writes times of any year', () => {
    expect(timeFormat(0, 0)(Date.UTC(10_000, 0, 1, 12, 30))).toBe('12:30:00.0');
  });

  it('counts and lists as in a sentence', () => {
    expect([count(1, 'line'), count(1_200, 'line'), count(2, 'stretch', 'stretches')]).toEqual([
      '1 line',
      '1,200 lines',
      '2 stretches',
    ]);
    expect([list([]), list(['a']), list(['a', 'b']), list(['a', 'b', 'c'])]).toEqual([
      '',
      'a',
      'a and b',
      'a, b and c',
    ]);
  });

  it('keeps letters of every script', () => {
    expect(printable('naïve 会话 🦊')).toBe('naïve 会话 🦊');
  });
});
