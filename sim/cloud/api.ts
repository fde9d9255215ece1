/** The binding API over HTTP. The status is 200 for every answer; what happened stands in the envelope. */
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";

import { FailedError } from "../errors.js";
import { bindByWifi, type Context } from "./binding.js";
import { changeProblem, type Change } from "./configure.js";
import { deviceInfo, deviceList, unbind, verifyCode } from "./devices.js";
import type { CloudEvent } from "./events.js";
import { OPEN_API, OPERATIONS, PATHS } from "./openapi.js";
import { same } from "./passwords.js";
import type { User } from "./products.js";
import type { Fields } from "./request.js";
import { refusal, success, type Envelope } from "./status.js";

/** One call of a user whose token was accepted; its fields come from the body or from the query. */
type Call = (context: Context, user: User, fields: Fields) => Envelope;

/** Bytes; a request of the reference document is below 1 KiB. */
const BODY_LIMIT = 65_536;

/** The header holds the bare token, or `Bearer` and the token. */
function tokenOf(request: FastifyRequest): string {
  return (request.headers.authorization ?? "").replace(/^Bearer(\s+|$)/i, "").trim();
}

/** The first value of each parameter. */
function queryOf(request: FastifyRequest): Fields {
  const entries = Object.entries(request.query as Fields);
  return Object.fromEntries(entries.map(([key, value]) => [key, Array.isArray(value) ? value[0] : value]));
}

function bodyOf(request: FastifyRequest): Fields | undefined {
  const body = request.body;
  return typeof body === "object" && body !== null && !Array.isArray(body) ? (body as Fields) : undefined;
}

/** @param unknown the code for a token that nobody has */
function userOf(users: User[], token: string, unknown: 5032 | 5144): User | Envelope {
  if (!token) return refusal(5106, "send the user's token in the Authorization header");
  const user = users.find((candidate) => same(candidate.token, token));
  return user ?? refusal(unknown, "nobody has this token: check it, and the products file");
}

function notFound(request: FastifyRequest, reply: FastifyReply): void {
  const what = `there is no ${request.method} ${request.url.split("?")[0].slice(0, 100)}`;
  reply.code(200).send(refusal(5048, `${what}: check path and method, or see /openapi.json`));
}

/** Whatever a request is like, the answer is an envelope. */
function createApi(): FastifyInstance {
  const api = Fastify({
    bodyLimit: BODY_LIMIT,
    forceCloseConnections: true,
    frameworkErrors: (_error, request, reply) => notFound(request, reply),
  });
  api.removeAllContentTypeParsers();
  api.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => {
    try {
      done(null, JSON.parse(body as string));
    } catch {
      done(null, undefined);
    }
  });
  api.setErrorHandler((error, _request, reply) => {
    // What was done is not on the disk: this cloud ends before anybody relies on it.
    if (error instanceof FailedError)
      setImmediate(() => {
        throw error;
      });
    else reply.code(200).send(refusal(5048, "the request cannot be read"));
  });
  api.setNotFoundHandler(notFound);
  return api;
}

/** Adds the calls that change something: each is told as an event, and what it caused after it. */
function addCalls(api: FastifyInstance, context: Context, users: User[]): void {
  const answer = (user: User | Envelope, fields: Fields | undefined, call: Call, tell: Context["tell"]): Envelope => {
    if ("msg" in user) return user;
    if (!fields) return refusal(5066, "the body is not a JSON object");
    return call({ ...context, tell }, user, fields);
  };
  const told =
    (call: Call, fieldsOf: typeof bodyOf, names: [pk: string, dk: string], unknown: 5032 | 5144 = 5032) =>
    (request: FastifyRequest): Envelope => {
      const user = userOf(users, tokenOf(request), unknown);
      const fields = fieldsOf(request);
      const caused: Omit<CloudEvent, "time">[] = [];
      const result = answer(user, fields, call, (event) => caused.push(event));
      const [pk, dk] = names.map((name) => String(fields?.[name]));
      const found = context.registry.find(pk, dk);
      found?.save();
      const device = found ? { pk, dk } : {};
      const caller = "msg" in user ? undefined : user.id;
      context.tell({ event: "bindingCall", ...device, user: caller, code: result.code, message: result.msg });
      for (const event of caused) context.tell(event);
      return result;
    };
  api.post(PATHS.bind, told(bindByWifi, bodyOf, ["productKey", "deviceKey"]));
  api.post(PATHS.verify, told(verifyCode, queryOf, ["pk", "dk"], 5144));
  api.delete(PATHS.unbind, told(unbind, queryOf, ["pk", "dk"]));
}

/** Adds the calls that only look. */
function addQueries(api: FastifyInstance, context: Context, users: User[]): void {
  const quiet =
    (call: Call) =>
    (request: FastifyRequest): Envelope => {
      const user = userOf(users, tokenOf(request), 5032);
      return "msg" in user ? user : call(context, user, queryOf(request));
    };
  api.get(PATHS.info, quiet(deviceInfo));
  api.get(PATHS.list, quiet(deviceList));
  api.get(PATHS.openApi, () => OPEN_API);
}

/** What a broker asks before it lets a client in. */
export interface Doorkeeper {
  authenticate(clientId: string, password: string): boolean;
}

/** Web pages in a browser on this machine reach loopback too, and always say where they come from. */
const fromPage = (request: FastifyRequest): boolean => request.headers.origin !== undefined;

/** Adds what no app calls: an operator's changes to a device, and the hook of a broker that is not the cloud's own. */
function addOperations(api: FastifyInstance, context: Context, doorkeeper?: Doorkeeper): void {
  api.post(OPERATIONS.configure, (request) => {
    if (fromPage(request)) return refusal(5048, "web pages may not change devices");
    const { pk, dk } = request.params as { pk: string; dk: string };
    const device = context.registry.find(pk, dk);
    if (!device) return refusal(5314, "this device has never authenticated: check PK, DK and its connection");
    const body = bodyOf(request);
    const problem = body ? changeProblem(body) : "the body is not a JSON object";
    if (problem) return refusal(5048, problem);
    if (!context.configure(device, body as Change)) return refusal(5048, "the device is not connected");
    return success(1, "Success");
  });
  if (!doorkeeper) return;
  // mosquitto-go-auth reads the status. EMQX reads the body of a 200, and takes 403 for "not admitted by this one".
  api.post(OPERATIONS.hook, (request, reply) => {
    const { clientid, password } = bodyOf(request) ?? {};
    const allowed = !fromPage(request) && doorkeeper.authenticate(String(clientid ?? ""), String(password ?? ""));
    return reply.code(allowed ? 200 : 403).send({ result: allowed ? "allow" : "deny" });
  });
}

export async function startApi(
  context: Context,
  users: User[],
  host: string,
  port: number,
  doorkeeper?: Doorkeeper,
): Promise<FastifyInstance> {
  const api = createApi();
  addOperations(api, context, doorkeeper);
  addCalls(api, context, users);
  addQueries(api, context, users);
  await api.listen({ host, port });
  return api;
}
