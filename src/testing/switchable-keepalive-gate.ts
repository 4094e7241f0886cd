import type { KeepaliveGate } from '../ports/keepalive-gate.js';

/** A gate that a test opens and closes. */
export class SwitchableKeepaliveGate implements KeepaliveGate {
  #open: boolean;

  /**
   * Creates a gate.
   *
   * @param open - whether it is open at first.
   */
  constructor(open = true) {
    this.#open = open;
  }

  isOpen(): boolean {
    return this.#open;
  }

  /** Lets every send through from now on. Those that were withheld before are not sent later. */
  open(): void {
    this.#open = true;
  }

  /** Withholds every send from now on. A pending one is not affected. */
  close(): void {
    this.#open = false;
  }
}
