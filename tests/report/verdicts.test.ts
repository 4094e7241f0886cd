import { describe, expect, it } from '@jest/globals';
import type { Verdict } from '../../src/report/verdict.js';
import { onlySession } from './report-of.js';
import { SCENARIOS } from './scenarios.js';

/** What an engineer should read first, for each log whose history is known. */
const EXPECTED: Readonly<Record<string, Pick<Verdict, 'severity' | 'title' | 'text'>>> = {
  'gate closed': {
    severity: 'silenced',
    title: 'shut down after 2 min 40 s of silence: gate closed',
    text: 'Last keep-alive 14:02:30. The gate was closed from 14:03:00 on: silent for 2 min 40 s while tool_exec ran, until the session was shut down at 14:05:10.',
  },
  'no sender': {
    severity: 'silenced',
    title: 'shut down after 2 min 40 s of silence: no sender',
    text: 'Last keep-alive 14:02:30. No sender was registered from 14:02:45 on: silent for 2 min 40 s while tool_exec ran, until the session was shut down at 14:05:10.',
  },
  'sender failing': {
    severity: 'silenced',
    title: 'shut down after 2 min 40 s of silence: sends failed (ECONNRESET)',
    text: 'Last keep-alive 14:02:30. Sends failed (ECONNRESET) from 14:03:00 on: silent for 2 min 40 s while tool_exec ran, until the session was shut down at 14:05:10.',
  },
  'sender times out': {
    severity: 'silenced',
    title: 'shut down after 2 min 40 s of silence: sends timed out',
    text: 'Last keep-alive 14:02:30. Sends timed out from 14:03:00 on: silent for 2 min 40 s while tool_exec ran, until the session was shut down at 14:05:10.',
  },
  'nothing to send on': {
    severity: 'silenced',
    title: 'shut down after 2 min 40 s of silence: nothing to send on',
    text: 'Last keep-alive 14:02:30. The sender had nothing to send on from 14:03:00 on: silent for 2 min 40 s while tool_exec ran, until the session was shut down at 14:05:10.',
  },
  overdue: {
    severity: 'silenced',
    title: 'shut down after 2 min 10 s of silence: all work overdue',
    text: 'Last keep-alive 14:03:00. All running work was overdue from 14:03:30 on: silent for 2 min 10 s while tool_exec ran, until the session was shut down at 14:05:10.',
  },
  'previous send pending': {
    severity: 'silenced',
    title: 'shut down after 2 min 45 s of silence: previous send pending',
    text: 'Last keep-alive 14:02:30. The previous send was still pending from 14:03:00 to 14:03:15, then sends timed out from 14:03:15 to 14:03:30, then the previous send was still pending from 14:03:30 on: silent for 2 min 45 s while tool_exec ran, until the session was shut down at 14:05:15.',
  },
  'blocked loop': {
    severity: 'silenced',
    title: 'shut down soon after 2 min 25 s of silence: process did not run',
    text: 'Last keep-alive 14:02:30. The process did not run for 1 min 55 s (event loop blocked or process suspended) until 14:04:55: silent for 2 min 25 s while tool_exec ran, until a keep-alive went out at 14:04:55. tool_exec ran on until the session was shut down at 14:04:56.',
  },
  'blocked until shutdown': {
    severity: 'silenced',
    title: 'shut down after 2 min 25 s of silence: no heartbeat came',
    text: 'Last keep-alive 14:02:30. No heartbeat came though one was due at 14:03:00 (event loop blocked or process suspended): silent for 2 min 25 s while tool_exec ran, until the session was shut down at 14:04:55.',
  },
  'short work': {
    severity: 'silenced',
    title: 'shut down after 3 min 30 s of silence: work shorter than the interval',
    text: 'No keep-alive ever went out. Work began at 14:00:00. Each piece of work ended before its heartbeat was due, and each new piece restarted the interval: silent for 3 min 30 s while api_call and tool_exec ran, until the session was shut down at 14:03:30.',
  },
  idle: {
    severity: 'fine',
    title: 'ended with nothing running',
    text: 'The last work ended at 14:01:10 and the session was idle for 4 min 50 s: stopping it then was right, and no work was lost.',
  },
  killed: {
    severity: 'vanished',
    title: 'log ends while work ran',
    text: 'Last keep-alive 14:03:30, at the end: silence is not the reason. tool_exec ran until the log ends at 14:03:30 without a shutdown report: the process was killed outright, or still runs.',
  },
  'shut down while kept alive': {
    severity: 'cutShort',
    title: 'shut down while work ran, kept alive until then',
    text: 'Last keep-alive 14:03:30, 10 s before the end: silence is not the reason. tool_exec ran until the session was shut down at 14:03:40.',
  },
  reconnected: {
    severity: 'silenced',
    title: 'shut down after 1 min 50 s of silence: no sender',
    text: 'Last keep-alive 14:00:30. No sender was registered from 14:00:40 on: silent for 1 min 50 s while tool_exec ran, until the session was shut down at 14:02:20.',
  },
  'gate closed, then no sender': {
    severity: 'silenced',
    title: 'shut down after 2 min 40 s of silence: gate closed',
    text: 'Last keep-alive 14:02:30. The gate was closed from 14:03:00 to 14:04:05, then no sender was registered from 14:04:05 on: silent for 2 min 40 s while tool_exec ran, until the session was shut down at 14:05:10.',
  },
  'gate never open': {
    severity: 'silenced',
    title: 'shut down after 1 min 40 s of silence: gate closed',
    text: 'No keep-alive ever went out. Work began again at 14:02:00. The gate was closed from 14:02:30 on: silent for 1 min 40 s while tool_exec ran, until the session was shut down at 14:03:40.',
  },
  'sender never registered': {
    severity: 'silenced',
    title: 'shut down after 1 min 40 s of silence: no sender',
    text: 'No keep-alive ever went out. Work began at 14:00:00. No sender was registered the whole time: silent for 1 min 40 s while tool_exec ran, until the session was shut down at 14:01:40.',
  },
  'killed in silence': {
    severity: 'silenced',
    title: 'log ends after 2 min of silence: gate closed',
    text: 'Last keep-alive 14:01:00; work began again at 14:02:00. The gate was closed from 14:02:30 on: silent for 2 min while tool_exec ran, until the log ends at 14:04:00 without a shutdown report: the process was killed outright, or still runs.',
  },
  'killed without a sender': {
    severity: 'vanished',
    title: 'log ends without a sender while work ran',
    text: 'Last keep-alive 14:02:30. The sender was removed at 14:02:45 and no other registered, so nothing could be sent from then on. tool_exec ran until the log ends at 14:02:45 without a shutdown report: the process was killed outright, or still runs.',
  },
  'silence survived': {
    severity: 'survived',
    title: 'survived 1 min 30 s of silence: gate closed',
    text: 'Last keep-alive 14:02:30. The gate was closed from 14:03:00 on: silent for 1 min 30 s while tool_exec ran, until a keep-alive went out at 14:04:00. The last work ended at 14:04:45 and the session was idle for 40 s: stopping it then was right, and no work was lost.',
  },
  'within the limit': {
    severity: 'cutShort',
    title: 'shut down after 55 s of silence: gate closed',
    text: 'Last keep-alive 14:02:30. The gate was closed from 14:03:00 on: silent for 55 s while tool_exec ran, until the session was shut down at 14:03:25. That is within the limit of 1 min.',
  },
  'no trace': {
    severity: 'silenced',
    title: 'shut down after 2 min 40 s of silence: gate closed',
    text: 'Last keep-alive 14:02:30. The gate was closed from 14:03:00 on: silent for 2 min 40 s while tool_exec ran, until the session was shut down at 14:05:10.',
  },
  'no trace, killed': {
    severity: 'vanished',
    title: 'log ends while work ran',
    text: 'Last keep-alive 14:03:00, 30 s before the end: silence is not the reason. Work ran until the log ends at 14:03:30 without a shutdown report: the process was killed outright, or still runs.',
  },
  'no debug lines': {
    severity: 'silenced',
    title: 'shut down while work ran: gate closed',
    text: 'tool_exec ran until the session was shut down at 14:05:10. 3 keep-alives went out in all; the log does not say when. Its last line about keep-alives: at 14:03:00, the gate was closed.',
  },
  'no debug lines, gate never open': {
    severity: 'silenced',
    title: 'shut down after 3 min 10 s of silence: gate closed',
    text: 'No keep-alive ever went out. Work began at 14:02:00. The gate was closed from 14:02:30 on: silent for 3 min 10 s while tool_exec ran, until the session was shut down at 14:05:10.',
  },
  'no debug lines, killed': {
    severity: 'unknown',
    title: 'the log cannot tell',
    text: 'The log ends at 14:02:30.0 without a shutdown report, and does not say whether work ran then. Its last line about keep-alives: at 14:02:30.0, the gate was closed.',
  },
  'no debug lines, idle': {
    severity: 'fine',
    title: 'ended with nothing running',
    text: 'Nothing ran at the end: stopping it was right, and no work was lost.',
  },
};

async function verdictOf(scenario: string): Promise<Verdict> {
  const lines: string[] = [];
  await SCENARIOS[scenario]?.('s-1', lines);
  return (await onlySession(lines)).verdict;
}

describe('verdict', () => {
  it.each(Object.entries(EXPECTED))('tells what happened: %s', async (scenario, expected) => {
    const { severity, title, text } = await verdictOf(scenario);

    expect({ severity, title, text }).toEqual(expected);
  });

  it('is known for each scenario', () => {
    expect(Object.keys(EXPECTED)).toEqual(Object.keys(SCENARIOS));
  });
});
