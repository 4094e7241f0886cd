import { type Failure, type Script, type Subject, perform } from './subject.js';

interface PendingSend {
  readonly deadline: number;
  readonly ordinal: number;
  settlement?: { readonly at: number; readonly failure: Failure | undefined };
}

/** What sending needs to know of the rest of the model. */
export interface SendingWorld extends Subject {
  readonly now: number;
  readonly sender: { readonly script: Script } | undefined;
  /** May call back. */
  askGate(): boolean;
  /** May call back. */
  log(level: string, event: string, data?: object): void;
  note(kind: string, name: string, data?: object): void;
  /** The fields of a send that depend on what is running. */
  running(): { readonly refcount: number; readonly active: Record<string, number> };
}

/** The rules on sending: one at a time, with a deadline, nothing gets out. */
export class SendingModel {
  readonly counts = { sent: 0, failed: 0, skipped: 0, withheld: 0 };
  readonly aborted: (string | false)[] = [];
  #pending: PendingSend | undefined;
  #failuresInARow = 0;

  constructor(
    private readonly world: SendingWorld,
    private readonly timeoutMs: number,
  ) {}

  get deadline(): number | undefined {
    return this.#pending?.deadline;
  }

  /** `goesOn` tells whether what is sent for still runs, whatever the gate has done. */
  send(trigger: 'heartbeat' | 'signal', latest = Infinity, goesOn = (): boolean => true): void {
    const { sender: atFirst } = this.world;
    if (!atFirst) return;
    if (!this.world.askGate()) {
      this.counts.withheld++;
      return;
    }
    if (!goesOn()) return;
    this.expire();
    const { sender } = this.world;
    if (!sender) return;
    if (this.#pending) {
      this.counts.skipped++;
    } else {
      this.#call(sender.script, trigger, latest);
    }
  }

  expire(): void {
    if (!this.#pending || this.#pending.deadline > this.world.now) return;
    this.abort('TimeoutError');
    this.#fail('timeout', null);
  }

  abort(reason: 'TimeoutError' | 'AbortError'): void {
    if (this.#pending) this.aborted[this.#pending.ordinal] = reason;
    this.#pending = undefined;
  }

  /** Lets the pending promise settle if its time has come. */
  settle(): void {
    const settlement = this.#pending?.settlement;
    if (settlement && settlement.at <= this.world.now) this.#end(settlement.failure);
  }

  #call(script: Script, trigger: string, latest: number): void {
    const deadline = Math.min(this.world.now + this.timeoutMs, latest);
    const mine: PendingSend = { deadline, ordinal: this.aborted.length };
    this.#pending = mine;
    this.aborted.push(false);
    this.world.note('send', trigger, this.world.running());
    for (const call of script.calls ?? []) perform(call, this.world);
    if (this.#pending !== mine) return;
    if (script.kind === 'return') this.#end(undefined);
    if (script.kind === 'throw') this.#end(script.failure);
    if (script.kind === 'resolve') mine.settlement = { at: this.world.now + script.afterMs, failure: undefined };
    if (script.kind === 'reject') mine.settlement = { at: this.world.now + script.afterMs, failure: script.failure };
  }

  #end(failure: Failure | undefined): void {
    this.#pending = undefined;
    if (failure === undefined) {
      this.#succeed();
    } else {
      this.#fail('error', failure === 'ECONNRESET' ? failure : null);
    }
  }

  #succeed(): void {
    const failures = this.#failuresInARow;
    this.counts.sent++;
    this.#failuresInARow = 0;
    if (failures > 0) this.world.log('info', 'session_keepalive_recovered', { failures });
  }

  #fail(outcome: string, errorCode: string | null): void {
    this.counts.failed++;
    this.#failuresInARow++;
    if (this.#failuresInARow === 1) {
      this.world.log('warn', 'session_keepalive_failed', { outcome, error_code: errorCode });
    }
  }
}
