/** Decides whether keep-alives may leave the process. */
export interface KeepaliveGate {
  /** Asked before every send and never cached. Only `true` opens the gate; one that throws counts as closed. */
  isOpen(): boolean;
}
