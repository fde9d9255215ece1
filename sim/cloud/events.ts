/** What happens in the cloud, for those who watch. No event holds a secret or a code. */

export type EventName =
  | "connected"
  | "authenticated"
  | "refused"
  | "reported"
  | "reset"
  | "window"
  | "stale"
  | "keySent"
  | "keyConfirmed"
  | "malformed"
  | "foreignTopic"
  | "bindingCall"
  | "verifyCall"
  | "unbindCall"
  | "authKeyCall"
  | "controlCall"
  | "bound"
  | "unbound"
  | "withdrawn"
  | "configured"
  | "renamed"
  | "forgotten"
  | "productsRead"
  | "updateStaged"
  | "updateOffered"
  | "updateSent"
  | "updateState"
  | "updated"
  | "updateRefused"
  | "updateFailed"
  | "disconnected";

export interface CloudEvent {
  event: EventName;
  /** Milliseconds since the epoch. */
  time: number;
  pk?: string;
  dk?: string;
  /** Id of the user who called. */
  user?: string;
  /** A status code of the API, or of the cloud in 00A3 and 00A4. */
  code?: number;
  /** Command of a frame, as `00B5`. */
  command?: string;
  /** How long the code of a window is valid. */
  seconds?: number;
  /** Network round trips from the connection to this report, at most; of `window`, where the cloud can count them. */
  roundTrips?: number;
  /** Topic or filter that is not the device's own. */
  topic?: string;
  /** Of an update. */
  version?: string;
  /** Of the product's devices that get an update. */
  percent?: number;
  message?: string;
  /** What the caller was told to look at. */
  extMsg?: string;
}

export type Tell = (event: Omit<CloudEvent, "time">) => void;
