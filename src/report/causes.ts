import type { Cause } from './phases.js';

/** The code belongs to the cause `failed`. */
type CauseAndCode = Readonly<{ cause: Cause; code?: string | null }>;

interface Wording {
  /** For a heading. */
  readonly short: string;
  /** The beginning of a sentence that continues with the times. */
  readonly clause: string;
  readonly remedy: string;
}

const WORDINGS: Readonly<Record<Cause, Wording>> = {
  gate: {
    short: 'gate closed',
    clause: 'the gate was closed',
    remedy:
      'Open the keep-alive gate. The default one is closed unless the environment variable CLAUDE_CODE_REMOTE_SEND_KEEPALIVES opens it. To always allow keep-alives, pass a `StaticKeepaliveGate(true)`.',
  },
  'no-sender': {
    short: 'no sender',
    clause: 'no sender was registered',
    remedy:
      'The transport was gone while work went on. Call `registerCallback` again as soon as the client reconnects, and allow time for that before you end the session.',
  },
  failed: {
    short: 'sends failed',
    clause: 'sends failed',
    remedy:
      'Look at the transport. The code is that of the error that the sender threw; a timeout means that the send did not settle within `sendTimeoutMs`.',
  },
  transport: {
    short: 'nothing to send on',
    clause: 'the sender had nothing to send on',
    remedy:
      'The sender returned NOT_SENT: a closed socket, an ended response, or an MCP client without a progress token. Unregister it when the transport closes, and register the new one.',
  },
  overdue: {
    short: 'all work overdue',
    clause: 'all running work was overdue',
    remedy:
      'The tracker stopped sending on purpose. If the work was alive, raise `maxActivityMs` or `maxSilenceMs`, or call `touch()` as it makes progress. If it hung, find out why.',
  },
  pending: {
    short: 'previous send pending',
    clause: 'the previous send was still pending',
    remedy: 'A send must settle before the next one is due. Look at what it waits for, or lower `sendTimeoutMs`.',
  },
  late: {
    short: 'process did not run',
    clause: 'the process did not run',
    remedy:
      'The event loop was blocked or the container suspended. Look for synchronous work (large JSON, regular expressions, *Sync calls) and move it to a worker; if there is none, ask the platform about CPU limits and suspension.',
  },
  'no-heartbeat': {
    short: 'no heartbeat came',
    clause: 'no heartbeat came though one was due',
    remedy:
      'The event loop was blocked, or the container suspended, and did not come back before the end. Look for synchronous work in what ran, and for suspension in the logs of the platform.',
  },
  'short-work': {
    short: 'work shorter than the interval',
    clause: 'each piece of work ended before its heartbeat was due',
    remedy:
      "With the cadence `'restart'` each piece of work restarts the interval. Use `cadence: 'steady'`, or lower `intervalMs`.",
  },
  aborted: {
    short: 'sender replaced during a send',
    clause: 'the sender was replaced or removed in the middle of a send',
    remedy: 'Register a new sender only once its transport is open.',
  },
  unknown: {
    short: 'the log cannot tell',
    clause: 'the log does not say what became of the keep-alives',
    remedy: 'Run with `trace: true` and log at level debug: then the log says why.',
  },
  'on-time': {
    short: 'none was due yet',
    clause: 'no keep-alive was due yet',
    remedy: 'If the platform allows less silence than one interval, lower `intervalMs`.',
  },
};

/** A cause in a few words, such as `sends failed (ECONNRESET)`. */
export function shortCause(reason: CauseAndCode): string {
  return withCode(WORDINGS[reason.cause].short, reason);
}

/** A cause as a clause, such as `the gate was closed`. */
export function causeClause(reason: CauseAndCode): string {
  return withCode(WORDINGS[reason.cause].clause, reason);
}

function withCode(text: string, { cause, code = null }: CauseAndCode): string {
  if (cause !== 'failed' || code === null) return text;
  return code === 'timeout' ? 'sends timed out' : `${text} (${code})`;
}

/** What to do about it. */
export function remedy(cause: Cause): string {
  return WORDINGS[cause].remedy;
}
