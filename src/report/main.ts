import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { drawPage } from './draw.js';
import { explain, type ExplainedSession } from './explain.js';
import { count, printable } from './format.js';
import { HELP, parseOptions, type ReportOptions, UsageError } from './options.js';
import { type Input, type Log, openFile, readLog } from './read.js';
import { historyOf } from './history.js';
import { sessionName, textReport } from './text.js';
import { writeTrace } from './trace.js';

/** Where text goes: a terminal, a file or a pipe. */
interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** What the program needs of `process`. */
export interface CliContext {
  readonly stdin: Readable & { readonly isTTY?: boolean | undefined };
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const STATUS = { ok: 0, noEvents: 1, misuse: 2 } as const;
const MAX_COLUMNS = 100;

/**
 * Runs the report.
 *
 * @returns the exit status.
 */
export async function main(args: readonly string[], context: CliContext): Promise<number> {
  try {
    return await run(parseOptions(args), context);
  } catch (error) {
    if (!(error instanceof UsageError) && !isSystemError(error)) throw error;
    context.stderr.write(`session-activity-report: ${printable(error.message)}\n`);
    if (error instanceof UsageError) context.stderr.write('Try session-activity-report --help\n');
    return STATUS.misuse;
  }
}

async function run(options: ReportOptions, { stdin, stdout, stderr, env }: CliContext): Promise<number> {
  if (options.help) {
    stdout.write(HELP);
    return STATUS.ok;
  }
  if (options.files.length === 0 && stdin.isTTY === true) throw new UsageError('Name a log file, or pipe a log in');
  protectInputs(options);
  const isTerminal = stderr.isTTY === true;
  const log = await readLog(openInputs(options.files, stdin), {
    session: options.session,
    toMs: options.toMs,
    onProgress: isTerminal ? (lines) => stderr.write(`\r${count(lines, 'line')} read`) : undefined,
  });
  if (isTerminal) stderr.write('\r\u001b[K');
  for (const warning of log.warnings) stderr.write(`session-activity-report: ${printable(warning)}\n`);

  const histories = log.sessions.map((session) => historyOf(session, log, options.fromMs));
  const explained = explain(histories, options.limitMs);
  if (explained.length === 0) {
    stderr.write(`session-activity-report: ${nothingFound(log, options)}\n`);
    return STATUS.noEvents;
  }
  const colors = stdout.isTTY === true && !env['NO_COLOR'];
  const columns = Math.min(stdout.columns ?? MAX_COLUMNS, MAX_COLUMNS);
  stdout.write(textReport(explained, log, { limitMs: options.limitMs, columns, colors }));
  writeFiles(explained, log, options, stdout);
  return STATUS.ok;
}

/** Opens each input when the one before has been read, so that its errors are always handled. */
function* openInputs(files: readonly string[], stdin: Readable): Generator<Input> {
  for (const name of files.length === 0 ? ['-'] : files)
    yield name === '-' ? { name: 'standard input', stream: stdin } : openFile(name);
}

function writeFiles(explained: readonly ExplainedSession[], log: Log, options: ReportOptions, stdout: Output): void {
  if (options.html !== undefined) {
    writeFileSync(options.html, drawPage(explained, log, options.limitMs));
    stdout.write(`\nTimeline: ${options.html}\n`);
  }
  if (options.trace !== undefined) {
    writeTrace(options.trace, explained);
    stdout.write(`\nTrace: ${options.trace} (open it in ui.perfetto.dev)\n`);
  }
}

/** A mistake such as `--html app.log` must not overwrite the log. */
function protectInputs({ files, html, trace }: ReportOptions): void {
  const inputs = files.map((file) => resolve(file));
  for (const file of [html, trace])
    if (file !== undefined && inputs.includes(resolve(file)))
      throw new UsageError(`'${file}' is read and would be overwritten`);
}

function nothingFound(log: Log, { session, fromMs, toMs }: ReportOptions): string {
  if (log.events === 0) return `No event of a session-activity-tracker in ${count(log.lines, 'line')}`;
  if (session === undefined) return `None of ${count(log.events, 'event')} is in the chosen time`;
  const when = fromMs === undefined && toMs === undefined ? '' : ' in the chosen time';
  const others = log.otherSessions.map(sessionName).join(', ') || 'none';
  return `No event of the session '${printable(session)}'${when}. Other sessions in the log: ${others}`;
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return typeof (error as NodeJS.ErrnoException).syscall === 'string';
}
