import type { DiagnosticsData, DiagnosticsLogger } from '../ports/diagnostics-logger.js';
import { assertMethods, assertObject } from '../validate.js';

/**
 * Makes a logger that adds fixed fields, such as a session id, to every event. An event's own field wins.
 *
 * @param logger - where the events go.
 * @param fields - copied now; later changes have no effect.
 * @throws TypeError when `logger` has no `log` method or `fields` is not an object.
 */
export function bindDiagnostics(logger: DiagnosticsLogger, fields: DiagnosticsData): DiagnosticsLogger {
  assertMethods('logger', logger, 'log');
  assertObject('fields', fields);
  const bound = { ...fields };
  return {
    // Returned, so that an asynchronous logger's promise is not lost.
    log: (level, event, data) => logger.log(level, event, { ...bound, ...data }),
  };
}
