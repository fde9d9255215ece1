/** What may be written on a label and into an identity: one rule for every command. */

/** Most bytes of an access point's name; what follows the prefix is a dash and four characters of the DeviceKey. */
const SSID_BYTES = 32;
const SUFFIX = 5;

/** Whether a device may have this option `prefix`: the name of its access point must be 1-32 bytes of ASCII. */
export function isPrefix(text: string): boolean {
  return /^[\x20-\x7e]+$/.test(text) && text.length + SUFFIX <= SSID_BYTES;
}

export const PREFIX_RULE = `1-${SSID_BYTES - SUFFIX} ASCII characters: the name of the access point has at most ${SSID_BYTES}`;

/** Name of the access point that a device opens. */
export function accessPointName(prefix: string, dk: string): string {
  return `${prefix}-${dk.slice(-4)}`;
}

/** Whether a text can be a proof of possession: phones and devices must make the same bytes of it, and a label holds it. */
export function isPop(text: string): boolean {
  return /^[\x20-\x7e]{16,64}$/.test(text);
}

export const POP_RULE = "16-64 printable ASCII characters";

/** Whether a text can be a DeviceSecret that the factory writes. */
export function isDeviceSecret(text: string): boolean {
  return /^[\x21-\x7e]{1,32}$/.test(text);
}

export const DEVICE_SECRET_RULE = "1-32 printable ASCII characters without spaces";

/**
 * Characters of ProductKey and DeviceKey together up to which the answer to a discovery stays within its bound, whatever
 * the device's address is (src/lan/discovery.ts).
 */
export const DISCOVERED = 37;
