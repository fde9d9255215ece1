/** The handshake with an app: randoms, then a proof of each side, then the channel. Sole owner of who has proved. */

import {
  CMD_HELLO,
  CMD_PROVE,
  CMD_PROVISION,
  HELLO_APP_RANDOM,
  HELLO_DEVICE_RANDOM,
  HELLO_WAIT,
  PROVE_APP,
  PROVE_DEVICE,
  PROVE_OK,
} from "../codec/commands.js";
import { textOf, type Node } from "../codec/ttlv.js";
import type { Cipher, Peer } from "../lan/peer.js";
import { createChannel, deviceProof, provesApp, RANDOM } from "./channel.js";
import type { Core, Loan } from "./core.js";
import type { Lockout } from "./lockout.js";

/** In place of the randoms of an app that has proved that it knows K. */
const PROVED = "proved";

export function hasProved(app: Peer): boolean {
  return app.randoms == PROVED;
}

/** A channel, which tells when a frame with a command has come over it. */
function watched(channel: Cipher, command: number, came: () => void): Cipher {
  return {
    seal: channel.seal,
    open(cmd, data) {
      const plain = channel.open(cmd, data);
      if (plain !== undefined && cmd == command) came();
      return plain;
    },
  };
}

/**
 * @param asked told of an app that asks for a provisioning
 * @once
 */
export function createHandshake(core: Core, loan: Loan, lockout: Lockout, asked: (app: Peer) => void): void {
  /** 70E0: each pair of randoms is good for one try; none on a connection that is sealed already. */
  function hello(app: Peer, id: number, nodes: Node[]): void {
    const theirs = textOf(nodes, HELLO_APP_RANDOM);
    const own = loan._random(RANDOM, theirs);
    if (!app.cipher) app.randoms = own && theirs.length == RANDOM ? theirs + own : undefined;
    app.send(id, CMD_HELLO + 1, [
      [HELLO_DEVICE_RANDOM, own],
      [HELLO_WAIT, lockout.wait()],
    ]);
  }

  /** 70E2: the channel begins behind the answer. */
  function prove(app: Peer, id: number, nodes: Node[]): void {
    const randoms = app.randoms || "";
    const dk = core.identity().dk;
    const due = !app.cipher && randoms && !lockout.wait();
    const passed = !!due && provesApp(loan._crypto, loan._key(), randoms, dk, textOf(nodes, PROVE_APP));
    const answer: Node[] = [[PROVE_OK, passed]];
    if (passed) {
      lockout.passed();
      answer.push([PROVE_DEVICE, deviceProof(loan._crypto, loan._key(), randoms, dk)]);
    } else if (due) lockout.failed();
    app.send(id, CMD_PROVE + 1, answer);
    if (passed) {
      app.cipher = watched(createChannel(loan._crypto, loan._key(), randoms), CMD_PROVISION, () => asked(app));
      app.randoms = PROVED;
    } else if (!app.cipher) app.randoms = undefined;
  }

  core.serve(CMD_HELLO, hello);
  core.serve(CMD_PROVE, prove);
}
