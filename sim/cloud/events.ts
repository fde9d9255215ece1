/** What happens in the cloud, for whoever watches. No event holds a secret or a code. */

export type EventName =
  | "connected"
  | "authenticated"
  | "refused"
  | "reported"
  | "window"
  | "distrusted"
  | "malformed"
  | "bindingCall"
  | "bound"
  | "unbound"
  | "withdrawn"
  | "configured"
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
  /** Length of a window; 0 when it was closed. */
  seconds?: number;
  /** Network round trips from the connection to this report, at most; of `window`, where the cloud can count them. */
  roundTrips?: number;
  message?: string;
}

export type Tell = (event: Omit<CloudEvent, "time">) => void;
