import { cpus } from 'node:os';

const HEAD = ['case', 'this library', 'compared with', 'figure', 'must reach', 'aim', ''];

/** A number as the table shows it: a ratio with two digits, bytes and the like with none. */
function amount(value, unit) {
  if (value === undefined) return '';
  if (unit === undefined) return value.toFixed(2);
  return `${Number(value.toFixed(unit === 'ms' ? 1 : 0))} ${unit}`;
}

function verdict({ value, limit }) {
  if (limit === undefined) return '';
  return value <= limit ? 'pass' : 'MISS';
}

/** @param {import('./measures.mjs').Row[]} rows */
export function table(rows) {
  const lines = rows.map((row) => [
    row.name,
    row.ours,
    row.theirs,
    amount(row.value, row.unit),
    amount(row.limit, row.unit),
    amount(row.aim, row.unit),
    verdict(row),
  ]);
  const widths = HEAD.map((head, index) => Math.max(3, head.length, ...lines.map((line) => line[index].length)));
  const draw = (cells) => `| ${cells.map((cell, index) => cell.padEnd(widths[index])).join(' | ')} |`;
  return [draw(HEAD), draw(widths.map((width) => '-'.repeat(width))), ...lines.map(draw)].join('\n');
}

/** The machine and the day, for figures mean little without them. */
export function machine() {
  const processors = cpus();
  const day = new Date().toISOString().slice(0, 10);
  return `${day}, Node ${process.version}, ${processors.length} x ${processors[0]?.model.trim() ?? 'unknown CPU'}`;
}

/** The whole of BENCHMARKS.md. */
export function document(rows) {
  return `# Benchmarks

What tracking costs, measured against what one would write or install instead. Written by \`npm run bench -- --write\`.

Each case is measured in processes of its own, and two sides that are timed against each other run in rounds that
alternate: the figure is the median of the rounds' ratios (this library over the other). Machines differ and are
shared, so trust the ratios and not the times. \`naive\` is the obvious class with \`setInterval\`, \`setTimeout\` and a
\`Map\` of counts, \`naive-with-handles\` the same with a \`start\` that returns a release-once function, \`by-hand\` a
\`try\` and \`finally\` round the same await, and \`bare-counter\` an integer and one clock read.

Rows without a limit are for the reader. Beside the same reason the naive classes do little more than add to a number in a
\`Map\`, while each activity here has an age, which costs a clock read: the two rows of the floor. A beat that does nothing
costs more than a tick of \`setInterval\`, but a real one is mostly its ping: the row with real sockets.

${table(rows)}

${machine()}
`;
}
