import type { CleanupRegistry } from '../ports/cleanup-registry.js';
import type { DiagnosticsLogger } from '../ports/diagnostics-logger.js';
import { type KeepaliveSummaryData, logEvent, type ShutdownData } from './events.js';
import { ignoreErrors } from './ignore-errors.js';

/** What a session has to say at shutdown. */
export interface ShutdownReportData {
  readonly running: ShutdownData;
  /** `undefined` if no keep-alive was ever due. */
  readonly summary: KeepaliveSummaryData | undefined;
}

/** Logs exactly one shutdown report: when the registry runs its cleanups or when the tracker is disposed. */
export class ShutdownReport {
  readonly #cleanup: CleanupRegistry;
  readonly #diagnostics: DiagnosticsLogger;
  #isLogged = false;
  #isWithdrawn = false;
  #unregister: (() => void) | undefined = undefined;

  constructor(cleanup: CleanupRegistry, diagnostics: DiagnosticsLogger) {
    this.#cleanup = cleanup;
    this.#diagnostics = diagnostics;
  }

  /** Registers the report with the registry, which may call back at once. */
  register(data: () => ShutdownReportData): void {
    const onShutdown = (): void => {
      if (!this.#isWithdrawn) this.log(data());
    };
    this.#unregister = ignoreErrors(() => this.#cleanup.register(onShutdown));
    // The registry may have disposed the tracker.
    if (this.#isWithdrawn) this.unregister();
  }

  log({ running, summary }: ShutdownReportData): void {
    if (this.#isLogged) return;
    this.#isLogged = true;
    logEvent(this.#diagnostics, 'info', 'session_activity_at_shutdown', running);
    if (summary) logEvent(this.#diagnostics, 'info', 'session_keepalive_summary', summary);
  }

  /** From now on the registry logs no report: the tracker is being disposed and does so itself. */
  withdraw(): void {
    this.#isWithdrawn = true;
  }

  /** Lets the registry forget the tracker. */
  unregister(): void {
    if (this.#unregister) ignoreErrors(this.#unregister);
  }
}
