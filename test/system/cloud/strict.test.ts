/** The strict mode: the cloud sends and takes nothing that the platform is not known to use. */

import { expect } from "chai";

import * as protocol from "../../../src/codec/commands.js";
import { encodeFrame } from "../../../src/codec/frame.js";
import { encodeTtlv, type Node } from "../../../src/codec/ttlv.js";
import { Bench, CODE, credentials, OTHER, PS, request, SECRET, window } from "../../support/cloud-bench.js";

describe("a strict cloud", () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await Bench.start({ strict: true });
  });
  afterEach(() => bench.stop());

  it("binds a device by its code and its authKey alone", async () => {
    const one = await bench.ready();
    const answer = await bench.bind(request());
    expect(answer.code).to.equal(200);
    await bench.confirmed(one);
    expect(one.authKeys(PS)).to.deep.equal([(answer.data as { authKey: string }).authKey]);
    expect(one.downlinks.map(({ cmd }) => cmd)).to.deep.equal([protocol.CMD_CONFIG, protocol.CMD_CONFIG]);
  });

  it("tells a device neither that its code is withdrawn nor that it is unbound", async () => {
    const one = await bench.ready();
    for (let tries = 0; tries < 5; tries++) await bench.code(request({ bindingCode: OTHER }));
    await one.report(window(OTHER));
    expect(await bench.code(request({ bindingCode: OTHER }))).to.equal(200);
    await bench.confirmed(one);
    await bench.call("DELETE", "/v2/binding/enduserapi/unbundlingDeviceDk?pk=multi&dk=DEVICE01", "token-one");
    await one.report([[protocol.STATUS_RSSI, -50]], protocol.CMD_STATUS);
    expect(one.downlinks.map(({ cmd }) => cmd)).not.to.include(protocol.CMD_BINDING_RESULT);
  });

  it("takes no other ids, no other order and no other commands than the platform's devices use", async () => {
    const one = await bench.ready();
    const wrong: [cmd: number, nodes: Node[]][] = [
      [protocol.CMD_BINDING, [...credentials(OTHER)].reverse()],
      [protocol.CMD_BINDING, [[protocol.BINDING_SECRET, SECRET]]],
      [protocol.CMD_BINDING, [...credentials(OTHER), [14, 120]]],
      [protocol.CMD_BINDING, [...credentials(OTHER), [16, true]]],
      [protocol.CMD_STATUS, [[8, 1]]],
      [protocol.CMD_INFO, [[15, "x"]]],
    ];
    for (const [cmd, nodes] of wrong) await one.report(nodes, cmd);
    one.publish(encodeFrame(5, 0x0099, encodeTtlv([[1, 1]])), "bus");
    one.publish(encodeFrame(6, protocol.CMD_REPORT, encodeTtlv([[1, 1]])), "bus");
    one.publish(encodeFrame(7, 0x0115, encodeTtlv([[25, "1"]])), "ota");
    await one.until(() => bench.events.some(({ command }) => command === "0115"));
    expect(bench.count("malformed")).to.equal(wrong.length + 1);
    expect(bench.events.some(({ command }) => command === "0014")).to.equal(true);
    expect(
      one.downlinks.map(({ cmd }) => cmd),
      "nothing is said about it",
    ).to.deep.equal([protocol.CMD_CONFIG]);
    expect(await bench.code(request({ bindingCode: CODE }))).to.equal(200);
  });
});
