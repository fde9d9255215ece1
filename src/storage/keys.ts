/** Keys of the journal: everything that the device must still know after a power cut. Numbers are never reused. */

/** State of the random generator, 32 bytes, replaced at every boot before its first output. */
export const KEY_RANDOM = 1;
export const KEY_SSID = 2;
export const KEY_PASSWORD = 3;
/** URL of the MQTT server, when an app gave one. */
export const KEY_SERVER = 4;
/** DeviceSecret that the cloud issued; "" while the device is to ask for one, whatever the factory wrote. */
export const KEY_DS = 5;
/** bindingSecret, 16 characters 0-9A-F. */
export const KEY_SECRET = 6;
/** True once the cloud has acknowledged the bindingSecret. */
export const KEY_SECRET_REPORTED = 7;
// 8 and 9 were in use once.
/** 16 raw bytes, present while the device is bound. */
export const KEY_AUTH_KEY = 10;
/** Fingerprint of the identity that the credentials were made for. */
export const KEY_IDENTITY = 11;
/** ProductKey and ProductSecret that the cloud has given in place of the factory's. */
export const KEY_PK = 12;
export const KEY_PS = 13;
/** Wrong proofs of possession in a row. */
export const KEY_WRONG_PROOFS = 14;
/** True while flash may still hold what a reset forgot. */
export const KEY_PURGE = 15;
/** Boots in a row that were short, as the firmware counts them. */
export const KEY_BOOTS = 16;
/** The update that is under way, and the newest version that was ever good: see ota/task.ts. */
export const KEY_UPDATE = 17;
