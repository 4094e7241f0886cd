import type { DiagnosticsData, DiagnosticsLevel, DiagnosticsLogger } from '../ports/diagnostics-logger.js';
import { assertMethods } from '../validate.js';

/** A logger of pino's shape: pino itself, bunyan, the log of a Fastify request. */
export type PinoLike = Readonly<Record<DiagnosticsLevel, (fields: object, message: string) => unknown>>;

/** Writes to a logger of pino's shape: the data's fields as the object, the event's name as the message. */
export class PinoDiagnosticsLogger implements DiagnosticsLogger {
  readonly #logger: PinoLike;

  /**
   * @param logger - where events are written.
   * @throws TypeError when it lacks `debug`, `info` or `warn`.
   */
  constructor(logger: PinoLike) {
    assertMethods('logger', logger, 'debug', 'info', 'warn');
    this.#logger = logger;
  }

  log(level: DiagnosticsLevel, event: string, data: DiagnosticsData = {}): unknown {
    return this.#logger[level](data, event);
  }
}
