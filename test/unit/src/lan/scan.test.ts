/** The list of networks that an app chooses from. */

import { expect } from "chai";

import { encodeTtlv, type Node } from "../../../../src/codec/ttlv.js";
import { createScan } from "../../../../src/lan/scan.js";
import type { Hal } from "../../../../src/hal/hal.js";
import type { Network } from "../../../../src/hal/wifi.js";
import { FakeClock } from "../../../support/hal.js";
import { FakeWifi } from "../../../support/wifi.js";

const network = (ssid: string, rssi: number | string): Network => ({ ssid, rssi, authMode: "wpa2" });

describe("a scan", () => {
  let clock: FakeClock;
  let radio: FakeWifi;
  let scan: (done: (names: Node[]) => void) => void;
  let answers: Node[][];
  const ask = (): void => scan((names) => answers.push(names));
  const names = (found: Network[] | undefined): unknown[] => {
    radio.networks = found;
    ask();
    return answers.pop()!.map(([id, name]) => (expect(id).to.equal(0), name));
  };

  beforeEach(() => {
    clock = new FakeClock();
    radio = new FakeWifi();
    scan = createScan({ ...clock, wifi: () => radio.wifi } as unknown as Hal);
    answers = [];
  });

  it("lists names strongest first", () => {
    expect(names([network("far", -90), network("near", "-40"), network("mid", -60)])).to.deep.equal([
      ...["near", "mid", "far"],
    ]);
  });

  it("lists a name once, as strong as its strongest access point", () => {
    expect(
      names([network("home", -80), network("other", -60), network("home", "-50"), network("home", -70)]),
    ).to.deep.equal(["home", "other"]);
  });

  it("leaves out hidden networks and those without a name", () => {
    expect(
      names([{ ...network("secret", -30), isHidden: true }, network("", -30), network("home", -50)]),
    ).to.deep.equal(["home"]);
  });

  it("lists the sixteen strongest, which fit into a frame of 1 KiB", () => {
    const found = Array.from({ length: 40 }, (_, i) => network(String(i).padStart(32, "n"), -99 + i));
    const listed = names(found) as string[];
    expect(listed).to.deep.equal(Array.from({ length: 16 }, (_, i) => String(39 - i).padStart(32, "n")));
    expect(encodeTtlv([[51, listed.map((name) => [0, name] as Node)]]).length).to.be.below(1024 - 9);
  });

  it("is empty when the radio has nothing to say", () => {
    expect([names([]), names(undefined)]).to.deep.equal([[], []]);
  });

  describe("that is under way", () => {
    let done: ((found: Network[]) => void)[];

    beforeEach(() => {
      done = [];
      radio.wifi.scan = (callback) => {
        // As Espruino does.
        if (done.length) throw new Error("A scan is already in progress");
        done.push(callback);
      };
    });

    it("is shared by up to eight apps; a further one gets none", () => {
      for (let n = 0; n < 9; n++) ask();
      expect(answers).to.deep.equal([[]]);
      done.pop()!([network("home", -50)]);
      expect(answers.slice(1)).to.deep.equal(Array.from({ length: 8 }, () => [[0, "home"]]));
      ask();
      done.pop()!([]);
      expect(answers).to.have.length(10);
    });

    it("is lost after 15 s: who waits gets none, and the next may try", () => {
      ask();
      clock.advance(14_999);
      ask();
      expect(answers).to.deep.equal([]);
      clock.advance(1);
      done.length = 0;
      ask();
      expect(answers).to.deep.equal([[], []]);
      done.pop()!([network("home", -50)]);
      expect(answers[2]).to.deep.equal([[0, "home"]]);
    });

    it("by somebody else gives none, and throws nothing", () => {
      done.push(() => {});
      ask();
      expect(answers).to.deep.equal([[]]);
    });
  });
});
