import 'reflect-metadata';
import { spawnSync } from 'node:child_process';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import closeWithGrace from 'close-with-grace';
import { pino } from 'pino';
import {
  InProcessCleanupRegistry,
  PinoDiagnosticsLogger,
  registerSessionActivity,
  StaticKeepaliveGate,
} from 'session-activity-tracker';
import { container } from 'tsyringe';
import { Display } from './display.mjs';
import { OPTIONS, PLANS, SILENCE_MS } from './plans.mjs';
import { startServer } from './server.mjs';
import { Session } from './session.mjs';

const file = process.argv[2] ?? fileURLToPath(new URL('diagnostics.jsonl', import.meta.url));
const shownFile = relative('', file);
const log = new PinoDiagnosticsLogger(
  pino(
    {
      level: 'debug',
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    // Synchronous, so that nothing is lost when the process exits.
    pino.destination({ dest: file, sync: true, append: false }),
  ),
);
const display = new Display(process.stdout);
/** @type {import('session-activity-tracker').DiagnosticsLogger} */
const diagnostics = {
  log: (level, event, data = {}) => {
    log.log(level, event, data);
    display.note(event, data);
  },
};

const cleanup = new InProcessCleanupRegistry();
// `beforeExit` is skipped, so that Node still fails (exit code 13) if the program stops before its end.
const grace = closeWithGrace({ delay: 2_000, skip: ['beforeExit'] }, async ({ err, signal }) => {
  await cleanup.runAll();
  display.stop();
  if (err) console.error(err);
  else display.print(`Ended by ${signal}. See ${shownFile} for what was still running.`);
});

registerSessionActivity(container, { cleanup, gate: new StaticKeepaliveGate(true), options: OPTIONS });
const server = await startServer(SILENCE_MS);
display.print(
  `${server.url} drops a connection that is silent for ${SILENCE_MS / 1000} s.`,
  `While work runs, there is a heartbeat every ${OPTIONS.intervalMs / 1000} s.`,
  `The events go to ${shownFile}`,
  '',
);
display.printTable([
  ['session', 'what it does', 'expected'],
  ...PLANS.map(({ id, story, expected }) => [id, story, expected]),
]);

const sessions = PLANS.map((plan) => new Session(plan, container, diagnostics));
display.start(sessions);
await Promise.all(sessions.map((session) => session.run(server.url)));
display.stop();
server.close();
grace.uninstall();

display.printTable([
  ['session', 'expected', 'actual', 'lasted', 'sent', 'withheld'],
  ...sessions.map(({ plan, actual, lastedMs, tracker }) => {
    const { sent, withheld } = tracker.snapshot().keepalives;
    return [plan.id, plan.expected, actual, `${(lastedMs / 1000).toFixed(1)} s`, String(sent), String(withheld)];
  }),
]);
const wrong = sessions.filter(({ plan, actual }) => actual !== plan.expected);
display.print(
  '',
  wrong.length === 0
    ? 'All sessions behaved as expected.'
    : `Not as expected: ${wrong.map(({ plan }) => plan.id).join(', ')}`,
);
const page = file.replace(/(\.jsonl)?$/, '.html');
const limit = `${SILENCE_MS / 1000}s`;
const program = fileURLToPath(new URL('../../dist/report/cli.js', import.meta.url));
const { status } = spawnSync(process.execPath, [program, file, '--limit', limit, '--html', page], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
display.print(
  `Why each session ended, as a picture: ${relative('', page)}`,
  `The same as text: node ${relative('', program)} ${shownFile} --limit ${limit}`,
);
if (wrong.length > 0 || status !== 0) process.exitCode = 1;
