/** Errors that end a command: a sentence for a person, never a stack trace. */

/** The caller's mistake: bad option, missing file, malformed key. The message says what to do. Exit status 2. */
export class UsageError extends Error {}

/** Something that was asked for properly and did not work: port in use, device silent. Exit status 1. */
export class FailedError extends Error {}

/** What was asked for goes on with the next run: one of several devices is made. Exit status 3. */
export class UnfinishedError extends FailedError {}

/** The first line of an error's message, whatever was thrown. */
export function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message || error.name : String(error);
  return message.split("\n", 1)[0];
}

/** The system's name of an error (`EADDRINUSE`…), if it has one; fetch hides it in the cause. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = (error as NodeJS.ErrnoException).code;
  return typeof code === "string" ? code : systemCode(error.cause);
}
