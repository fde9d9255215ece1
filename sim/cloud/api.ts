/** The binding API over HTTP. The status is 200 for every answer; what happened stands in the envelope. */
import Fastify, { type FastifyInstance, type FastifyRequest } from "fastify";

import { bindByWifi, type TellDevice } from "./binding.js";
import type { Tell } from "./events.js";
import type { User } from "./products.js";
import type { Registry } from "./registry.js";
import { envelope, type Envelope } from "./status.js";

export const BINDING_PATH = "/v2/binding/enduserapi/v2/deviceBindingByWifi";

/** Bytes; a request of the reference document is below 1 KiB. */
const BODY_LIMIT = 65_536;

function tokenOf(request: FastifyRequest): string {
  return (request.headers.authorization ?? "").replace(/^Bearer /i, "").trim();
}

/** A body that is no JSON object counts as an empty one: the first field that is missing is named. */
function bodyOf(request: FastifyRequest): Record<string, unknown> {
  const body = request.body;
  return typeof body === "object" && body !== null && !Array.isArray(body) ? (body as Record<string, unknown>) : {};
}

export async function startApi(
  registry: Registry,
  users: User[],
  tellDevice: TellDevice,
  tell: Tell,
  host: string,
  port: number,
): Promise<FastifyInstance> {
  const api = Fastify({ bodyLimit: BODY_LIMIT, forceCloseConnections: true });

  // Whatever the body is, the answer is an envelope.
  api.removeAllContentTypeParsers();
  api.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => {
    try {
      done(null, JSON.parse(body as string));
    } catch {
      done(null, undefined);
    }
  });
  api.setErrorHandler((_error, _request, reply) => reply.code(200).send(envelope(5048, "the request cannot be read")));
  api.setNotFoundHandler((request, reply) =>
    reply
      .code(200)
      .send(envelope(5048, `there is no ${request.method} ${request.url.split("?")[0]}: check path and method`)),
  );

  const answer = (request: FastifyRequest): Envelope => {
    const token = tokenOf(request);
    const user = users.find((candidate) => candidate.token === token);
    if (!token) return envelope(5106, "send the user's token in the Authorization header");
    if (!user) return envelope(5032, "no user has this token");
    return bindByWifi(registry, tellDevice, user, bodyOf(request));
  };

  api.post(BINDING_PATH, (request) => {
    const result = answer(request);
    const { productKey, deviceKey } = bodyOf(request);
    const known = registry.find(String(productKey), String(deviceKey));
    const device = known ? { pk: known.product.pk, dk: known.dk } : {};
    tell({ event: "bindingCall", ...device, code: result.code, message: result.msg });
    if (result.code === 200) tell({ event: "bound", ...device });
    return result;
  });

  await api.listen({ host, port });
  return api;
}
