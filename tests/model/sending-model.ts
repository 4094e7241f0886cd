import { type Call, type Failure, type Script, type Subject, perform } from './subject.js';

/** A registered sender. Two registrations are two senders, whatever they do. */
export interface ModelSender {
  readonly script: Script;
  hasFailed: boolean;
}

type Trigger = 'heartbeat' | 'signal';

type Result = 'sent' | 'not sent' | { readonly failure: Failure };

type Cause = 'gate' | 'overdue' | 'pending' | 'transport';

interface SendInFlight {
  readonly sender: ModelSender;
  readonly trigger: Trigger;
  readonly ordinal: number;
  readonly startedAt: number;
  /** `Infinity` until the sender has returned its promise. */
  deadline: number;
  /** The calls that are made when it is aborted, once there is a promise. */
  abortCalls: readonly Call[];
  settlement?: { readonly at: number; readonly result: Result };
}

/** What sending needs to know of the rest of the model. */
export interface SendingWorld extends Subject {
  readonly now: number;
  readonly sender: ModelSender | undefined;
  /** May call back. */
  askGate(): boolean;
  /** May call back. */
  log(level: string, event: string, data?: object): void;
  /** May call back. */
  trace(event: string, data?: object): void;
  note(kind: string, name: string, data?: object): void;
  /** The fields of a send that depend on what is running. */
  running(): { readonly refcount: number; readonly active: Record<string, number> };
}

/** The rules on sending: one at a time, each with a deadline, and nothing escapes. */
export class SendingModel {
  readonly counts = { sent: 0, failed: 0, skipped: 0, withheld: 0, unsent: 0 };
  readonly aborted: (string | false)[] = [];
  #inFlight: SendInFlight | undefined;
  #failuresInARow = 0;
  #lastCause: Cause | undefined;

  constructor(
    private readonly world: SendingWorld,
    private readonly timeoutMs: number,
  ) {}

  get deadline(): number {
    return this.#inFlight?.deadline ?? Infinity;
  }

  /** @param isStillDue - whether the keep-alive is still due after the gate was asked, which may have called back. */
  send(trigger: Trigger, isStillDue = (): boolean => true): void {
    if (!this.world.askGate()) {
      this.withhold('gate');
      return;
    }
    if (!isStillDue()) return;
    this.expire();
    const { sender } = this.world;
    if (!sender) return;
    if (this.#inFlight) {
      this.counts.skipped++;
      this.#explain('pending');
    } else {
      this.#call(sender, trigger);
    }
  }

  withhold(cause: 'gate' | 'overdue'): void {
    // The gate may have removed the sender.
    if (!this.world.sender) return;
    this.counts.withheld++;
    this.#explain(cause);
  }

  /** Gives up the send in flight at its deadline; a heartbeat's also at the next beat that is on time. */
  expire(isBeatOnTime = false): void {
    const expired = this.#inFlight;
    if (!expired) return;
    if (expired.deadline > this.world.now && !(isBeatOnTime && expired.trigger === 'heartbeat')) return;
    this.#inFlight = undefined;
    this.#fail(expired.sender, 'timeout', null);
    this.#abort(expired, 'TimeoutError');
  }

  /** Aborts the send in flight because its sender was replaced or removed. It is not counted. */
  abandon(): void {
    const abandoned = this.#inFlight;
    this.#inFlight = undefined;
    if (abandoned) this.#abort(abandoned, 'AbortError');
  }

  /** The next keep-alive that is not sent is logged, whatever its cause. */
  forgetCause(): void {
    this.#lastCause = undefined;
  }

  /** Lets the pending promise settle if its time has come. */
  settle(): void {
    const send = this.#inFlight;
    if (send?.settlement && send.settlement.at <= this.world.now) this.#end(send, send.settlement.result);
  }

  #abort({ ordinal, abortCalls }: SendInFlight, reason: 'TimeoutError' | 'AbortError'): void {
    this.aborted[ordinal] = reason;
    perform(abortCalls, this.world);
  }

  #call(sender: ModelSender, trigger: Trigger): void {
    const { script } = sender;
    const startedAt = this.world.now;
    const ordinal = this.aborted.length;
    const mine: SendInFlight = { sender, trigger, ordinal, startedAt, deadline: Infinity, abortCalls: [] };
    this.#inFlight = mine;
    this.aborted.push(false);
    this.world.note('send', trigger, this.world.running());
    perform(script.calls ?? [], this.world);
    if (this.#inFlight !== mine) return;
    if (script.kind === 'return') {
      this.#end(mine, 'sent');
    } else if (script.kind === 'return NOT_SENT') {
      this.#end(mine, 'not sent');
    } else if (script.kind === 'throw') {
      this.#end(mine, { failure: script.failure });
    } else {
      this.#await(mine, script);
    }
  }

  #await(send: SendInFlight, script: Script): void {
    const { now } = this.world;
    send.deadline = now + this.timeoutMs;
    if (script.kind === 'reject when aborted') send.abortCalls = script.abortCalls ?? [];
    if (script.kind === 'resolve') send.settlement = { at: now + script.afterMs, result: 'sent' };
    if (script.kind === 'resolve to NOT_SENT') send.settlement = { at: now + script.afterMs, result: 'not sent' };
    if (script.kind === 'reject') {
      send.settlement = { at: now + script.afterMs, result: { failure: script.failure } };
    }
  }

  #end(send: SendInFlight, result: Result): void {
    this.#inFlight = undefined;
    if (result === 'sent') {
      this.#succeed(send);
    } else if (result === 'not sent') {
      this.counts.unsent++;
      this.#explain('transport');
    } else {
      this.#fail(send.sender, 'error', result.failure === 'ECONNRESET' ? result.failure : null);
    }
  }

  #succeed({ trigger, startedAt }: SendInFlight): void {
    const failures = this.#failuresInARow;
    this.counts.sent++;
    this.#failuresInARow = 0;
    this.forgetCause();
    this.world.trace('session_keepalive_sent', { trigger, took_ms: Math.floor(this.world.now - startedAt) });
    if (failures > 0) this.world.log('info', 'session_keepalive_recovered', { failures });
  }

  #fail(sender: ModelSender, outcome: string, errorCode: string | null): void {
    const isToLog = this.#failuresInARow === 0 || !sender.hasFailed;
    this.counts.failed++;
    this.#failuresInARow++;
    sender.hasFailed = true;
    this.forgetCause();
    if (isToLog) this.world.log('warn', 'session_keepalive_failed', { outcome, error_code: errorCode });
  }

  /** Logs why a keep-alive that was due was not sent: once, until the cause changes or is forgotten. */
  #explain(cause: Cause): void {
    if (cause === this.#lastCause) return;
    this.#lastCause = cause;
    this.world.log('info', 'session_keepalive_not_sent', { cause });
  }
}
