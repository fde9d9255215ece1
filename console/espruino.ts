/** What src/crypto-fallback takes from Espruino: console/shims/buffer.ts has it for the browser. */
declare global {
  const E: {
    toUint8Array(bytes: string): Uint8Array<ArrayBuffer>;
    toString(bytes: ArrayBuffer | Uint8Array): string;
  };
}

export {};
