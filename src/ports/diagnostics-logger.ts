/** The severity of an event. */
export type DiagnosticsLevel = 'debug' | 'info' | 'warn';

/** The value of one field of an event. Never personal data. */
export type DiagnosticsValue = string | number | boolean | null | Readonly<Partial<Record<string, number>>>;

/** The fields of an event. */
export type DiagnosticsData = Readonly<Record<string, DiagnosticsValue>>;

/**
 * Where a tracker's diagnostic events go. A logger that throws, or whose promise rejects, affects nothing else.
 */
export interface DiagnosticsLogger {
  /**
   * Logs one structured event without personal data.
   *
   * @param level - its severity.
   * @param event - its stable name, such as `session_keepalive_heartbeat`.
   * @param data - its fields; omitted for an event that has none.
   */
  log(level: DiagnosticsLevel, event: string, data?: DiagnosticsData): void;
}
