/** An error whose `code` the tracker shows as `error_code`. */
export function codedError(code: string, message: string, options?: ErrorOptions): Error {
  return Object.assign(new Error(message, options), { code });
}
