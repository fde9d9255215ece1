/** What happens in the cloud, for whoever watches. No event holds a secret or a code. */

export interface CloudEvent {
  /** connected, authenticated, refused, reported, distrusted, malformed, bindingCall, bound, disconnected. */
  event: string;
  /** Milliseconds since the epoch. */
  time: number;
  pk?: string;
  dk?: string;
  /** A status code of the API or of the platform. */
  code?: number;
  /** Command of a frame, as `00B5`. */
  command?: string;
  /** Length of a window. */
  seconds?: number;
  message?: string;
}

export type Tell = (event: Omit<CloudEvent, "time">) => void;
