/** An app, between core and proof. */

import type { Content } from "../codec/ttlv.js";

export interface Cipher {
  seal(cmd: number, data: string): string;
  open(cmd: number, data: string): string | undefined;
}

export interface Peer {
  cipher?: Cipher;
  randoms?: string;
  send(id: number, cmd: number, nodes: Content): void;
}
