/** The little of HTTP that a download needs: an address, and the header of an answer. */

/** `http://host[:port]/path` or `https://…`: "s" or "", host, port or "", and path. */
export const ADDRESS = /^http(s*):\/\/([\w.-]+):*(\d*)(\/[!-~]*)$/i;

/** A number of at most nine digits: Espruino throws for one of many, and none that fits here has more. */
export function numberOf(digits: string): number {
  return +digits.substr(0, 9);
}

/** The answer is not the file. */
const NO_FILE = -1;
/** It is a file of another size. */
export const OTHER_SIZE = -2;

/**
 * Reads the header of an answer.
 * @param header without the empty line at its end
 * @param from first byte that was asked for
 * @param total bytes of the file
 * @returns how many bytes of the body are before that one; negative: why the answer is of no use
 */
export function skipOf(header: string, from: number, total: number): number {
  header = header.toLowerCase();
  const found =
    header.match(/\ncontent-range: *bytes (\d+)-\d+\/(\d+)/) || header.match(/\ncontent-length: *(0*)(\d+)/);
  if (!/^http\/1\.\d 20[06]/.test(header) || /text\/html|chunked/.test(header) || !found) return NO_FILE;
  const skip = from - numberOf(found[1]);
  return skip < 0 ? NO_FILE : numberOf(found[2]) != total ? OTHER_SIZE : skip;
}
