/**
 * WifiBindingProof, an extension for apps of your own [C]: a device whose identity holds a proof of possession takes a
 * network only from an app that has proved that it knows it, over frames with a counter and a tag.
 * `require("WifiBindingProof").start(require("WifiBinding"))`, in the turn in which WifiBinding is started.
 */

import type { Binding } from "../binding/index.js";
import {
  CMD_HELLO,
  CMD_LAST_RESULT,
  CMD_PROGRESS,
  CMD_PROVE,
  CMD_PROVISION,
  CMD_WINDOW,
  EXT_CAPABILITIES,
  EXT_CODE,
  EXT_DK,
  EXT_ERROR,
  EXT_OK,
  EXT_PK,
  EXT_PROGRESS,
  EXT_SECONDS,
  FAIL_PROOF,
  HELLO_APP_RANDOM,
  HELLO_DEVICE_RANDOM,
  HELLO_WAIT,
  PROGRESS_AUTHENTICATION,
  PROGRESS_AUTHORISATION,
  PROGRESS_BINDING,
  PROGRESS_FAILURE,
  PROGRESS_ROUTER,
  PROGRESS_SCAN,
  PROGRESS_SUCCESS,
  PROVE_APP,
  PROVE_DEVICE,
  PROVE_OK,
} from "../codec/commands.js";
import { textOf, type Node } from "../codec/ttlv.js";
import type { Peer } from "../lan/peer.js";
import { createChannel, deviceProof, provesApp, RANDOM } from "./channel.js";
import { createLockout } from "./lockout.js";

export type Core = Pick<
  Binding,
  "capabilities" | "guard" | "identity" | "on" | "openWindow" | "serve" | "state" | "window"
>;

/** The result of a provisioning can be asked for this long after its end, in milliseconds. */
const RESULT_LIFE = 600000;
/** Seconds that a code must have left to be of use. */
const LEAST_LEFT = 10;
/** In place of the randoms of an app that has proved that it knows K. */
const PROVED = "proved";

const REFUSAL: Node[] = [[EXT_OK, false]];

/** The states of the device that are steps of a provisioning. */
function stepOf(state: string): number {
  if (state == "joining") return PROGRESS_ROUTER;
  if (state == "connecting") return PROGRESS_AUTHENTICATION;
  return state == "online" || state == "bound" ? PROGRESS_AUTHORISATION : 0;
}

/** The end of a provisioning. @param reason FAIL_…, or 0 */
function outcome(reason: number): Node[] {
  const nodes: Node[] = [[EXT_PROGRESS, reason ? PROGRESS_FAILURE : PROGRESS_SUCCESS]];
  if (reason) nodes.push([EXT_ERROR, reason]);
  return nodes;
}

/** Does nothing on a device without a proof. */
export function start(core: Core): void {
  core.guard((key, now, hmac, aes, random, wrong) => {
    const crypto = { hmac: hmac, aes: aes };
    const lockout = createLockout(now, wrong);
    // The app whose 7010 is under way, its step, and how the last one ended.
    let asker: Peer | undefined;
    let current = PROGRESS_SCAN;
    let lastReason: number | undefined;
    let lastEnd = 0;

    /**
     * 70E0: each pair of randoms is good for one try; none on a connection that is sealed already. The core gives no random
     * that a boot before may have used.
     */
    function hello(app: Peer, id: number, nodes: Node[]): void {
      const theirs = textOf(nodes, HELLO_APP_RANDOM);
      const own = random(RANDOM, theirs);
      if (!app.cipher) app.randoms = own && theirs.length == RANDOM ? theirs + own : undefined;
      app.send(id, CMD_HELLO + 1, [
        [HELLO_DEVICE_RANDOM, own],
        [HELLO_WAIT, lockout.wait()],
      ]);
    }

    function seal(app: Peer, randoms: string): void {
      const channel = createChannel(crypto, key(), randoms);
      app.randoms = PROVED;
      app.cipher = {
        seal: channel.seal,
        open(cmd, data) {
          const plain = channel.open(cmd, data);
          if (plain !== undefined && cmd == CMD_PROVISION) asker = app;
          return plain;
        },
      };
    }

    /** 70E2: the channel begins behind the answer. */
    function prove(app: Peer, id: number, nodes: Node[]): void {
      const randoms = app.randoms || "";
      const dk = core.identity().dk;
      const due = !app.cipher && randoms && !lockout.wait();
      const passed = !!due && provesApp(crypto, key(), randoms, dk, textOf(nodes, PROVE_APP));
      const answer: Node[] = [[PROVE_OK, passed]];
      if (passed) {
        lockout.passed();
        answer.push([PROVE_DEVICE, deviceProof(crypto, key(), randoms, dk)]);
      } else if (due) lockout.failed();
      app.send(id, CMD_PROVE + 1, answer);
      if (passed) seal(app, randoms);
      else if (!app.cipher) app.randoms = undefined;
    }

    function success(): Node[] {
      const who = core.identity();
      return [
        [EXT_OK, true],
        [EXT_PK, who.pk],
        [EXT_DK, who.dk],
      ];
    }

    /** 70E7: the window that is open, renewed when it is about to end. */
    function windowInfo(): Node[] {
      let open = core.window();
      if (open && open.seconds < LEAST_LEFT && core.openWindow()) open = core.window();
      if (!open) return REFUSAL;
      return success().concat([
        [EXT_CODE, open.code],
        [EXT_SECONDS, open.seconds],
        [EXT_CAPABILITIES, core.capabilities()],
      ]);
    }

    /** 70E9: how far a provisioning is, or how the last one ended: if well, with the code that is good now. */
    function lastResult(): Node[] {
      if (asker && core.state() != "provisioning") return [[EXT_PROGRESS, current]];
      if (lastReason === undefined || now() >= lastEnd) return REFUSAL;
      if (lastReason) return REFUSAL.concat(outcome(lastReason));
      const open = core.window();
      const nodes = success();
      if (open) nodes.push([EXT_CODE, open.code]);
      return nodes.concat(outcome(0));
    }

    /** Serves a question to apps that have proved. */
    function answers(cmd: number, ask: () => Node[]): void {
      core.serve(cmd, (app, id) =>
        app.send(id, cmd + 1, app.randoms == PROVED ? ask() : REFUSAL.concat([[EXT_ERROR, FAIL_PROOF]])),
      );
    }

    function progress(step: number): void {
      if (!asker || !step || step == current) return;
      current = step;
      asker.send(0, CMD_PROGRESS, [[EXT_PROGRESS, step]]);
    }

    core.serve(CMD_HELLO, hello);
    core.serve(CMD_PROVE, prove);
    answers(CMD_WINDOW, windowInfo);
    answers(CMD_LAST_RESULT, lastResult);
    core.on("state", (event) => progress(stepOf(event.state)));
    core.on("reported", () => progress(PROGRESS_BINDING));
    core.on("provisioning", (event) => {
      lastReason = event.error;
      lastEnd = now() + RESULT_LIFE;
      if (asker) asker.send(0, CMD_PROGRESS, outcome(lastReason));
      asker = undefined;
      current = PROGRESS_SCAN;
    });
  });
}
