import { describe, expect, it } from '@jest/globals';
import { drawChart } from '../../src/report/chart.js';
import { BASE_MS, beat, line, LoggedSession, signalSent, started } from './logged-session.js';
import { reportOf } from './report-of.js';

async function chartOf(lines: readonly string[], fromMs: number, toMs: number, maxMarks = 1_000): Promise<string> {
  const [session] = (await reportOf(lines)).explained;
  if (session === undefined) throw new Error('Expected a session');
  return drawChart(session, { startMs: BASE_MS + fromMs, endMs: BASE_MS + toMs }, maxMarks).replaceAll('\u00a0', ' ');
}

const CONFIG = { interval_ms: 30_000, idle_after_ms: 30_000, cadence: 'restart' };
const stopped = (at: number, reason: string, refcount: number, heldSeconds: number): string =>
  line(at, 'session_activity_stopped', { reason, refcount, held_ms: heldSeconds * 1_000 });

describe('drawChart', () => {
  it('draws keep-alives, the sender, work, silences, missing time and the borders of trackers', async () => {
    const lines: string[] = [];
    const first = new LoggedSession('s', lines, { maxActivityMs: 60_000 });
    first.tracker.registerCallback(() => undefined);
    first.tracker.start('a<b');
    await first.pass(10);
    first.tracker.start('a<b').stop();
    await first.pass(40);
    first.tracker.sendSignal();
    await first.pass(60);
    first.tracker.unregisterCallback();
    await first.pass(10);
    first.clock.stall(40_000);
    first.tracker.dispose();
    const second = new LoggedSession('s', lines, {}, { clock: first.clock });
    second.tracker.registerCallback(() => {
      throw Object.assign(new Error(), { code: 'EPIPE' });
    });
    second.tracker.start('tool');
    second.clock.stall(39_000);
    second.clock.advance(0);

    expect(await chartOf(lines, 0, 200_000))
      .toBe(`<svg class="chart" role="img" tabindex="0" aria-label="Timeline of s" width="100%" height="219" data-from="${BASE_MS}" data-to="${BASE_MS + 200_000}" data-height="219">
<g class="ticks"><line x1="0%" x2="0%" y1="16" y2="219"/><text x="0%" y="12"></text><line x1="30%" x2="30%" y1="16" y2="219"/><text x="30%" y="12">14:01</text><line x1="60%" x2="60%" y1="16" y2="219"/><text x="60%" y="12">14:02</text><line x1="90%" x2="90%" y1="16" y2="219"/><text x="90%" y="12">14:03</text></g>
<svg class="plot" x="0" width="100%">
<rect class="silence" x="30%" width="50%" y="20" height="182" fill="url(#hatch)"><title>silent 1 min 40 s: 14:01:00 to 14:02:40, no sender</title></rect><text class="silence-label" x="80%" dx="-4" text-anchor="end" y="32">silent 1 min 40 s</text>
<rect class="late" x="95%" width="4.5%" y="37" height="165" fill="url(#missing)"><title>Missing time: the heartbeat due at 14:03:10 came 9 s late</title></rect>
<use href="#k-sent" x="15%" y="66"><title>14:00:30: keep-alive sent, took 0 ms</title></use>
<use href="#k-sent" x="25%" y="66"><title>14:00:50: keep-alive sent, by sendSignal(), took 0 ms</title></use>
<use href="#k-sent" x="30%" y="66"><title>14:01:00: keep-alive sent, took 0 ms</title></use>
<use href="#k-overdue" x="45%" y="66"><title>14:01:30: keep-alive not sent: all work overdue</title></use>
<use href="#k-failed" x="99.5%" y="66"><title>14:03:19: keep-alive failed (EPIPE)</title></use>
<rect class="absent" x="55%" width="25%" y="101" height="7"><title>no sender while work ran, 14:01:50 to 14:02:40 (50 s)</title></rect>
<rect class="present" x="0%" width="55%" y="101" height="7"><title>sender registered 14:00:00 to 14:01:50</title></rect>
<rect class="present" x="80%" width="19.5%" y="101" height="7"><title>sender registered 14:02:40 to 14:03:19</title></rect>
<rect class="work" x="0%" width="80%" y="131" height="12"><title>a&lt;b: 14:00:00 to 14:02:40 (2 min 40 s), still running at the end</title></rect>
<use href="#still-running" x="80%" y="137"/>
<rect class="work" x="5%" width="0%" y="145" height="12"><title>a&lt;b: 14:00:10 to 14:00:10 (0 ms)</title></rect>
<use href="#work-overdue" x="45%" y="137"><title>14:01:30: a&lt;b is overdue, held for 1 min 30 s</title></use>
<rect class="work" x="80%" width="19.5%" y="182" height="12"><title>tool: 14:02:40 to 14:03:19 (39 s), still running at the end</title></rect>
<use href="#still-running" x="99.5%" y="188"/>
<line class="border" x1="80%" x2="80%" y1="20" y2="219"/><text class="border-label" x="80%" dx="-4" y="214" text-anchor="end">shut down 14:02:40</text>
<line class="border" x1="80%" x2="80%" y1="20" y2="219"/><text class="border-label" x="80%" dx="4" y="214" text-anchor="start">tracker 2 14:02:40</text>
<line class="border" x1="99.5%" x2="99.5%" y1="20" y2="219"/><text class="border-label" x="99.5%" dx="-4" y="214" text-anchor="end">log ends 14:03:19</text>
</svg>
<text class="lane" x="4" y="49">keep-alives</text>
<text class="lane" x="4" y="96">sender</text>
<text class="lane" x="4" y="126">a&lt;b</text>
<text class="lane" x="4" y="177">tool</text>
</svg>`);
  });

  /** Class, position, width and the beginning of the title of each rectangle. */
  const shapesOf = (svg: string): string[][] =>
    [...svg.matchAll(/<rect class="(.*?)" x="(.*?)" width="(.*?)".*?<title>([^:<]*)/g)].map((match) => match.slice(1));
  const lanesOf = (svg: string): (string | undefined)[] =>
    [...svg.matchAll(/class="lane".*?>(.*?)</g)].map(([, text]) => text);
  const countOf = (svg: string, part: string): number => svg.split(part).length - 1;

  it('draws what touches the time shown, clipped a little outside it', async () => {
    const lines = [
      started(50, 'ended before', 1),
      started(50, 'ends at its beginning', 2),
      started(50, 'lasts all the time', 3),
      stopped(99, 'ended before', 2, 49),
      stopped(100, 'ends at its beginning', 1, 50),
      started(200, 'begins at its end', 2),
      started(201, 'begins later', 3),
      stopped(250, 'lasts all the time', 2, 200),
    ];

    const svg = await chartOf(lines, 100_000, 200_000);
    expect(lanesOf(svg)).toEqual([
      ...['keep-alives', 'sender', 'lasts all the time'],
      ...['ends at its beginning', 'begins at its end'],
    ]);
    expect(shapesOf(svg)).toEqual([
      ['silence', '-10%', '120%', 'silent 3 min 20 s'],
      ['present', '-10%', '120%', 'sender registered 14'],
      ['work', '-10%', '120%', 'lasts all the time'],
      ['work', '-10%', '10%', 'ends at its beginning'],
      ['work', '100%', '10%', 'begins at its end'],
    ]);
  });

  it('leaves out keep-alives, silences, late heartbeats and senders of another time', async () => {
    const lines = [
      line(0, 'session_tracker_configured', CONFIG),
      started(0, 'r', 1),
      ...[30, 130, 230, 330].flatMap((at) => [
        beat(at),
        line(at, 'session_keepalive_sent', { trigger: 'heartbeat', took_ms: 0 }),
      ]),
      ...[20, 120, 220].map((at) => line(at, 'session_keepalive_late', { late_ms: 5_000 })),
      ...[line(50, 'session_sender_removed'), line(250, 'session_sender_registered')],
    ];
    const svg = await chartOf(lines, 100_000, 200_000);

    expect(shapesOf(svg).map(([name, x]) => [name, x])).toEqual([
      ['silence', '-10%'],
      ['silence', '30%'],
      ['late', '15%'],
      ['absent', '-10%'],
      ['work', '-10%'],
    ]);
    expect(countOf(svg, 'href="#k-sent"')).toBe(1);
  });

  it.each([
    [100, 60],
    [450, 90],
  ])('draws a bounded number of shapes of each kind: %d in all', async (maxMarks, each) => {
    const lines = [
      line(0, 'session_sender_registered'),
      started(0, 'r', 1),
      started(0, 'other', 2),
      ...Array.from({ length: 100 }, (_, n) => [
        line(n * 70, 'session_keepalive_late', { late_ms: 1_000 }),
        line(n * 70, 'session_activity_overdue', { reason: 'r', held_ms: 1_000 }),
        signalSent(n * 70),
      ]).flat(),
      ...Array.from({ length: 99 }, (_, n) =>
        line(6_930 + n / 100, 'session_tracker_configured', { ...CONFIG, pid: n + 2 }),
      ),
    ];
    const svg = await chartOf(lines, 0, 6_931_000, maxMarks);

    expect(countOf(svg, '<rect class="silence"')).toBe(each);
    expect(countOf(svg, '<rect class="late"')).toBe(each);
    expect(countOf(svg, 'href="#work-overdue"')).toBe(each);
    expect(countOf(svg, '<line class="border"')).toBe(2 * each - 1);
  });

  it('draws as one what is too close to be told apart, and says how many there are', async () => {
    const seconds = [0, 1, 2, ...Array.from({ length: 59 }, (_, n) => 10 * n + 10)];
    const lines = seconds.flatMap((at) => [signalSent(at), started(at, 'r', 1), stopped(at + 0.1, 'r', 0, 0.1)]);
    const svg = await chartOf(lines, 0, 600_000, 1);

    expect(countOf(svg, 'href="#k-sent"')).toBe(60);
    expect(svg).toContain('14:00:00: keep-alive sent and 2 more near it, by sendSignal(), took 0 ms<');
    expect(svg).toMatch(/<rect class="work dense" [^>]*><title>62 times r: 14:00:00 to 14:09:50 \(9 min 50 s\)</);
  });

  it('has a lane for each of the twelve reasons that ran longest, and one for the others', async () => {
    const reasons = Array.from({ length: 15 }, (_, n) => `r-${n}`);
    const lines = reasons.flatMap((reason, n) => [started(0, reason, n + 1)]);
    lines.push(...reasons.map((reason, n) => stopped(100 - n, reason, 0, 100 - n)).reverse());
    const svg = await chartOf(lines, 0, 100_000);

    expect(countOf(svg, '<rect class="work"')).toBe(15);
    expect(lanesOf(svg)).toEqual(['keep-alives', 'sender', ...reasons.slice(0, 12), 'other reasons']);
  });

  it('joins the times of senders that are less than half a shape apart, whichever tracker has them', async () => {
    const registered = (at: number, pid: number): string => line(at, 'session_sender_registered', { pid });
    const removed = (at: number, pid: number): string => line(at, 'session_sender_removed', { pid });
    const lines = [
      ...[line(0, 'session_tracker_configured', CONFIG), started(0, 'r', 1)],
      ...[registered(0, 1), removed(100, 1), registered(300, 1), removed(400, 1)],
      ...[registered(105, 2), removed(200, 2), registered(406, 2), removed(500, 2)],
      stopped(600, 'r', 0, 600),
    ];

    expect(
      shapesOf(await chartOf(lines, 0, 600_000, 1))
        .filter(([name]) => name === 'present' || name === 'absent')
        .map(([name, x, width]) => [name, x, width]),
    ).toEqual([
      ['absent', '33.3333%', '16.6667%'],
      ['absent', '66.6667%', '1%'],
      ['absent', '83.3333%', '16.6667%'],
      ['present', '0%', '33.3333%'],
      ['present', '50%', '16.6667%'],
      ['present', '67.6667%', '15.6666%'],
    ]);
  });

  it('labels the longest silence, and others that take up enough room, at the side where they have more', async () => {
    const labelsOf = async (...sentAt: number[]): Promise<(string | undefined)[]> => {
      const svg = await chartOf([started(0, 'r', 1), ...sentAt.map(signalSent)], 0, 1_000_000);
      return [...svg.matchAll(/<text class="silence-label" (.*?) y/g)].map(([, at]) => at);
    };

    expect(await labelsOf(0, 150, 850, 1_000)).toEqual([
      'x="15%" dx="4"',
      'x="0%" dx="4"',
      'x="100%" dx="-4" text-anchor="end"',
    ]);
    expect(await labelsOf(0, 70, 135)).toEqual(['x="0%" dx="4"']);
    expect(await labelsOf(0, 149, 850, 1_000)).toEqual(['x="14.9%" dx="4"', 'x="100%" dx="-4" text-anchor="end"']);
  });
});
