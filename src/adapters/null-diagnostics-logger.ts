import type { DiagnosticsLogger } from '../ports/diagnostics-logger.js';

/** Drops everything. */
export class NullDiagnosticsLogger implements DiagnosticsLogger {
  log(): void {
    // Nothing is kept.
  }
}
