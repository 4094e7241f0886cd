import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { drawPage } from '../../src/report/draw.js';
import { ManualClock } from '../../src/testing/index.js';
import { BASE_MS, line, LoggedSession, signalSent, started } from './logged-session.js';
import { reportOf } from './report-of.js';
import { SCENARIOS } from './scenarios.js';

async function pageOf(lines: readonly string[]): Promise<string> {
  const { explained, log } = await reportOf(lines);
  return drawPage(explained, log, 60_000);
}

async function linesOf(...scenarios: string[]): Promise<string[]> {
  const lines: string[] = [];
  for (const scenario of scenarios) await SCENARIOS[scenario]?.(scenario, lines);
  return lines;
}

const countOf = (page: string, part: string): number => page.split(part).length - 1;
const titlesOf = (page: string): string[] =>
  [...page.matchAll(/<title>(.*?)<\/title>/g)].slice(1).map(([, text = '']) => text.replaceAll('\u00a0', ' '));

/** A page without its style, its script and its charts. */
const withoutCharts = (page: string): string =>
  page
    .replaceAll('\u00a0', ' ')
    .replaceAll(/<(style|script)>.*?<\/\1>/gs, '<$1>…</$1>')
    .replaceAll(/<svg class="chart".*?<\/svg>\n.*?<\/svg>/gs, '<svg class="chart">…</svg>');
const policyOf = (page: string): string => /http-equiv="Content-Security-Policy" content="(.*?)"/.exec(page)?.[1] ?? '';

