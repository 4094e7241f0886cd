/** What must not get out. None of them could be an error code. */
export const SECRETS = [
  'jane.doe@example.org',
  'correct horse battery staple',
  '/home/jane/diary.txt',
  'janes_token',
  'Bearer',
  'JANE DOE',
  'JANE'.repeat(17),
  '4111111111111111',
  'jane-key',
] as const;

const [MAIL, PHRASE, PATH, TOKEN, BEARER, NAME, LONG, CARD, KEY] = SECRETS;

/** What an error code looks like. */
const VALID = 'ECONNRESET';

/** An error with a secret wherever an error can hold one, and `code` as its code. */
function secretError(code: unknown): Error {
  const error = new Error(`${MAIL}: ${PHRASE}`, { cause: new Error(`at ${PATH}`) });
  error.name = `${NAME}Error`;
  error.stack = `${MAIL}\n    at open (${PATH}:1:1)`;
  return Object.assign(error, { code, path: PATH, dest: PATH, syscall: TOKEN, address: BEARER, info: { key: KEY } });
}

/** An object whose every property throws an error full of secrets. */
function trap(): object {
  const fail = (): never => {
    throw secretError(TOKEN);
  };
  return new Proxy({}, { get: fail, has: fail, ownKeys: fail, getPrototypeOf: fail, getOwnPropertyDescriptor: fail });
}

/** Answers every question with another secret, `then` excepted. */
function talker(): object {
  let asked = 0;
  return new Proxy({}, { get: (_, name) => (name === 'then' ? undefined : SECRETS[asked++ % SECRETS.length]) });
}

/** An error whose code is valid when it is read the first `reads` times, and a secret from then on. */
function fickle(reads: number): Error {
  let read = 0;
  return Object.defineProperty(secretError(null), 'code', { get: () => (read++ < reads ? VALID : KEY) });
}

const CODES: Readonly<Record<string, unknown>> = {
  'in lower case': TOKEN,
  'with spaces': NAME,
  'that is too long': LONG,
  'that is a number': Number(CARD),
  'that is a big integer': BigInt(CARD),
  'of digits': CARD,
  'that is a path': PATH,
  'with a line after it': `E\n${MAIL}`,
  'that is an object': { toString: () => KEY, key: KEY },
  'that is an array': [MAIL],
  'that is a String object': Object(TOKEN) as unknown,
  'that is an object like one': { toString: () => VALID, key: KEY },
  'that is an object like one with a way to JSON': { toString: () => VALID, toJSON: () => KEY },
  'that is a String object like one': Object.assign(Object(VALID) as object, { toJSON: () => KEY }),
  'that is a symbol': Symbol(TOKEN),
  'that is a function': () => KEY,
};

/** Whatever foreign code may throw or reject with, made anew each time. */
export const THROWN: Readonly<Record<string, () => unknown>> = {
  ...Object.fromEntries(
    Object.entries(CODES).map(([what, code]) => [`an error with a code ${what}`, () => secretError(code)]),
  ),
  'an error with a code that is one': () => secretError(VALID),
  'an error whose code is one at the first look': () => fickle(1),
  'an error whose code is one at two looks': () => fickle(2),
  'an error whose code is one at three looks': () => fickle(3),
  'an error whose code throws': () =>
    Object.defineProperty(secretError(null), 'code', {
      get: () => {
        throw secretError(TOKEN);
      },
    }),
  'an aggregate error': () => new AggregateError([secretError(TOKEN), secretError(NAME)], PHRASE),
  'an error caused by itself': () => {
    const error = secretError(undefined);
    error.cause = error;
    return error;
  },
  'an error with a way to JSON': () => Object.assign(secretError(LONG), { toJSON: () => ({ MAIL, PATH }) }),
  'a proxy that throws': trap,
  'a proxy that has something to say': talker,
  'a thenable that throws': () => ({
    then: () => {
      throw secretError(TOKEN);
    },
  }),
  'a string': () => PHRASE,
  'a string like a code': () => LONG,
  'a number': () => Number(CARD),
  'a symbol': () => Symbol(MAIL),
};
