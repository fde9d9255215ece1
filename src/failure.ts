/** The error that a caller's mistake throws. */

/** Each code is one mistake, whatever the message says. */
export interface Failure extends Error {
  code: string;
}

export function failure(code: string, message: string): Failure {
  const error = new Error(message) as Failure;
  error.code = code;
  return error;
}
