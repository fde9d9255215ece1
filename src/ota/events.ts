/** What the module for updates tells its application. */

/** An update that the cloud offers. Without an answer it is accepted. */
export interface Task {
  /** The new version, and the one that the cloud takes the device to have. */
  version: string;
  source: string;
  /** What the cloud demands: least charge, space and signal; 0 where it demands none. Their units are not known. */
  battery: number;
  space: number;
  signal: number;
  accept(): void;
  decline(): void;
  /** Asks again after so many seconds. */
  later(seconds: number): void;
}

/** Events, and what their listeners are handed. */
export interface OtaEvents {
  task: Task;
  /** So many bytes of the file are in flash and checked. */
  progress: { done: number; total: number };
  /** The new version runs and is good; the code is "". */
  done: { code: string; version: string };
  /**
   * "declined", "busy", "component" (not the module), "key" (the identity has none), "module" (WifiBindingSlh is missing), "slots" (no boot file), "timeout" (no file within 30 s), "url",
   * "connection", "stalled", "http" (a status, a redirect, a header, HTML), "size", "format", "product", "version",
   * "signature", "image", "space", "storage", "trial" (not the new version runs: it was not good, or a cable has brought another one).
   */
  failed: { code: string; version: string };
}
