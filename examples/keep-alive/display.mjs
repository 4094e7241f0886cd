import { clearScreenDown, cursorTo, moveCursor } from 'node:readline';

/** @typedef {import('./session.mjs').Session} Session */

/** How much time one cell of a bar covers, and how many cells a bar has. */
const CELL_MS = 250;
const BAR_CELLS = 30;

const LEGEND = '● keep-alive sent   ○ withheld   ─ working   · no work   ✓ survived   × dropped';

/**
 * Shows what happens to the sessions: on a terminal a line for each, updated in place; otherwise a line for each event,
 * and the sessions' lines once, at the end.
 */
export class Display {
  #output;
  #inPlace = false;
  #startedAtMs = performance.now();
  /** @type {readonly Row[]} */
  #rows = [];
  #drawn = 0;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;

  /** @param {NodeJS.WriteStream} output */
  constructor(output) {
    this.#output = output;
    // If the reader goes away, as in `| head`, the sessions go on.
    output.on('error', () => {});
  }

  /** @param {readonly Session[]} sessions */
  start(sessions) {
    this.#rows = sessions.map((session) => new Row(session));
    // Lines that have scrolled out of sight cannot be updated. A terminal of unknown size says 0.
    const fits = (this.#output.rows || Infinity) > this.#lines().length;
    this.#inPlace = this.#output.isTTY && process.env['TERM'] !== 'dumb' && fits;
    this.#startedAtMs = performance.now();
    this.#timer = setInterval(() => this.#tick(), CELL_MS);
    if (this.#inPlace) this.#draw();
  }

  stop() {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    for (const row of this.#rows) row.sample();
    this.#draw();
  }

  /**
   * Prints an event, unless the lines are updated in place.
   *
   * @param {string} event
   * @param {Readonly<Record<string, unknown>>} fields
   */
  note(event, { session_id: id, ...data }) {
    if (this.#inPlace) return;
    const seconds = ((performance.now() - this.#startedAtMs) / 1000).toFixed(1);
    const shown = Object.keys(data).length > 0 ? JSON.stringify(data) : '';
    this.print(`${seconds.padStart(5)} s  ${String(id).padEnd(15)} ${event} ${shown}`);
  }

  /** @param {readonly string[]} lines */
  print(...lines) {
    // A line that wraps would take up two rows, and the next update would move up too few.
    const columns = this.#output.columns || Infinity;
    for (const line of lines) this.#output.write(`${[...line].slice(0, columns).join('').trimEnd()}\n`);
  }

  /**
   * Prints columns as wide as their widest cell.
   *
   * @param {readonly (readonly string[])[]} table
   */
  printTable(table) {
    const widths = table[0]?.map((_, column) => Math.max(...table.map((cells) => cells[column]?.length ?? 0))) ?? [];
    this.print(...table.map((cells) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')));
  }

  #tick() {
    for (const row of this.#rows) row.sample();
    if (this.#inPlace) this.#draw();
  }

  #draw() {
    if (this.#drawn > 0) {
      cursorTo(this.#output, 0);
      moveCursor(this.#output, 0, -this.#drawn);
      clearScreenDown(this.#output);
    }
    const lines = this.#lines();
    this.print(...lines);
    this.#drawn = this.#inPlace ? lines.length : 0;
  }

  #lines() {
    return ['', ...this.#rows.map(String), LEGEND, ''];
  }
}

/** The line of one session. */
class Row {
  #session;
  #sent = 0;
  #withheld = 0;
  #ended = false;
  /** @type {string[]} */
  #cells = [];

  /** @param {Session} session */
  constructor(session) {
    this.#session = session;
  }

  /** Adds a cell for the time since the last sample. */
  sample() {
    if (this.#ended) return;
    this.#cells.push(this.#nextCell());
  }

  toString() {
    const { plan, state, lastedMs } = this.#session;
    const bar = this.#cells.slice(-BAR_CELLS).join('').padEnd(BAR_CELLS);
    const counts = `${this.#sent} sent, ${this.#withheld} withheld`;
    const seconds = this.#ended ? ` ${(lastedMs / 1000).toFixed(1)} s` : '';
    return `${plan.id.padEnd(14)} ${bar} ${counts.padEnd(18)} ${state}${seconds}`;
  }

  #nextCell() {
    const { state, tracker } = this.#session;
    const { keepalives, refcount } = tracker.snapshot();
    const sent = keepalives.sent > this.#sent;
    const withheld = keepalives.withheld > this.#withheld;
    this.#sent = keepalives.sent;
    this.#withheld = keepalives.withheld;
    this.#ended = state === 'survived' || state === 'dropped';
    if (this.#ended) return state === 'survived' ? '✓' : '×';
    if (sent) return '●';
    if (withheld) return '○';
    return refcount > 0 ? '─' : '·';
  }
}
