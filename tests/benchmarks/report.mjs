import { cpus } from 'node:os';

const HEAD = ['case', 'this library', 'compared with', 'figure', 'limit', 'aim', ''];

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

What tracking costs, compared with what you would write or install instead. Written by \`npm run bench -- --write\`.

A figure without a unit is a ratio, this library's over the other's: below 1, this library needs less. (For "each
other" it is the slowest over the fastest.) A \`MISS\` is above its limit; an aim is only a goal. Each case runs in
processes of its own. Two sides that are timed against each other take turns, round by round, and the figure is the
median of the rounds' ratios. Machines differ and are shared: trust the ratios, not the times.

- \`naive\` is the obvious class with \`setInterval\`, \`setTimeout\` and a \`Map\` of counts.
- \`naive-with-handles\` is the same with a \`start\` that returns a function that releases once.
- \`by-hand\` is a \`try\` and \`finally\` around the same await.
- \`bare-counter\` is an integer and one clock read, and \`bare-for-await\` the same loop without \`track\`.
- \`heartbeats\`, \`walletconnect-heartbeat\` and \`p-queue\` are npm packages.

\`0 to 1 to 0\` is a start and a stop while nothing else runs. Rows without a limit are for information. Beside
other work of the same reason, the naive classes do little more than add to a number in a \`Map\`, while here each
activity has an age, which costs a clock read. The rows of the floor show what such a read costs alone. A heartbeat
that sends nothing costs more than a tick of \`setInterval\`, but a real one is mostly its ping: see the row with
real sockets.

${table(rows)}

${machine()}
`;
}
