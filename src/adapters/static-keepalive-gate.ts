import type { KeepaliveGate } from '../ports/keepalive-gate.js';
import { invalid } from '../validate.js';

/** Always open or always closed. */
export class StaticKeepaliveGate implements KeepaliveGate {
  readonly #open: boolean;

  /**
   * @param open - whether it is open.
   * @throws TypeError when it is not a boolean.
   */
  constructor(open: boolean) {
    if (typeof open !== 'boolean') throw invalid(TypeError, 'open', 'a boolean', open);
    this.#open = open;
  }

  isOpen(): boolean {
    return this.#open;
  }
}
