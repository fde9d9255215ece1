/** The HTTP side below the calls: whose host and page is heard, what the parser refuses, requests that do not end. */

import { once } from "node:events";
import { connect } from "node:net";

import { expect } from "chai";

import { BIND, Bench, request, type Answer } from "../../support/cloud-bench.js";

/** What browsers send for pages of other servers. */
const FOREIGN: Record<string, string>[] = [
  { origin: "http://evil.example" },
  { origin: "null" },
  { "sec-fetch-site": "cross-site" },
];

describe("the cloud's HTTP side", () => {
  let bench: Bench;

  before(async () => {
    bench = await Bench.start({ requestTimeout: 1000 });
  });
  after(() => bench.stop());

  /** Sends text as it is. @returns status line, headers and the envelope */
  async function raw(text: string, end = true): Promise<{ head: string; answer: Answer }> {
    const { hostname, port } = new URL(bench.cloud.http);
    const socket = connect(Number(port), hostname);
    await once(socket, "connect");
    if (end) socket.end(text);
    else socket.write(text);
    let said = "";
    for await (const chunk of socket.setEncoding("utf8")) said += chunk;
    const [head, body = ""] = said.split("\r\n\r\n");
    return { head, answer: JSON.parse(body) as Answer };
  }

  const post = (more: string, body = "{}"): string =>
    `POST ${BIND} HTTP/1.1\r\nConnection: close\r\n${more}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

  it("refuses a name that a stranger's DNS leads here by, and takes this machine's own", async () => {
    for (const host of ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "192.0.2.1", "", "[::1]"]) {
      const { answer } = await raw(post(`Host: ${host}`));
      expect(answer.code, host).to.equal(5048);
      expect(answer.extMsg, host).to.match(/Host header/);
    }
    for (const host of ["localhost", "LOCALHOST:8080", "127.0.0.1", "127.3.2.1:99"]) {
      expect((await raw(post(`Host: ${host}`))).answer.code, host).to.equal(5106);
    }
  });

  it("hears a page of another server in no call, with whatever token", async () => {
    const calls = (await (await fetch(`${bench.cloud.http}/openapi.json`)).json()) as { paths: Record<string, object> };
    const paths = Object.entries(calls.paths).filter(([path]) => path.startsWith("/v2/"));
    expect(paths).to.have.length.above(7);
    const ask = async (path: string, method: string, from: Record<string, string>): Promise<Answer> => {
      const headers = { authorization: "token-one", ...from };
      const keys = `?pk=multi&dk=DEVICE01&productKey=multi&deviceKey=DEVICE01&bindingCode=x&startTime=1&endTime=2`;
      const response = await fetch(bench.cloud.http + path + keys, { method, headers });
      return (await response.json()) as Answer;
    };
    for (const [path, methods] of paths) {
      for (const method of Object.keys(methods)) {
        for (const from of FOREIGN) {
          const { code, extMsg } = await ask(path, method.toUpperCase(), from);
          expect([code, extMsg], path).to.deep.equal([5048, "pages of other servers may not call this cloud"]);
        }
        const own = await ask(path, method.toUpperCase(), { origin: bench.cloud.http });
        expect(own.extMsg, path).not.to.match(/pages/);
      }
    }
  });

  it("answers in the envelope what its parser refuses", async () => {
    for (const [text, why] of [
      ["nonsense\r\n\r\n", /not HTTP/],
      [`GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ${"x".repeat(20_000)}\r\n\r\n`, /16 KiB/],
      [`GET / HTTP/9.9\r\nHost: localhost\r\n\r\n`, /not HTTP/],
      [post("Host: localhost\r\nContent-Length: 5"), /not HTTP/],
      [post("Host: localhost\r\nExpect: more"), /expects/],
      ["CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: localhost\r\n\r\n", /no proxy/],
    ] as const) {
      const { head, answer } = await raw(text);
      expect(head).to.match(/^HTTP\/1\.1 200 OK\r\nContent-Type: application\/json;charset=UTF-8\r\n/);
      expect(Object.keys(answer).sort()).to.deep.equal(["code", "data", "extMsg", "msg"]);
      expect(answer.code).to.equal(5048);
      expect(answer.extMsg).to.match(why);
    }
    const { head, answer } = await raw(post("Host: localhost", "x".repeat(70_000)));
    expect([head.split("\r\n")[0], answer.code]).to.deep.equal(["HTTP/1.1 200 OK", 5048]);
    expect(answer.extMsg).to.contain("longer than 64 KiB");
    const hostless = await raw("GET /openapi.json HTTP/1.1\r\nConnection: close\r\n\r\n");
    expect([hostless.answer.code, hostless.head.split("\r\n")[0]]).to.deep.equal([5048, "HTTP/1.1 200 OK"]);
  });

  it("ends a request whose body does not come in time, with an envelope", async () => {
    const begin = Date.now();
    const { answer } = await raw(`POST ${BIND} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\n{`, false);
    expect(answer).to.include({ code: 5048 });
    expect(answer.extMsg).to.contain("in time");
    expect(Date.now() - begin).to.be.within(900, 3000);
  });

  it("writes the content type as the reference document does, whatever is asked", async () => {
    for (const path of ["/nowhere", "/%zz", "/v2/%c3%28?a=%", "/openapi.json", BIND]) {
      const response = await fetch(bench.cloud.http + path);
      expect(response.headers.get("content-type"), path).to.equal("application/json;charset=UTF-8");
    }
  });

  it("reads JSON under any content type, and a byte order mark is no JSON", async () => {
    const headers = { authorization: "token-one" };
    for (const type of ["application/json", "text/plain", "application/x-www-form-urlencoded", "x/y; charset=utf-8"]) {
      const body = JSON.stringify(request());
      const response = await fetch(bench.cloud.http + BIND, {
        method: "POST",
        headers: { ...headers, "content-type": type },
        body,
      });
      expect(((await response.json()) as Answer).code, type).to.equal(5460);
    }
  });

  it("survives a body that nests deeply, and one with names of an object's own", async () => {
    const deep = "[".repeat(30_000) + "]".repeat(30_000);
    for (const body of [deep, `{"a":${deep}}`, '{"__proto__":{"productKey":"multi"}}', '{"constructor":null}']) {
      expect([5048, 5066]).to.include(await bench.code(body));
    }
    expect(await bench.code(request())).to.equal(5460);
  });
});
