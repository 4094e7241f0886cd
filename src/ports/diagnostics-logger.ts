/** How much an event matters. */
export type DiagnosticsLevel = 'debug' | 'info' | 'warn';

/** A value of an event: never personal data. */
export type DiagnosticsValue = string | number | boolean | null | Readonly<Partial<Record<string, number>>>;

/** The fields of an event. */
export type DiagnosticsData = Readonly<Record<string, DiagnosticsValue>>;

/**
 * Where a tracker's diagnostic events go. A logger that throws, or whose promise rejects, disturbs nothing.
 */
export interface DiagnosticsLogger {
  /**
   * Takes one structured event without personal data.
   *
   * @param level - how much it matters.
   * @param event - its stable name, such as `session_keepalive_heartbeat`.
   * @param data - its fields; left out for an event that has none.
   */
  log(level: DiagnosticsLevel, event: string, data?: DiagnosticsData): void;
}
