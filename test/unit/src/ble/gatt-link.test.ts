/** What is sent to one app over GATT: fragments, their pace, and an end to patience. */

import { expect } from "chai";

import { createGattLink, type GattLink } from "../../../../src/ble/gatt-link.js";
import { FakeClock } from "../../../support/hal.js";

describe("a link over GATT", () => {
  let clock: FakeClock;
  let sent: [at: number, fragment: string][];
  let hungUp: [at: number, untold: boolean][];
  let busy: number;
  let link: GattLink;

  beforeEach(() => {
    clock = new FakeClock();
    sent = [];
    hungUp = [];
    busy = 0;
    const indicate = (fragment: string): void => {
      if (busy-- > 0) throw new Error("busy");
      sent.push([clock.now(), fragment]);
    };
    link = createGattLink(
      indicate,
      (untold) => hungUp.push([clock.now(), untold]),
      (callback, milliseconds) => void clock.after(milliseconds, callback),
    );
  });

  it("sends fragments of 20 bytes, 50 ms apart, in order", () => {
    link.send("a".repeat(25));
    link.send("b".repeat(20));
    clock.advance(1000);
    expect(sent).to.deep.equal([
      [0, "a".repeat(20)],
      [50, "a".repeat(5) + "b".repeat(15)],
      [100, "b".repeat(5)],
    ]);
    link.send("c");
    clock.advance(0);
    expect(sent.at(-1)).to.deep.equal([1000, "c"]);
  });

  it("sends larger fragments to an app that has written so many bytes at once", () => {
    link.widen(5);
    link.send("a".repeat(21));
    clock.advance(1000);
    link.widen(77);
    link.widen(20);
    link.send("b".repeat(80));
    clock.advance(1000);
    expect(sent.map(([, fragment]) => fragment.length)).to.deep.equal([20, 1, 77, 3]);
  });

  it("ends after what was sent has left, and sends nothing more", () => {
    link.send("a".repeat(40));
    link.end();
    link.send("late");
    clock.advance(1000);
    expect(sent.map(([, fragment]) => fragment)).to.deep.equal(["a".repeat(20), "a".repeat(20)]);
    expect(hungUp).to.deep.equal([[100, false]]);
    expect(link.open()).to.equal(false);
  });

  it("offers a fragment again while the stack is busy, and gives up after 20 times", () => {
    busy = 19;
    link.send("a");
    clock.advance(1000);
    expect(sent).to.deep.equal([[950, "a"]]);
    busy = 20;
    link.send("b");
    clock.advance(5000);
    expect([sent.length, hungUp.length, link.open()]).to.deep.equal([1, 1, false]);
  });

  it("gives up an app that asks for more than it takes", () => {
    for (let i = 0; i < 4; i++) link.send("x".repeat(1024));
    expect(hungUp).to.deep.equal([]);
    link.send("x");
    link.send("x");
    expect([link.open(), hungUp]).to.deep.equal([false, []]);
    clock.advance(1000);
    expect(sent).to.deep.equal([]);
    expect(hungUp).to.deep.equal([[0, true]]);
  });

  it("tells once that the owner has yet to hear of the end: not after its own", () => {
    link.send("a");
    expect([link.heard(), link.close(), link.close()]).to.deep.equal([true, true, false]);
    const other = createGattLink(
      () => {},
      () => {},
      (callback, milliseconds) => void clock.after(milliseconds, callback),
    );
    other.send("a");
    other.end();
    expect([other.open(), other.heard(), other.close()]).to.deep.equal([true, false, false]);
  });

  it("is mute once the app has gone", () => {
    link.send("a".repeat(60));
    clock.advance(0);
    link.close();
    link.send("b");
    link.end();
    clock.advance(1000);
    expect([sent.length, hungUp.length]).to.deep.equal([1, 0]);
  });
});
