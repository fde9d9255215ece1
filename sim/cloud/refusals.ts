/** Codes of 00A3 by which this cloud refuses a connection [P], and what each means here. */

export const OK = 0;
export const UNKNOWN_PK = 10423;
export const UNDECODABLE = 10424;
export const BAD_SIGNATURE = 10425;
export const BAD_DEVICE_KEY = 10431;
export const BAD_FLAG = 10433;
export const CLIENT_ID_DIFFERS = 10434;
export const WRONG_DS = 10437;
export const UNKNOWN_DEVICE = 10438;

/** Those whose cause is the DS alone: a device mends them by authenticating anew, and is told to. */
export const AUTHENTICATE_ANEW: readonly number[] = [WRONG_DS, UNKNOWN_DEVICE];

/** Without any secret: these stand in events. */
export const REFUSALS = {
  [UNKNOWN_PK]: "no product has the PK of this clientId",
  [UNDECODABLE]: "the password cannot be decoded: check PS, the key and the iv",
  [BAD_SIGNATURE]: "the signature is wrong: check PS and what is hashed",
  [BAD_DEVICE_KEY]: "a DeviceKey is 4-32 letters and digits",
  [BAD_FLAG]: "the password does not begin with 0; or 1; and a flag of 0000 or 0001",
  [CLIENT_ID_DIFFERS]: "the clientId and the password name different devices",
  [WRONG_DS]: "the DS is not the one that was issued last",
  [UNKNOWN_DEVICE]: "no DS was ever issued to this device",
} as const;

export type Refusal = keyof typeof REFUSALS;
