/** What a device makes for itself at boot: the next state of its random generator, and a bindingSecret that fits it. */

import { hex } from "../codec/bytes.js";
import type { Identity } from "../codec/identity.js";
import type { Hal } from "../hal/hal.js";
import { createRandom, type Random } from "../random/drbg.js";
import type { Changes } from "../storage/area.js";
import type { Journal } from "../storage/journal.js";
import {
  KEY_AUTH_KEY,
  KEY_DS,
  KEY_IDENTITY,
  KEY_PK,
  KEY_PS,
  KEY_RANDOM,
  KEY_SECRET,
  KEY_SECRET_REPORTED,
  KEY_SERVER,
} from "../storage/keys.js";

/**
 * Starts the random generator from the factory's seed and the state that the last boot has left. The state that the next
 * boot starts from is in flash before the first output of this boot is used, so no two boots share a stream, even if
 * nothing random ever happens to the device, or if the state is damaged and an older one counts: its place is another.
 * Of a flash that takes no state (`worn`) the next boot repeats this one: nothing that must be new may be made then.
 * @once
 */
export function startRandom(hal: Hal, identity: Identity, journal: Journal): Random {
  const old = journal.text(KEY_RANDOM) + journal.place();
  const random = createRandom(hal, identity.seed + old + identity.ps + identity.dk);
  // The build makes a global of it.
  identity = {} as Identity;
  random(0, "");
  journal.put([[KEY_RANDOM, random(32)]]);
  return random;
}

/**
 * The changes that give the device a new bindingSecret, 64 random bits as a bindingCode has, that the cloud has yet to
 * learn. None when the flash is worn.
 */
export function newSecret(journal: Journal, random: Random): Changes {
  if (journal.worn()) return [];
  return [
    [KEY_SECRET, hex(random(8))],
    [KEY_SECRET_REPORTED, false],
  ];
}

/** The changes that forget what the cloud has made of a device and where it sent it: kept or dropped together. */
export function ofTheCloud(): Changes {
  return [
    [KEY_DS, false],
    [KEY_AUTH_KEY, false],
    [KEY_PK, false],
    [KEY_PS, false],
    [KEY_SERVER, false],
  ];
}

/** Makes the bindingSecret at the first boot, and a new one when the identity is no longer the one it was made for. */
export function ensureSecret(hal: Hal, identity: Identity, journal: Journal, random: Random): void {
  const parts = [identity.pk, identity.ps, identity.dk, identity.ds];
  const fingerprint = hal.sha256(parts.join(";")).substr(0, 8);
  const known = journal.text(KEY_IDENTITY);
  if (known == fingerprint) return;
  // The old secret goes even when the flash is worn and no other one is made: then the next boot is to make it.
  const secret: Changes = newSecret(journal, random);
  if (!secret.length) secret.push([KEY_SECRET, false], [KEY_SECRET_REPORTED, false]);
  const changes = secret.concat([[KEY_IDENTITY, !journal.worn() && fingerprint]], ofTheCloud());
  // Nothing of another identity is left in flash.
  if (known) journal.purge(changes);
  else journal.put(changes);
}