describe('drawPage', () => {
  it('answers, shows the timeline, and tells the rest below, session by session', async () => {
    const page = await pageOf(await linesOf('reconnected', 'gate closed'));

    expect(withoutCharts(page)).toBe(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyOf(page)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Session activity report</title>
<style>…</style>
</head>
<body>
<svg class="definitions" aria-hidden="true">
<pattern id="hatch" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="8" height="8" class="silence-back"/><rect width="2.5" height="8" class="silence-line"/></pattern>
<pattern id="missing" width="4" height="4" patternUnits="userSpaceOnUse"><rect width="4" height="4" class="missing-back"/><circle cx="2" cy="2" r="1" class="missing-dot"/></pattern>
<symbol id="k-sent" overflow="visible"><rect x="-9" y="-11" width="18" height="22" class="hit"/><circle r="5.5" class="sent"/></symbol>
<symbol id="k-failed" overflow="visible"><rect x="-9" y="-11" width="18" height="22" class="hit"/><path d="M-5-5L5 5M5-5L-5 5" class="failed"/></symbol>
<symbol id="k-gate" overflow="visible"><rect x="-9" y="-11" width="18" height="22" class="hit"/><rect x="-5" y="-5" width="10" height="10" class="gate"/></symbol>
<symbol id="k-transport" overflow="visible"><rect x="-9" y="-11" width="18" height="22" class="hit"/><path d="M0-6L6 5H-6Z" class="transport"/></symbol>
<symbol id="k-overdue" overflow="visible"><rect x="-9" y="-11" width="18" height="22" class="hit"/><path d="M0 6L6-5H-6Z" class="overdue"/></symbol>
<symbol id="k-pending" overflow="visible"><rect x="-9" y="-11" width="18" height="22" class="hit"/><path d="M0-6.5L6.5 0L0 6.5L-6.5 0Z" class="pending"/></symbol>
<symbol id="k-aborted" overflow="visible"><rect x="-9" y="-11" width="18" height="22" class="hit"/><path d="M-6 0H6" class="aborted"/></symbol>
<symbol id="k-unknown" overflow="visible"><rect x="-9" y="-11" width="18" height="22" class="hit"/><circle r="5" class="unknown"/></symbol>
<symbol id="still-running" overflow="visible"><path d="M-1-5L6 0L-1 5Z" class="still-running"/></symbol>
<symbol id="work-overdue" overflow="visible"><path d="M0-7V7M-4-7H4M-4 7H4" class="overdue-mark"/></symbol>
</svg>
<header>
<h1>Why was my session killed?</h1>
<p class="faint">2 sessions, 41 events, 2026-11-26 14:00:00 to 14:05:10 UTC. Silences longer than 1 min are hatched. Times are UTC.</p>
<nav><ol><li><a href="#s0" class="id">gate closed</a> <span class="bad">shut down after 2 min 40 s of silence: gate closed</span></li>
<li><a href="#s1" class="id">reconnected</a> <span class="bad">shut down after 1 min 50 s of silence: no sender</span></li></ol></nav>

<ul class="legend"><li><svg viewBox="-9 -8 18 16" aria-hidden="true"><circle r="5.5" class="sent"/></svg> sent</li><li><svg viewBox="-9 -8 18 16" aria-hidden="true"><rect x="-5" y="-5" width="10" height="10" class="gate"/></svg> not sent: gate closed</li><li><svg viewBox="-9 -8 18 16" aria-hidden="true"><rect x="-8" y="-7" width="16" height="14" class="silence" fill="url(#hatch)"/></svg> silent for too long</li><li><svg viewBox="-9 -8 18 16" aria-hidden="true"><rect x="-8" y="-3" width="16" height="7" class="present"/></svg> sender registered</li><li><svg viewBox="-9 -8 18 16" aria-hidden="true"><rect x="-8" y="-3" width="16" height="7" class="absent"/></svg> no sender while work ran</li><li><svg viewBox="-9 -8 18 16" aria-hidden="true"><use href="#still-running"/></svg> still running at the end</li></ul>
<p class="faint hint">Hover or tap for the numbers. Drag over a timeline to zoom in, double-click to zoom out; keys: + − ← → 0.</p>
</header>
<section id="s0">
<h2><span class="id">gate closed</span>: <span class="bad">shut down after 2 min 40 s of silence: gate closed</span></h2>
<p class="verdict">Last keep-alive 14:02:30. The gate was closed from 14:03:00 on: silent for 2 min 40 s while tool_exec ran, until the session was shut down at 14:05:10.</p>
<p class="do"><b>What to do:</b> Open the keep-alive gate. The default one is closed unless the environment variable CLAUDE_CODE_REMOTE_SEND_KEEPALIVES opens it. To always allow keep-alives, pass a <code>StaticKeepaliveGate(true)</code>.</p>
<details><summary>Known from</summary><ul><li>session_keepalive_not_sent (gate) at 14:03:00, 5 keep-alives due and not sent</li><li>session_activity_at_shutdown at 14:05:10: 1 running, busy for 3 min 10 s</li><li>session_keepalive_summary: 3 sent, 0 failed, 0 skipped, 5 withheld, 0 unsent</li></ul></details>
<figure><figcaption><span>The whole session, 14:00:00 to 14:05:10</span>
<span class="tools"><button type="button" value="-" title="Zoom out">−</button><button type="button" value="+" title="Zoom in">+</button><button type="button" value="ArrowLeft" title="Earlier">←</button><button type="button" value="ArrowRight" title="Later">→</button><button type="button" value="0">all</button></span></figcaption>
<svg class="chart">…</svg></figure>
<div class="columns"><table><thead><tr><th>reason</th><th>count</th><th>total</th><th>longest</th><th>still held</th></tr></thead><tbody><tr><td>tool_exec</td><td>1</td><td>3 min 10 s</td><td>3 min 10 s</td><td>1</td></tr><tr><td>api_call</td><td>1</td><td>1 min 10 s</td><td>1 min 10 s</td><td>0</td></tr></tbody></table><dl><dt>Keep-alives</dt><dd>3 sent, the last at 14:02:30</dd><dt>Not sent</dt><dd>5 gate closed</dd></dl></div>
</section>
<section id="s1">
<h2><span class="id">reconnected</span>: <span class="bad">shut down after 1 min 50 s of silence: no sender</span></h2>
<p class="verdict">Last keep-alive 14:00:30. No sender was registered from 14:00:40 on: silent for 1 min 50 s while tool_exec ran, until the session was shut down at 14:02:20.</p>
<p class="do"><b>What to do:</b> The transport was gone while work went on. Call <code>registerCallback</code> again as soon as the client reconnects, and allow time for that before you end the session.</p>
<details><summary>Known from</summary><ul><li>session_sender_removed at 14:00:40</li><li>session_activity_at_shutdown at 14:02:20: 1 running, busy for 2 min 20 s</li><li>session_keepalive_summary: 1 sent, 0 failed, 0 skipped, 0 withheld, 0 unsent</li></ul></details><p>The session had 2 trackers (its host reconnected or restarted):</p><ul><li>14:00:00 to 14:02:20: shut down after 1 min 50 s of silence: no sender (see above)</li><li>14:02:25 to 14:04:30: ended with nothing running</li></ul>
<figure><figcaption><span>The whole session, 14:00:00 to 14:04:30</span>
<span class="tools"><button type="button" value="-" title="Zoom out">−</button><button type="button" value="+" title="Zoom in">+</button><button type="button" value="ArrowLeft" title="Earlier">←</button><button type="button" value="ArrowRight" title="Later">→</button><button type="button" value="0">all</button></span></figcaption>
<svg class="chart">…</svg></figure>
<div class="columns"><table><thead><tr><th>reason</th><th>count</th><th>total</th><th>longest</th><th>still held</th></tr></thead><tbody><tr><td>tool_exec</td><td>1</td><td>2 min 20 s</td><td>2 min 20 s</td><td>1</td></tr><tr><td>api_call</td><td>1</td><td>1 min 5 s</td><td>1 min 5 s</td><td>0</td></tr></tbody></table><dl><dt>Keep-alives</dt><dd>3 sent, the last at 14:03:25</dd></dl></div>
</section>
<script>…</script>
</body>
</html>
`);
  });

  it('leaves out what would be empty', async () => {
    const page = withoutCharts(await pageOf(await linesOf('no debug lines, idle')));

    expect(page.slice(page.indexOf('<header>'), page.indexOf('</section>'))).toBe(`<header>
<h1>Why was my session killed?</h1>
<p class="faint">1 session, 1 event, 2026-11-26 14:01:40 to 14:01:40 UTC. Silences longer than 1 min are hatched. Times are UTC.</p>


<ul class="legend"><li><svg viewBox="-9 -8 18 16" aria-hidden="true"><rect x="-8" y="-3" width="16" height="7" class="present"/></svg> sender registered</li><li><svg viewBox="-9 -8 18 16" aria-hidden="true"><rect x="-8" y="-3" width="16" height="7" class="absent"/></svg> no sender while work ran</li><li><svg viewBox="-9 -8 18 16" aria-hidden="true"><use href="#still-running"/></svg> still running at the end</li></ul>
<p class="faint hint">Hover or tap for the numbers. Drag over a timeline to zoom in, double-click to zoom out; keys: + − ← → 0.</p>
</header>
<section id="s0">
<h2><span class="id">no debug lines, idle</span>: <span class="good">ended with nothing running</span></h2>
<p class="verdict">Nothing ran at the end: stopping it was right, and no work was lost.</p>

<p class="faint">Without <code>trace: true</code> the log does not say when work began and ended, which keep-alives went out, or whether a sender was registered.</p><p class="faint">The log has no heartbeats either (they are logged at level debug), so it is not known when the last keep-alive went out.</p><p class="faint">The interval is not in the log; 30 s is assumed.</p>
<figure><figcaption><span>The whole session, 14:01:40.0 to 14:01:40.0</span>
<span class="tools"><button type="button" value="-" title="Zoom out">−</button><button type="button" value="+" title="Zoom in">+</button><button type="button" value="ArrowLeft" title="Earlier">←</button><button type="button" value="ArrowRight" title="Later">→</button><button type="button" value="0">all</button></span></figcaption>
<svg class="chart">…</svg></figure>
<div class="columns"><dl><dt>Keep-alives</dt><dd>the log does not say</dd></dl></div>
`);
  });

  describe('chart', () => {
    it('tells the numbers of every shape', async () => {
      expect(titlesOf(await pageOf(await linesOf('gate closed, then no sender')))).toEqual([
        'silent 2 min 40 s: 14:02:30 to 14:05:10, gate closed',
        '14:00:30: keep-alive sent, took 0 ms',
        '14:01:00: keep-alive sent, took 0 ms',
        '14:02:30: keep-alive sent, took 0 ms',
        '14:03:00: keep-alive not sent: gate closed',
        '14:03:30: keep-alive not sent: gate closed',
        '14:04:00: keep-alive not sent: gate closed',
        'no sender while work ran, 14:04:05 to 14:05:10 (1 min 5 s)',
        'sender registered 14:00:00 to 14:04:05',
        'tool_exec: 14:02:00 to 14:05:10 (3 min 10 s), still running at the end',
        'api_call: 14:00:00 to 14:01:10 (1 min 10 s)',
      ]);
    });

    it('shows late beats as missing time, and signals as such', async () => {
      const lines = await linesOf('blocked loop');
      const session = new LoggedSession('s', lines);
      session.tracker.registerCallback(() => {
        throw Object.assign(new Error(), { code: 'EPIPE' });
      });
      session.tracker.sendSignal();
      const titles = titlesOf(await pageOf(lines));

      expect(titles).toContain('Missing time: the heartbeat due at 14:03:00 came 1 min 55 s late');
      expect(titles).toContain('14:00:00.0: keep-alive failed (EPIPE), by sendSignal()');
    });

    it('marks when work became overdue', async () => {
      const page = await pageOf(await linesOf('overdue'));

      expect(titlesOf(page)).toContain('14:03:30: tool_exec is overdue, held for 1 min 30 s');
      expect(page).toContain('work became overdue');
    });

    it('shows where trackers begin and end', async () => {
      const page = await pageOf(await linesOf('reconnected', 'killed'));
      const labels = [...page.matchAll(/class="border-label"[^>]*>([^<]*)</g)].map(([, text]) => text);

      expect(labels).toEqual(['shut down 14:02:20', 'tracker 2 14:02:25', 'shut down 14:04:30', 'log ends 14:03:30']);
    });

    it('shows no end where the time was cut', async () => {
      const { explained, log } = await reportOf(await linesOf('killed'), { toMs: BASE_MS + 100_000 });

      expect(drawPage(explained, log, 60_000)).not.toContain('border-label"');
    });

    it('has no lane for the sender where the log does not tell', async () => {
      expect(countOf(await pageOf(await linesOf('no trace')), '>sender</text>')).toBe(0);
      expect(countOf(await pageOf(await linesOf('gate closed')), '>sender</text>')).toBe(1);
    });

    it('has a close-up where what matters is a small part of the session', async () => {
      const lines: string[] = [];
      const session = new LoggedSession('s', lines);
      session.tracker.registerCallback(() => undefined);
      session.tracker.start('tool_exec');
      await session.pass(100);
      session.tracker.unregisterCallback();
      await session.pass(5);
      session.tracker.registerCallback(() => undefined);
      await session.pass(3_495);
      session.tracker.unregisterCallback();
      await session.pass(100);
      session.tracker.dispose();

      const page = await pageOf(lines);
      const titles = titlesOf(page);
      expect(countOf(page, '<figure>')).toBe(2);
      expect(/Close-up, [^<]*/.exec(page)?.[0]).toBe('Close-up, 14:59:13 to 15:01:42');
      expect(titles.filter((text) => text.startsWith('tool_exec: '))).toHaveLength(2);
      expect(titles.filter((text) => text.startsWith('14:00:30: '))).toHaveLength(1);
    });

    it('has a close-up of a silence that a session survived, and none where nothing went wrong', async () => {
      const beats = Array.from({ length: 120 }, (_, n) => n * 30);
      const linesWith = (sentAt: readonly number[]): string[] => [
        started(0),
        ...sentAt.map(signalSent),
        line(3_600, 'session_activity_stopped', { reason: 'r', refcount: 0, held_ms: 3_600_000 }),
      ];

      expect(countOf(await pageOf(linesWith(beats)), '<figure>')).toBe(1);
      expect(countOf(await pageOf(linesWith(beats.filter((at) => at < 900 || at > 960))), '<figure>')).toBe(2);
    });

    it('has a close-up of the end of a session that was cut short', async () => {
      const lines: string[] = [];
      const session = new LoggedSession('s', lines);
      session.tracker.registerCallback(() => undefined);
      session.tracker.start('tool_exec');
      await session.pass(3_600);

      expect(countOf(await pageOf(lines), '<figure>')).toBe(2);
    });

    it('draws a log of a single moment', async () => {
      const lines: string[] = [];
      new LoggedSession('s', lines).tracker.start('r');

      expect(titlesOf(await pageOf(lines))).toContain('r: 14:00:00.0 to 14:00:00.0 (0 ms), still running at the end');
    });
  });

  describe('busy logs', () => {
    it('draws a bounded number of shapes, which stand for all', async () => {
      const lines: string[] = [];
      const session = new LoggedSession('s', lines, { intervalMs: 1_000 });
      let due = 0;
      session.tracker.registerCallback(() => {
        if (++due % 2 === 0) throw new Error();
      });
      session.tracker.start('long');
      for (let n = 0; n < 6_000; n++) {
        const reasons = [`reason-${n % 30}`, 'often'];
        const running = reasons.map((reason) => session.tracker.start(reason));
        session.clock.advance(400);
        for (const activity of running) activity.stop();
      }
      const page = await pageOf(lines);
      const often = titlesOf(page).flatMap((text) => /^(\d+) times often: /.exec(text)?.[1] ?? []);

      expect(page.length).toBeLessThan(1_500_000);
      expect(often.reduce((sum, n) => sum + Number(n), 0)).toBe(6_000);
      expect(page).toMatch(/: keep-alive failed and \d+ more near it</);
      expect(page).toContain('>other reasons</text>');
      expect(page).toContain('<td>12 more</td>');
    });

    it('draws the longest of very many long activities', async () => {
      const lines: string[] = [];
      const { tracker, clock } = new LoggedSession('s', lines);
      const activities = Array.from({ length: 3_000 }, () => tracker.start('r'));
      for (const activity of activities) {
        clock.advance(10);
        activity.stop();
      }
      const page = await pageOf(lines);

      expect(countOf(page, '<rect class="work')).toBeLessThan(1_600);
      expect(titlesOf(page)).toContain('r: 14:00:00.0 to 14:00:30.0 (30 s)');
    });

    it.each([
      [1, 400, 400],
      [10, 300, 250],
      [50, 100, 75],
    ])('draws fewer shapes for each of many sessions: of %d', async (sessions, sent, drawn) => {
      const lines = Array.from({ length: sessions }, (_, n) => `s-${n}`).flatMap((session_id) => [
        line(0, 'session_activity_started', { reason: 'r', refcount: 1, session_id }),
        ...Array.from({ length: sent }, (__, at) =>
          line(at, 'session_keepalive_sent', { trigger: 'signal', took_ms: 0, session_id }),
        ),
        line(sent, 'session_activity_stopped', { reason: 'r', refcount: 0, held_ms: sent * 1_000, session_id }),
      ]);

      const marks = countOf(await pageOf(lines), 'href="#k-sent"') / sessions;
      expect(Math.abs(marks - drawn)).toBeLessThan(drawn / 10);
    });

    it('lists twenty of very many trackers', async () => {
      const lines = Array.from({ length: 21 }, (_, pid) =>
        line(0, 'session_activity_started', { reason: 'r', refcount: 1, pid }),
      );
      const page = await pageOf(lines);

      expect(page).toContain('The session had 21 trackers');
      expect(countOf(page, '<li>14:00:00.0 to')).toBe(20);
    });

    it('draws the fifty worst of many sessions', async () => {
      const lines: string[] = [];
      const clock = new ManualClock();
      for (let n = 0; n < 80; n++) new LoggedSession(`s-${n}`, lines, {}, { clock }).tracker.start('r');
      const page = await pageOf(lines);

      expect(countOf(page, '<section ')).toBe(50);
      expect(page).toContain('30 more sessions, none worse than these, left out: choose one with --session.');
    });
  });

  describe('safety', () => {
    const EVIL = `"><script>alert(1)</script><img src=x onerror=alert(1)>'&{{}}\u202e\u0000`;

    it('escapes every text of the log', async () => {
      const lines: string[] = [];
      const session = new LoggedSession(EVIL, lines, { maxActivityMs: 40_000 });
      session.tracker.registerCallback(() => undefined);
      session.tracker.start(EVIL);
      session.tracker.stop(`${EVIL}2`);
      await session.pass(200);
      session.tracker.dispose();
      const page = await pageOf(lines);

      expect(countOf(page, '<script>')).toBe(1);
      expect(page).not.toContain('<img');
      expect(['\u0000', '\u202e'].filter((character) => page.includes(character))).toEqual([]);
      expect(page).toContain('&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;');
      expect(page.match(/aria-label="[^"]*"/g)?.every((text) => !text.includes('<'))).toBe(true);
    });

    it('allows no script and no style but its own', async () => {
      const page = await pageOf(await linesOf('gate closed'));
      const hashOf = (tag: string): string => {
        const [, text = ''] = new RegExp(`<${tag}>(.*?)</${tag}>`, 's').exec(page) ?? [];
        return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
      };

      expect(policyOf(page)).toBe(
        `default-src 'none'; style-src ${hashOf('style')}; script-src ${hashOf('script')}; base-uri 'none'; form-action 'none'`,
      );
      const [body = ''] = page.split('<script>');
      expect(/\sstyle=|\son\w+=|https?:|javascript:/.exec(body)).toBeNull();
    });
  });

  it('has a legend of the marks that occur, and of the bands for senders and work', async () => {
    const legendOf = async (lines: readonly string[]): Promise<(string | undefined)[]> =>
      [...((await pageOf(lines)).split('</header>')[0] ?? '').matchAll(/<\/svg> (.*?)<\/li>/g)].map(([, text]) => text);
    const all = await linesOf(
      ...['gate closed', 'sender failing', 'nothing to send on', 'overdue', 'previous send pending', 'blocked loop'],
    );
    const replaced = new LoggedSession('replaced', all);
    for (let n = 0; n < 2; n++) {
      replaced.tracker.registerCallback(() => new Promise<void>(() => undefined));
      replaced.tracker.start('r');
      await replaced.pass(31);
    }

    expect(await legendOf(all)).toEqual([
      'sent',
      'failed',
      'not sent: gate closed',
      'not sent: nothing to send on',
      'not sent: all work overdue',
      'not sent: previous send pending',
      'aborted: sender replaced or removed',
      'outcome not in the log',
      'silent for too long',
      'missing time: the process did not run',
      'sender registered',
      'no sender while work ran',
      'work became overdue',
      'still running at the end',
    ]);
    expect(await pageOf(all)).not.toMatch(/<svg [^>]*><\/svg>/);
    const oneOfTwo = [
      line(0, 'session_keepalive_late', { late_ms: 9 }),
      line(0, 'session_activity_overdue', { reason: 'r', held_ms: 9 }),
      line(5, 'session_activity_started', { reason: 'r', refcount: 1, pid: 2 }),
    ];
    expect(await legendOf(oneOfTwo)).toEqual([
      'missing time: the process did not run',
      ...['sender registered', 'no sender while work ran', 'work became overdue', 'still running at the end'],
    ]);
    expect(await legendOf(await linesOf('idle'))).toEqual([
      'sent',
      'sender registered',
      'no sender while work ran',
      'still running at the end',
    ]);
  });

  it('refers only to what it defines, and has a style for every class', async () => {
    const page = await pageOf(await linesOf('gate closed', 'overdue', 'blocked loop', 'sender failing'));
    const ids = new Set([...page.matchAll(/ id="(.*?)"/g)].map(([, id]) => id));
    const references = new Set([...page.matchAll(/(?:href="|url\()#(.*?)["')]/g)].map(([, id]) => id));

    expect([...references].filter((id) => !ids.has(id))).toEqual([]);
    expect(references.size).toBeGreaterThan(8);
    const [, style = ''] = /<style>(.*?)<\/style>/s.exec(page) ?? [];
    const classes = new Set([...page.matchAll(/ class="(.*?)"/g)].flatMap(([, names = '']) => names.split(' ')));
    expect([...classes].filter((name) => !new RegExp(`\\.${name}[ ,{.:]`).test(style))).toEqual([]);
    expect(classes.size).toBeGreaterThan(30);
  });

  it('lists the sessions where there are several, the worst first', async () => {
    const page = (await pageOf(await linesOf('idle', 'killed', 'gate closed'))).replaceAll('\u00a0', ' ');

    expect(
      [...page.matchAll(/<li><a href="#(s\d)" class="id">([^<]*)<\/a> <span class="(\w+)">/g)].map((m) => m.slice(1)),
    ).toEqual([
      ['s0', 'gate closed', 'bad'],
      ['s1', 'killed', 'bad'],
      ['s2', 'idle', 'good'],
    ]);
    expect(await pageOf(await linesOf('idle'))).not.toContain('<nav>');
  });

  it('lists the trackers of a session that has several, and what is not known', async () => {
    const page = (await pageOf(await linesOf('reconnected', 'no trace'))).replaceAll('\u00a0', ' ');

    expect(page).toContain('<li>14:02:25 to 14:04:30: ended with nothing running</li>');
    expect(page).toContain('<p class="faint">Without <code>trace: true</code> the log does not say');
  });

  it('draws a session without an id', async () => {
    const page = await pageOf((await linesOf('idle')).map((line) => line.replace('"session_id":"idle",', '')));

    expect(page).toContain('>(no session id)</span>');
    expect(page).toContain('aria-label="Timeline of (no session id)"');
  });
});
