/** The grammar of URLs, as the device has it and as the host explains it. */
import { expect } from "chai";

import { parseServer, serverUrl } from "../../../../src/codec/server.js";
import { UsageError } from "../../../../sim/errors.js";
import { apiServer, mqttServer, readUrl } from "../../../../sim/urls.js";

const GOOD: [url: string, host: string, port: number, secure: boolean][] = [
  ["mqtt://127.0.0.1:1883", "127.0.0.1", 1883, false],
  ["mqtt://iot.example", "iot.example", 1883, false],
  ["mqtts://iot.example", "iot.example", 8883, true],
  ["MQTT://iot.example:65535/", "iot.example", 65535, false],
  ["MqTtS://my-broker_1:1/", "my-broker_1", 1, true],
  [`mqtt://${"a".repeat(63)}`, "a".repeat(63), 1883, false],
];

const BAD: [url: string, why: RegExp][] = [
  ["", /give a URL such as/],
  ["mqtt:", /give a URL such as/],
  ["mqtt://", /no host name/],
  ["mqtt:///", /no host name|path/],
  ["mqtt//host:1883", /give a URL such as/],
  ["http://host:1883", /give a URL such as/],
  ["mqttt://host", /give a URL such as/],
  ["mqtts:/host", /give a URL such as/],
  ["mqtt://host:", /port of 1-65535/],
  ["mqtt://host:/", /port of 1-65535/],
  ["mqtt://host:0", /port of 1-65535/],
  ["mqtt://host:65536", /port of 1-65535/],
  ["mqtt://host:100000", /port of 1-65535/],
  ["mqtt://host:01883", /leading zeros/],
  ["mqtt://host:1883abc", /port of 1-65535/],
  ["mqtt://host:1e3", /port of 1-65535/],
  ["mqtt://host:0x50", /port of 1-65535/],
  ["mqtt://host:-1", /port of 1-65535/],
  ["mqtt://host:+80", /port of 1-65535/],
  ["mqtt://host: 80", /port of 1-65535/],
  ["mqtt://host:80 ", /port of 1-65535/],
  ["mqtt://host:18:83", /IPv6/],
  ["mqtt://[::1]", /IPv6/],
  ["mqtt://[::1]:1883", /IPv6/],
  ["mqtt://fe80::1", /IPv6/],
  ["mqtt://user@host", /user or a password/],
  ["mqtt://user:hunter2-pw@host:1883", /user or a password/],
  ["mqtt://host?hunter2-pw", /query or a fragment/],
  ["mqtt://host:1883/?hunter2-pw", /query or a fragment/],
  ["mqtt://host#f", /query or a fragment/],
  ["mqtt://host/path", /path/],
  ["mqtt://host:1883/path", /path/],
  ["mqtt://host//", /path|malformed/],
  ["mqtt://ho st", /no host name/],
  ["mqtt://hôst", /no host name/],
  ["mqtt://host\n", /no host name/],
  [`mqtt://${"a".repeat(64)}`, /malformed host name/],
];

const refusal = (read: () => unknown): Error => {
  try {
    read();
  } catch (error) {
    return error as Error;
  }
  throw new Error("not refused");
};

describe("URLs: one grammar", () => {
  for (const [url, host, port, secure] of GOOD) {
    it(`device and host take ${url.slice(0, 40)}`, () => {
      expect(parseServer(url)).to.deep.equal({ host, port, secure });
      expect(parseServer(serverUrl({ host, port, secure }))).to.deep.equal({ host, port, secure });
      expect(parseServer(mqttServer(url))).to.deep.equal({ host, port, secure });
      expect(mqttServer(url)).to.match(/^mqtts?:\/\/.*[^/]$/);
    });
  }

  for (const [url, why] of BAD) {
    it(`device and host refuse ${JSON.stringify(url.slice(0, 40))}`, () => {
      expect(parseServer(url)).to.equal(undefined);
      const { message } = refusal(() => mqttServer(url));
      expect(message).to.match(why).and.not.contain("hunter2").and.not.contain("\n");
      expect(() => mqttServer(url)).to.throw(UsageError);
    });
  }

  it("the host refuses what only looks like a name", () => {
    for (const url of ["mqtt://.", "mqtt://a..b", "mqtt://-a", "mqtt://a-", "mqtt://a.", "mqtt://.a"]) {
      expect(refusal(() => mqttServer(url)).message, url).to.match(/host name/);
    }
    for (const url of [
      "mqtt://256.1.1.1",
      "mqtt://1.2.3",
      "mqtt://1",
      "mqtt://10.0.0.01",
      "mqtt://iot.example.5:1883",
    ]) {
      expect(refusal(() => mqttServer(url)).message, url).to.match(/malformed host name or IPv4 address/);
    }
  });

  it("an API may stand behind a path, and nothing else is different", () => {
    expect(apiServer("HTTP://127.0.0.1:8080/")).to.equal("http://127.0.0.1:8080");
    expect(apiServer("https://cloud.example/a/b/")).to.equal("https://cloud.example/a/b");
    for (const url of ["http://me:hunter2-pw@host", "http://host/a?hunter2-pw", "http://host/a#b", "http://[::1]:1"]) {
      expect(refusal(() => apiServer(url)).message, url)
        .to.match(/^the URL has/)
        .and.not.contain("hunter2");
    }
    expect(refusal(() => apiServer("mqtt://host")).message).to.equal("give a URL such as http://127.0.0.1:8080");
  });

  it("tells whether a port is there", () => {
    expect(readUrl("tcp://127.0.0.1", ["tcp"], "x").port).to.equal(undefined);
    expect(readUrl("tcp://127.0.0.1:23/", ["tcp"], "x").port).to.equal(23);
  });
});
