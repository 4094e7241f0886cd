import type { Reason } from './subject.js';

export interface Running {
  readonly reason: Reason;
  readonly since: number;
  reported: boolean;
}

export interface Handle {
  readonly activity: Running;
  stopped: boolean;
}

/** What counting needs to know of the rest of the model, and tells it. */
export interface CountingWorld {
  readonly now: number;
  readonly isDisposed: boolean;
  becameBusy(): void;
  becameIdle(): void;
  log(level: string, event: string, data?: object): void;
}

/** The rules on counting: what runs, and which activity a stop takes. */
export class CountingModel {
  running: readonly Running[] = [];
  #busySince = 0;

  constructor(
    private readonly world: CountingWorld,
    private readonly maxActivityMs: number,
  ) {}

  get busyMs(): number | null {
    return this.running.length > 0 ? this.age(this.#busySince) : null;
  }

  get oldestMs(): number | null {
    return this.running[0] ? this.age(this.running[0].since) : null;
  }

  start(reason: Reason): Handle {
    const activity = { reason, since: this.world.now, reported: false };
    if (!this.world.isDisposed) {
      this.running = [...this.running, activity];
      if (this.running.length === 1) {
        this.#busySince = this.world.now;
        this.world.becameBusy();
      }
    }
    return { activity, stopped: false };
  }

  stop(reason: Reason): void {
    if (this.world.isDisposed) return;
    const oldest = this.running.find((activity) => activity.reason === reason);
    if (oldest) {
      this.#end(oldest);
    } else {
      this.world.log('warn', 'session_activity_unmatched_stop', { reason });
    }
  }

  stopHandle(handle: Handle): void {
    if (handle.stopped) return;
    handle.stopped = true;
    if (this.running.includes(handle.activity)) {
      this.#end(handle.activity);
    } else {
      this.stop(handle.activity.reason);
    }
  }

  counts(): { readonly refcount: number; readonly active: Record<string, number> } {
    const active: Record<string, number> = {};
    for (const { reason } of this.running) active[reason] = (active[reason] ?? 0) + 1;
    return { refcount: this.running.length, active };
  }

  isOverdue({ since }: Running): boolean {
    return this.world.now - since > this.maxActivityMs;
  }

  age(since: number): number {
    return Math.floor(this.world.now - since);
  }

  #end(ended: Running): void {
    this.running = this.running.filter((activity) => activity !== ended);
    if (this.running.length === 0) this.world.becameIdle();
  }
}
