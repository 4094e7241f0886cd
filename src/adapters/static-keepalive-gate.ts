import type { KeepaliveGate } from '../ports/keepalive-gate.js';

/** Always open or always closed. */
export class StaticKeepaliveGate implements KeepaliveGate {
  readonly #open: boolean;

  /** @param open - whether it is open. */
  constructor(open: boolean) {
    this.#open = open;
  }

  isOpen(): boolean {
    return this.#open;
  }
}
