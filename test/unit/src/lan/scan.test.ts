/** The list of networks that an app chooses from. */

import { expect } from "chai";

import { encodeTtlv, type Node } from "../../../../src/codec/ttlv.js";
import { scanNetworks } from "../../../../src/lan/scan.js";
import type { Hal } from "../../../../src/hal/hal.js";
import type { Network } from "../../../../src/hal/wifi.js";
import { FakeWifi } from "../../../support/wifi.js";

function scan(networks: Network[] | undefined): Node[] {
  const radio = new FakeWifi();
  radio.networks = networks;
  let answer: Node[] | undefined;
  scanNetworks({ wifi: () => radio.wifi } as Hal, (nodes) => (answer = nodes));
  return answer!;
}

const network = (ssid: string, rssi: number | string, authMode = "wpa2"): Network => ({ ssid, rssi, authMode });
const described = (ssid: string, rssi: number, auth: number): Node => [
  0,
  [
    [1, ssid],
    [2, rssi],
    [3, auth],
  ],
];

describe("a scan", () => {
  it("lists networks strongest first, with the number of their authentication", () => {
    const found = [network("far", -90, "open"), network("near", "-40"), network("mid", -60, "wpa_wpa2")];
    expect(scan(found)).to.deep.equal([described("near", -40, 3), described("mid", -60, 4), described("far", -90, 0)]);
  });

  it("lists a name once, as strong as its strongest access point", () => {
    expect(scan([network("home", -80), network("home", "-50"), network("home", -70)])).to.deep.equal([
      described("home", -50, 3),
    ]);
  });

  it("leaves out hidden networks and those without a name", () => {
    expect(scan([{ ...network("secret", -30), isHidden: true }, network("", -30), network("home", -50)])).to.deep.equal(
      [described("home", -50, 3)],
    );
  });

  it("lists the sixteen strongest, which fit into a frame of 1 KiB", () => {
    const found = Array.from({ length: 40 }, (_, i) => network(String(i).padStart(32, "n"), -99 + i));
    const answer = scan(found);
    expect(answer.map(([, fields]) => (fields as Node[])[1][1])).to.deep.equal(
      Array.from({ length: 16 }, (_, i) => -60 - i),
    );
    expect(encodeTtlv(answer).length).to.be.below(1024 - 9);
  });

  it("is empty when the radio has nothing to say", () => {
    expect([scan([]), scan(undefined)]).to.deep.equal([[], []]);
  });
});
