import type { KeepaliveGate } from '../ports/keepalive-gate.js';
import { assertNonEmptyString } from '../validate.js';

const TRUTHY = new Set(['1', 'true', 'yes', 'on']);

/**
 * Open while an environment variable is `1`, `true`, `yes` or `on`, in any case, trimmed. The variable is read at every
 * call, so it can be switched while the process runs.
 */
export class EnvKeepaliveGate implements KeepaliveGate {
  readonly #variable: string;

  /**
   * @param variable - the name of the variable.
   * @throws TypeError when it is not a non-empty string.
   */
  constructor(variable = 'CLAUDE_CODE_REMOTE_SEND_KEEPALIVES') {
    assertNonEmptyString('variable', variable);
    this.#variable = variable;
  }

  isOpen(): boolean {
    return TRUTHY.has((process.env[this.#variable] ?? '').trim().toLowerCase());
  }
}
