/** What the listeners of `on` receive, by event. */

export interface Events {
  /**
   * `state`: "idle", "provisioning", "joining", "connecting", "online" or "bound". `reason`: why the last attempt to join
   * a network ended, a number of docs/status-codes.md.
   */
  state: { state: string; reason?: number };
  /** A binding window: its length in `seconds`, or 0 when it closes. */
  window: { seconds: number };
  /** The cloud has the bindingCode; `seconds` are left of the window. */
  reported: { seconds: number };
  /** Whether the device is `bound`: after `start`, and at each change. */
  bound: { bound: boolean };
  /** An app's network: `error` is 0 for success, or a number of docs/status-codes.md. */
  provisioning: { error: number };
  /** The new capabilitiesBitmask. */
  capabilities: { capabilities: number };
  /**
   * `code`: "ap", "authKey", "cloud", "crypto", "flash", "identity", "proof", "seed" or "tls". `message`: one sentence.
   * `number`: the cloud's, with the code "cloud".
   */
  error: { code: string; message: string; number?: number };
}
