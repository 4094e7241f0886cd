/** Makes the error for a bad argument: what it is called, what was expected, what was given and, if known, the cause. */
export function invalid(
  ErrorType: typeof TypeError | typeof RangeError,
  name: string,
  expected: string,
  given: unknown,
  options?: ErrorOptions,
): Error {
  return new ErrorType(`Expected \`${name}\` to be ${expected}, got ${describe(given)}`, options);
}

/** Throws unless `value` is a function. */
export function assertFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') throw invalid(TypeError, name, 'a function', value);
}

/** Throws unless `value` is a string of at least one character. */
export function assertNonEmptyString(name: string, value: unknown): void {
  if (typeof value !== 'string' || value === '') throw invalid(TypeError, name, 'a non-empty string', value);
}

/** The longest delay a Node timer takes: a longer one fires after 1 ms. */
const MAX_DURATION_MS = 2_147_483_647;

/** Throws unless `value` is a number of milliseconds from 1 to `longest`. */
export function assertDuration(name: string, value: unknown, longest = MAX_DURATION_MS): asserts value is number {
  assertWithin(name, value, 1, longest, `a number of milliseconds from 1 to ${longest}`);
}

/** Throws unless `value` is a number in that range. */
export function assertWithin(
  name: string,
  value: unknown,
  from: number,
  to: number,
  expected: string,
): asserts value is number {
  if (typeof value !== 'number') throw invalid(TypeError, name, expected, value);
  // Written so that NaN fails it.
  if (!(value >= from && value <= to)) throw invalid(RangeError, name, expected, value);
}

/** Throws unless `value` is an object other than an array. */
export function assertObject(name: string, value: unknown): asserts value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(TypeError, name, 'an object', value);
}

/** Throws unless `value` is an object whose names are all among `known`, inherited ones included. */
export function assertKnownNames(name: string, value: unknown, known: readonly string[]): void {
  assertObject(name, value);
  for (const key in value) {
    // A name that somebody added to every object is not this caller's mistake.
    if (known.includes(key) || key in Object.prototype) continue;
    throw new TypeError(`Expected \`${name}\` to have no names but ${known.join(', ')}, got \`${key}\``);
  }
}

/** Throws unless `value` has all these methods. */
export function assertMethods(name: string, value: unknown, ...methods: string[]): void {
  const object = value as Readonly<Record<string, unknown>> | null | undefined;
  if (methods.every((method) => typeof object?.[method] === 'function')) return;
  throw invalid(TypeError, name, `an object with the methods ${methods.join(', ')}`, value);
}

/** Throws unless `value` is an `AbortSignal` or `undefined`. */
export function assertSignal(name: string, value: unknown): void {
  const signal = value as Partial<AbortSignal> | null | undefined;
  if (signal === undefined) return;
  const isSignal = typeof signal?.aborted === 'boolean' && typeof signal.addEventListener === 'function';
  if (!isSignal) throw invalid(TypeError, name, 'an AbortSignal', value);
}

/** The ports of a tracker, as its constructor names them. */
export const PORT_NAMES = ['clock', 'diagnostics', 'gate', 'cleanup'] as const;

const PORT_METHODS = {
  clock: ['now', 'createTimer'],
  diagnostics: ['log'],
  gate: ['isOpen'],
  cleanup: ['register'],
};

/** Throws unless `value` has the methods of that port. */
export function assertPort(name: (typeof PORT_NAMES)[number], value: unknown): void {
  assertMethods(name, value, ...PORT_METHODS[name]);
}

/** The value of a primitive; of an object only its type, for it may hold anything and its `toString` may throw. */
function describe(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `\`${JSON.stringify(value)}\` (string)`;
    case 'object':
    case 'function':
      return value === null ? '`null`' : `a value of type ${typeof value}`;
    case 'undefined':
      return '`undefined`';
    default:
      return `\`${String(value)}\` (${typeof value})`;
  }
}
