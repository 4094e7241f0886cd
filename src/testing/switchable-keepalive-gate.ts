import type { KeepaliveGate } from '../ports/keepalive-gate.js';

/** A gate that a test opens and closes. */
export class SwitchableKeepaliveGate implements KeepaliveGate {
  #open: boolean;

  /** @param open - whether it is open at first. */
  constructor(open = true) {
    this.#open = open;
  }

  isOpen(): boolean {
    return this.#open;
  }

  open(): void {
    this.#open = true;
  }

  close(): void {
    this.#open = false;
  }
}
