import { createHash } from 'node:crypto';
import { drawChart } from './chart.js';
import type { ExplainedSession } from './explain.js';
import { count, duration } from './format.js';
import { extentOf } from './history.js';
import { escapeHtml } from './html.js';
import type { Outcome } from './keepalives.js';
import { SCRIPT } from './page-script.js';
import { STYLE } from './page-style.js';
import type { Log } from './read.js';
import { lengthMs, type Span } from './spans.js';
import { DEFINITIONS, SYMBOLS } from './symbols.js';
import { facts, reasonTable } from './tables.js';
import { sessionName, summaryLine, trackerLine } from './text.js';
import { SEVERITY, toneOf } from './verdict.js';

/** Limits on what is drawn, so that the page of a busy log stays small. */
const MAX_SESSIONS = 50;
const MAX_MARKS = 20_000;
const MARKS_PER_CHART = { min: 300, max: 3_000 };
const MAX_REASONS = 20;
const MAX_TRACKERS = 20;

/** A close-up is drawn if the relevant part is shorter than this share of the session. */
const CLOSE_UP_SHARE = 0.4;

/**
 * Draws the report as one self-contained page. Nothing from the log can run in it: every text is escaped, and the page
 * allows only its own script and style.
 */
export function drawPage(explained: readonly ExplainedSession[], log: Log, limitMs: number): string {
  const drawn = explained.slice(0, MAX_SESSIONS);
  const perChart = Math.floor(MAX_MARKS / (2 * drawn.length));
  const maxMarks = Math.min(MARKS_PER_CHART.max, Math.max(MARKS_PER_CHART.min, perChart));
  const left = explained.length - drawn.length;
  const summary = `${summaryLine(explained, log)} Silences longer than ${duration(limitMs)} are hatched. Times are UTC.`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '${hash(STYLE)}'; script-src '${hash(SCRIPT)}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Session activity report</title>
<style>${STYLE}</style>
</head>
<body>
${DEFINITIONS}
<header>
<h1>Why was my session killed?</h1>
<p class="faint">${escapeHtml(summary)}</p>
${drawn.length > 1 ? index(drawn) : ''}
${left > 0 ? `<p class="faint">${count(left, 'more session')}, none worse than these, left out: choose one with --session.</p>` : ''}
${legend(drawn)}
<p class="faint hint">Hover or tap for the numbers. Drag over a timeline to zoom in, double-click to zoom out; keys: + − ← → 0.</p>
</header>
${drawn.map((session, number) => drawSession(session, number, maxMarks)).join('\n')}
<script>${SCRIPT}</script>
</body>
</html>
`;
}

function index(drawn: readonly ExplainedSession[]): string {
  const items = drawn.map(
    ({ id, worst }, number) =>
      `<li><a href="#s${number}" class="id">${escapeHtml(sessionName(id))}</a> <span class="${toneOf(worst.verdict)}">${escapeHtml(worst.verdict.title)}</span></li>`,
  );
  return `<nav><ol>${items.join('\n')}</ol></nav>`;
}

/** Explains the marks that occur. */
function legend(drawn: readonly ExplainedSession[]): string {
  const outcomes = new Set<Outcome>();
  for (const { trackers } of drawn)
    for (const { history } of trackers) for (const { outcome } of history.keepalives) outcomes.add(outcome);
  const late = drawn.some(({ trackers }) => trackers.some(({ history }) => history.late.length > 0));
  const overdue = drawn.some(({ trackers }) => trackers.some(({ history }) => history.overdue.length > 0));
  const silent = drawn.some(({ trackers }) => trackers.some(({ verdict }) => verdict.overLimit.length > 0));
  const item = (shape: string, text: string): string =>
    `<li><svg viewBox="-9 -8 18 16" aria-hidden="true">${shape}</svg> ${text}</li>`;
  const box = (fill: string, className: string): string =>
    `<rect x="-8" y="-7" width="16" height="14" class="${className}" fill="url(#${fill})"/>`;
  return `<ul class="legend">${[
    ...(Object.keys(SYMBOLS) as Outcome[])
      .filter((outcome) => outcomes.has(outcome))
      .map((outcome) => item(SYMBOLS[outcome].shape, SYMBOLS[outcome].label)),
    ...(silent ? [item(box('hatch', 'silence'), 'silent for too long')] : []),
    ...(late ? [item(box('missing', 'late'), 'missing time: the process did not run')] : []),
    item('<rect x="-8" y="-3" width="16" height="7" class="present"/>', 'sender registered'),
    item('<rect x="-8" y="-3" width="16" height="7" class="absent"/>', 'no sender while work ran'),
    ...(overdue ? [item('<use href="#work-overdue"/>', 'work became overdue')] : []),
    item('<use href="#still-running"/>', 'still running at the end'),
  ].join('')}</ul>`;
}

function drawSession(session: ExplainedSession, number: number, maxMarks: number): string {
  const { id, worst, trackers, time } = session;
  const { verdict } = worst;
  const histories = trackers.map(({ history }) => history);
  const list = (items: readonly string[]): string =>
    `<ul>${items.map((item) => `<li>${escapeHtml(item)}</li>`).join('')}</ul>`;
  const known =
    verdict.knownFrom.length === 0 ? '' : `<details><summary>Known from</summary>${list(verdict.knownFrom)}</details>`;
  const notKnown = verdict.notKnown.map((line) => `<p class="faint">${code(line)}</p>`).join('');
  const others =
    trackers.length === 1
      ? ''
      : `<p>The session had ${count(trackers.length, 'tracker')} (its host reconnected or restarted):</p>${list(
          trackers.slice(0, MAX_TRACKERS).map((tracker) => trackerLine(tracker, session)),
        )}`;
  const [heading, ...rows] = reasonTable(histories, MAX_REASONS);
  const row = (cells: readonly string[], tag: 'th' | 'td'): string =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('')}</tr>`;
  const table =
    heading === undefined
      ? ''
      : `<table><thead>${row(heading, 'th')}</thead><tbody>${rows.map((cells) => row(cells, 'td')).join('')}</tbody></table>`;
  const details = facts(histories, time).map(([label, fact]) => `<dt>${label}</dt><dd>${escapeHtml(fact)}</dd>`);
  return `<section id="s${number}">
<h2><span class="id">${escapeHtml(sessionName(id))}</span>: <span class="${toneOf(verdict)}">${escapeHtml(verdict.title)}</span></h2>
<p class="verdict">${escapeHtml(verdict.text)}</p>
${verdict.remedy === undefined ? '' : `<p class="do"><b>What to do:</b> ${code(verdict.remedy)}</p>`}
${known}${notKnown}${others}
${figures(session, maxMarks)}
<div class="columns">${table}<dl>${details.join('')}</dl></div>
</section>`;
}

