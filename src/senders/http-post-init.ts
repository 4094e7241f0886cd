/** What `fetch` is given besides the method, which is always POST. */
export type HttpPostInit = Omit<RequestInit, 'method'>;
