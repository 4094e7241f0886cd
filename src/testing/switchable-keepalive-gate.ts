import type { KeepaliveGate } from '../ports/keepalive-gate.js';

/** A gate that a test opens and closes. */
export class SwitchableKeepaliveGate implements KeepaliveGate {
  #open: boolean;

  /**
   * Makes a gate.
   *
   * @param open - whether it is open at first.
   */
  constructor(open = true) {
    this.#open = open;
  }

  isOpen(): boolean {
    return this.#open;
  }

  /** Lets every send through from now on. Those that were withheld are not made up. */
  open(): void {
    this.#open = true;
  }

  /** Holds every send back from now on, counted as `withheld`. A pending one goes on. */
  close(): void {
    this.#open = false;
  }
}
