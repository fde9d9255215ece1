/** The operator's token: asked for once where the cloud wants one, and kept as long as the tab. */

const NAME = "operator";

export const readToken = (): string => sessionStorage.getItem(NAME) ?? "";

export function keepToken(token: string): void {
  if (token) sessionStorage.setItem(NAME, token);
  else sessionStorage.removeItem(NAME);
}

/** The header of each call. */
export function authorization(): Record<string, string> {
  const token = readToken();
  // What no header can carry is no token of any cloud: without one the cloud refuses, and the page asks again.
  return /^[\x21-\x7e]+$/.test(token) ? { authorization: token } : {};
}
