/** The bytes to and from a device's console, whatever carries them: a serial port, telnet, or Web Serial in a browser. */
export interface Link {
  /** Resolves when the bytes have left. @throws when the port is gone */
  write(bytes: Uint8Array): Promise<void>;
  onData(listener: (bytes: Uint8Array) => void): void;
  /** The port was closed, or has gone away. */
  onClose(listener: () => void): void;
  /** Closes it at once. */
  close(): void;
}