function figures(session: ExplainedSession, maxMarks: number): string {
  const extent = extentOf(session.trackers.map(({ history }) => history));
  const closeUp = closeUpOf(session, extent);
  const figure = (caption: string, span: Span): string => `<figure><figcaption><span>${escapeHtml(caption)}</span>
<span class="tools"><button type="button" value="-" title="Zoom out">−</button><button type="button" value="+" title="Zoom in">+</button><button type="button" value="ArrowLeft" title="Earlier">←</button><button type="button" value="ArrowRight" title="Later">→</button><button type="button" value="0">all</button></span></figcaption>
${drawChart(session, span, maxMarks)}</figure>`;
  const { time } = session;
  const all = figure(`The whole session, ${time(extent.startMs)} to ${time(extent.endMs)}`, padded(extent, 0.02));
  return closeUp === undefined
    ? all
    : `${figure(`Close-up, ${time(closeUp.startMs)} to ${time(closeUp.endMs)}`, closeUp)}\n${all}`;
}

/** What the verdict is about: the silence, or the end of a session that was cut short. */
function closeUpOf({ worst: { history, verdict } }: ExplainedSession, whole: Span): Span | undefined {
  const { severity, silence } = verdict;
  if (SEVERITY[severity] < SEVERITY.survived) return undefined;
  const about = silence ?? { startMs: history.lastMs - 10 * history.intervalMs, endMs: history.lastMs };
  const wide = padded(about, 0.25);
  const inside = { startMs: Math.max(wide.startMs, whole.startMs), endMs: Math.min(wide.endMs, whole.endMs) };
  const isSmall = lengthMs(inside) < CLOSE_UP_SHARE * lengthMs(whole);
  return isSmall ? padded(inside, 0.02) : undefined;
}

/** Leaves room on both sides, so that nothing is cut off at the edge. */
function padded({ startMs, endMs }: Span, share: number): Span {
  const room = Math.max(50, Math.ceil((endMs - startMs) * share));
  return { startMs: startMs - room, endMs: endMs + room };
}

/** Turns text in backticks into code. */
function code(text: string): string {
  return escapeHtml(text).replace(/`([^`]*)`/g, '<code>$1</code>');
}

function hash(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
