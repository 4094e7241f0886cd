/** What of an `AbortSignal` there is where neither Node's types nor the DOM's are loaded. */
interface AbortSignalShape {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** The platform's `AbortSignal`, by whichever types are loaded: Node's, the DOM's or none. */
export type PlatformAbortSignal = typeof globalThis extends {
  /** The class: a global variable in Node's types and in the DOM's. */
  AbortSignal: {
    /** Typed as a signal in both. */
    prototype: infer Signal;
  };
}
  ? Signal
  : AbortSignalShape;
