/** The app's provisioning against a device that behaves in every way a device can. */
import { expect } from "chai";
import {
  CMD_BINDING_INFO,
  CMD_BINDING_INFO_ANSWER,
  CMD_LAST_RESULT,
  CMD_LAST_RESULT_ANSWER,
  CMD_PROGRESS,
  CMD_PROVISION,
  CMD_PROVISION_ANSWER,
  LAN_ERROR,
  LAN_OK,
  LAN_PROGRESS,
  LAN_PROGRESS_ERROR,
  PROGRESS_FAILURE,
  PROGRESS_LOGIN,
  PROGRESS_ROUTER,
  PROGRESS_SCAN,
  PROGRESS_SUCCESS,
  WIFI_PASSWORD,
  WIFI_SERVER,
  WIFI_SSID,
} from "../../../../src/codec/commands.js";
import { encodeFrame } from "../../../../src/codec/frame.js";
import { encodeTtlv, type Node } from "../../../../src/codec/ttlv.js";
import { provision, ProvisioningError, UnreachableError, type ProvisionOptions } from "../../../../sim/app/index.js";
import { CODE, DK, DONE, FakeDevice, failure, PK, type Request } from "./fake-device.js";

const BINDING = { pk: PK, dk: DK, bindingCode: CODE };

describe("app: provisioning", () => {
  const device = new FakeDevice("127.61.0.1");
  const go = (more: Partial<ProvisionOptions> = {}) =>
    provision({ address: device.address, ssid: "home", password: "correct horse", timeout: 5000, ...more });
  /** Answers 7010 and 7017 each in its way. */
  const script = (on: Record<number, (request: Request, count: number) => void>) => {
    const counts: Record<number, number> = {};
    device.onRequest = (request) => {
      counts[request.cmd] = (counts[request.cmd] ?? 0) + 1;
      on[request.cmd]?.(request, counts[request.cmd]);
    };
  };

  before(() => device.start());
  after(() => device.stop());
  beforeEach(() => {
    device.commands.length = 0;
    device.links = 0;
  });

  it("sends SSID, password and server as UTF-8, tells each step once and gives PK, DK and bindingCode", async () => {
    let sent: Node[] = [];
    script({
      [CMD_PROVISION]: (request) => {
        sent = request.nodes;
        request.accept();
        for (const step of [PROGRESS_SCAN, PROGRESS_SCAN, PROGRESS_ROUTER, PROGRESS_LOGIN]) request.progress(step);
        request.progress(PROGRESS_SUCCESS);
        request.done();
      },
    });
    const steps: string[] = [];
    const onProgress = (step: string) => steps.push(step);
    const result = await go({ ssid: "Café", password: "pässword", server: "mqtt://127.0.0.1:1", onProgress });
    expect(result).to.deep.equal(BINDING);
    expect(steps).to.deep.equal(["scan", "router", "login", "success"]);
    expect(sent).to.deep.equal([
      [WIFI_SSID, "Caf\xc3\xa9"],
      [WIFI_PASSWORD, "p\xc3\xa4ssword"],
      [WIFI_SERVER, "mqtt://127.0.0.1:1"],
    ]);
  });

  const reasons = [
    "access point not found",
    "wrong password",
    "no address",
    "cloud not reachable",
    "cloud refused the device",
    "timed out",
    "bad parameters",
    "busy",
    "host name not resolved",
    "TLS failed",
    "report not acknowledged",
  ];
  reasons.forEach((reason, index) => {
    const code = index + 1;
    it(`fails with code ${code}, ${reason}, said by progress`, async () => {
      script({
        [CMD_PROVISION]: (request) => {
          request.accept();
          request.fail(code);
        },
      });
      const error = await failure<ProvisioningError>(go());
      expect(error).to.be.instanceOf(ProvisioningError).and.include({ code, reason });
      expect(error.message).to.contain(reason).and.not.contain("correct horse");
    });

    it(`fails with code ${code}, ${reason}, said by the answer alone`, async () => {
      script({
        [CMD_PROVISION]: (request) =>
          request.answer(CMD_PROVISION_ANSWER, [
            [LAN_OK, false],
            [LAN_ERROR, code],
          ]),
      });
      expect(await failure(go())).to.include({ code, reason });
    });
  });

  it("keeps a code that it does not know", async () => {
    script({ [CMD_PROVISION]: (request) => request.fail(99) });
    expect(await failure(go())).to.include({ code: 99, reason: "unknown reason" });
  });

  it("refuses credentials that no access point takes, before it connects", async () => {
    for (const bad of [{ ssid: "" }, { ssid: "x".repeat(33) }, { password: "1234567" }, { password: "é".repeat(32) }]) {
      expect(await failure(go(bad)), JSON.stringify(bad)).to.include({ code: 7 });
    }
    expect(device.links).to.equal(0);
  });

  it("says that no device is there", async () => {
    const error = await failure(go({ address: "127.61.0.99" }));
    expect(error).to.be.instanceOf(UnreachableError);
    expect(error.message).to.contain("127.61.0.99:40001").and.contain("ECONNREFUSED");
  });

  it("times out with code 6 when the device accepts and says nothing more", async () => {
    script({ [CMD_PROVISION]: (request) => request.accept() });
    expect(await failure(go({ timeout: 200 }))).to.include({ code: 6 });
  });

  it("stops when it is told to", async () => {
    script({ [CMD_PROVISION]: (request) => request.accept() });
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error("enough")), 50);
    expect((await failure(go({ signal: controller.signal }))).message).to.equal("enough");
  });

  it("passes over garbage, damaged frames, foreign commands and what is no TTLV", async () => {
    script({
      [CMD_PROVISION]: (request) => {
        request.raw("HTTP/1.1 400\r\n\r\n\xaa\xaa\x00\x06\xff\x00\x01\x70\x11\x00");
        request.raw(encodeFrame(9, CMD_PROVISION_ANSWER, "\x00"));
        request.raw(encodeFrame(9, CMD_LAST_RESULT, ""));
        request.progress(0x7777);
        request.done();
      },
    });
    expect(await go()).to.deep.equal(BINDING);
  });

  it("reads answers that arrive one byte at a time", async () => {
    script({
      [CMD_PROVISION]: (request) => {
        const bytes = encodeFrame(1, CMD_PROVISION_ANSWER, encodeTtlv(DONE));
        [...bytes].forEach((byte, i) => setTimeout(() => request.raw(byte), i));
      },
    });
    expect(await go()).to.deep.equal(BINDING);
  });

  it("gives a device up that announces frames too large for any answer", async () => {
    script({ [CMD_PROVISION]: (request) => request.raw("\xaa\xaa\xff\xf0\x00") });
    const error = await failure(go({ reconnect: 100 }));
    expect(error).to.be.instanceOf(UnreachableError);
    expect(error.message).to.contain("too large");
  });

  describe("when the link is lost", () => {
    const cutAfterAccept = (request: Request) => {
      request.accept();
      request.progress(PROGRESS_ROUTER);
      setTimeout(() => request.cut(), 20);
    };

    it("asks by 7017 and takes the success from there", async () => {
      script({
        [CMD_PROVISION]: cutAfterAccept,
        [CMD_LAST_RESULT]: (request) => request.answer(CMD_LAST_RESULT_ANSWER, DONE),
      });
      expect(await go()).to.deep.equal(BINDING);
      expect(device.commands).to.deep.equal([CMD_PROVISION, CMD_LAST_RESULT]);
    });

    it("asks by 7017 and takes the failure from there", async () => {
      script({
        [CMD_PROVISION]: cutAfterAccept,
        [CMD_LAST_RESULT]: (request) =>
          request.answer(CMD_LAST_RESULT_ANSWER, [
            [LAN_OK, false],
            [LAN_PROGRESS, PROGRESS_FAILURE],
            [LAN_PROGRESS_ERROR, 2],
          ]),
      });
      expect(await failure(go())).to.include({ code: 2 });
    });

    it("goes on following a device that is still at work, asking again while it is silent", async () => {
      script({
        [CMD_PROVISION]: cutAfterAccept,
        [CMD_LAST_RESULT]: (request, count) => {
          if (count > 1) return request.answer(CMD_LAST_RESULT_ANSWER, DONE);
          request.answer(CMD_LAST_RESULT_ANSWER, [[LAN_PROGRESS, PROGRESS_LOGIN]]);
        },
      });
      const steps: string[] = [];
      expect(await go({ onProgress: (step) => steps.push(step) })).to.deep.equal(BINDING);
      expect(steps).to.deep.equal(["router", "login"]);
    });

    it("sends the credentials again when the device never got them", async () => {
      script({
        [CMD_PROVISION]: (request, count) => (count === 1 ? request.cut() : request.done()),
        [CMD_LAST_RESULT]: (request) => request.answer(CMD_LAST_RESULT_ANSWER, [[LAN_OK, false]]),
      });
      expect(await go()).to.deep.equal(BINDING);
      expect(device.commands).to.deep.equal([CMD_PROVISION, CMD_LAST_RESULT, CMD_PROVISION]);
    });

    it("goes on when the credentials had arrived after all and the device is busy with them", async () => {
      script({
        [CMD_PROVISION]: (request, count) => (count === 1 ? request.cut() : request.fail(8)),
        [CMD_LAST_RESULT]: (request, count) =>
          request.answer(CMD_LAST_RESULT_ANSWER, count === 1 ? [[LAN_OK, false]] : DONE),
      });
      expect(await go()).to.deep.equal(BINDING);
    });

    it("asks for the open window when the device was restarted and knows of no provisioning", async () => {
      script({
        [CMD_PROVISION]: cutAfterAccept,
        [CMD_LAST_RESULT]: (request) => request.answer(CMD_LAST_RESULT_ANSWER, [[LAN_OK, false]]),
        [CMD_BINDING_INFO]: (request, count) =>
          request.answer(CMD_BINDING_INFO_ANSWER, count === 1 ? [[LAN_OK, false]] : DONE),
      });
      expect(await go()).to.deep.equal(BINDING);
    });

    it("finds a device that is away for a while", async () => {
      script({
        [CMD_PROVISION]: (request) => {
          cutAfterAccept(request);
          setTimeout(() => void device.deafen(), 30);
          setTimeout(() => void device.listen(), 700);
        },
        [CMD_LAST_RESULT]: (request) => request.answer(CMD_LAST_RESULT_ANSWER, DONE),
      });
      expect(await go()).to.deep.equal(BINDING);
    });

    it("gives up when the device stays away", async () => {
      script({
        [CMD_PROVISION]: (request) => {
          cutAfterAccept(request);
          setTimeout(() => void device.deafen(), 30);
        },
      });
      const error = await failure(go({ reconnect: 600 }));
      await device.listen();
      expect(error).to.be.instanceOf(UnreachableError);
    });
  });

  it("takes a failure without a code for a step it does not know, and waits for the answer", async () => {
    script({
      [CMD_PROVISION]: (request) => {
        request.answer(CMD_PROGRESS, [[LAN_PROGRESS, PROGRESS_FAILURE]]);
        request.answer(CMD_PROVISION_ANSWER, [
          [LAN_OK, false],
          [LAN_ERROR, 5],
        ]);
      },
    });
    expect(await failure(go())).to.include({ code: 5 });
  });
});
