import { parseArgs } from 'node:util';
import { readTime } from './parse.js';

export interface ReportOptions {
  readonly files: readonly string[];
  readonly help: boolean;
  readonly limitMs: number;
  readonly session: string | undefined;
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
  readonly html: string | undefined;
  readonly trace: string | undefined;
}

/** Wrong usage of the program; the message says how to correct it. */
export class UsageError extends Error {}

export const HELP = `Usage: session-activity-report [options] [files...]

Explains from a session-activity-tracker log why a session was killed. Reads JSON lines, also gzipped,
from the files, or from standard input. Run the tracker with \`trace: true\` and log at level debug.

  --html FILE     write a page with a timeline of each session
  --trace FILE    write Chrome trace events, for ui.perfetto.dev
  --limit 60s     how long the platform allows a session to be silent (default: 60s)
  --session ID    only this session
  --from TIME     leave out what came before: ISO text or epoch milliseconds
  --to TIME       leave out what came after
  --help          show this

Times are shown in UTC. Exit status: 0 if a report was written, 1 if the log has no events,
2 for a wrong option or a file that cannot be read or written.
`;

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000 };
const DEFAULT_LIMIT = '60s';

/**
 * Reads the command line.
 *
 * @throws UsageError for an option that does not exist or a value that cannot be used.
 */
export function parseOptions(args: readonly string[]): ReportOptions {
  const { values, positionals } = parse(args);
  return {
    files: positionals,
    help: values.help ?? false,
    limitMs: parseDuration('--limit', values.limit ?? DEFAULT_LIMIT),
    session: values.session,
    fromMs: parseTime('--from', values.from),
    toMs: parseTime('--to', values.to),
    html: values.html,
    trace: values.trace,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        html: { type: 'string' },
        trace: { type: 'string' },
        limit: { type: 'string' },
        session: { type: 'string' },
        from: { type: 'string' },
        to: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function parseDuration(option: string, text: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|min|h)$/.exec(text) ?? [];
  const ms = Number(number) * (UNIT_MS[unit] ?? NaN);
  if (!(ms > 0)) throw new UsageError(`Expected ${option} to be a duration such as 60s, 500ms or 2m, got '${text}'`);
  return ms;
}

function parseTime(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = readTime(/^\d+$/.test(text) ? Number(text) : text);
  if (ms === undefined)
    throw new UsageError(`Expected ${option} to be a time such as 2026-11-26T14:02:30Z, got '${text}'`);
  return ms;
}
