/** The HTTP server of the cloud and of a tap's page: it takes what names this machine, and answers with an envelope. */
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";

import { FailedError } from "../errors.js";
import type { Certificate } from "../tls.js";
import { isOwnHost, parserRefusal, refuseOddities } from "./http-guard.js";
import { parseJson, withoutNulls } from "./request.js";
import { refusal } from "./status.js";

/** Bytes; a request of the reference document is below 1 KiB. */
const BODY_LIMIT = 65_536;
/** As the reference document writes it. */
const CONTENT_TYPE = "application/json;charset=UTF-8";

function notFound(request: FastifyRequest, reply: FastifyReply): void {
  const what = `there is no ${request.method} ${request.url.split("?")[0].slice(0, 100)}`;
  // What fastify refuses by itself passes no hook.
  reply.code(200).header("content-type", CONTENT_TYPE);
  reply.send(refusal(5048, `${what}: check path and method, or see /openapi.json`));
}

/** JSON, whatever the content type says, and forms. */
function addParsers(api: FastifyInstance): void {
  api.removeAllContentTypeParsers();
  api.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string" }, (_request, body, done) => {
    const text = body as string;
    // curl calls JSON a form unless it is told otherwise.
    if (/^\s*[[{]/.test(text)) return done(null, jsonOf(text));
    done(null, Object.fromEntries(new URLSearchParams(text)));
  });
  api.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => done(null, jsonOf(body as string)));
}

function jsonOf(text: string): unknown {
  try {
    return withoutNulls(parseJson(text));
  } catch {
    return undefined;
  }
}

/** Whatever a request is like, the answer is an envelope. */
export function createApi(requestTimeout: number, tls?: Certificate): FastifyInstance {
  // Node takes the larger of the two times for the whole request; a request without a Host is refused by the hook.
  const http = {
    connectionsCheckingInterval: requestTimeout / 10,
    headersTimeout: requestTimeout,
    requireHostHeader: false,
  };
  const api = Fastify({
    // The types know one kind of server at a time.
    ...((tls ? { https: { ...tls, ...http } } : { http }) as object),
    bodyLimit: BODY_LIMIT,
    requestTimeout,
    forceCloseConnections: true,
    frameworkErrors: (_error, request, reply) => notFound(request, reply),
    clientErrorHandler: parserRefusal,
    ajv: {
      customOptions: {
        allErrors: true,
        coerceTypes: false,
        removeAdditional: false,
        useDefaults: false,
        strict: false,
        // They are ours, and tested; a compiled schema of schemas for each cloud takes longer than the rest of its start.
        validateSchema: false,
        meta: false,
      },
    },
  });
  addParsers(api);
  api.addHook("onRequest", async (request, reply) => {
    // No stranger's name has this certificate.
    if (tls || isOwnHost(request.headers.host)) return;
    return reply.send(refusal(5048, "the Host header names another machine: call by the address that was printed"));
  });
  api.addHook("onSend", async (_request, reply, payload) => {
    if (String(reply.getHeader("content-type")).startsWith("application/json"))
      reply.header("content-type", CONTENT_TYPE);
    return payload;
  });
  api.setErrorHandler((error, _request, reply) => {
    // What was done is not on the disk: this cloud ends before anybody relies on it.
    if (error instanceof FailedError)
      setImmediate(() => {
        throw error;
      });
    else {
      const large = (error as { statusCode?: number }).statusCode === 413;
      const why = large ? `: its body is longer than ${BODY_LIMIT / 1024} KiB` : "";
      reply.code(200).send(refusal(5048, `the request cannot be read${why}`));
    }
  });
  api.setNotFoundHandler(notFound);
  refuseOddities(api.server);
  return api;
}
