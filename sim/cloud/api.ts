/** The binding API over HTTP. The status is 200 for every answer; what happened is in the envelope. */
import type { FastifyInstance, FastifyRequest } from "fastify";

import { deviceAttributes, productTsl, propertyHistory } from "./attributes.js";
import { bindByWifi, type Context } from "./binding.js";
import type { Console } from "./console/console.js";
import { addConsole } from "./console/routes.js";
import { changeProblem, type Change } from "./configure.js";
import { batchControl, type Controlled } from "./control.js";
import type { DeviceRecord } from "./device-record.js";
import { deviceInfo, deviceList, getAuthKey, regenerateAuthKey, unbind, verifyCode } from "./devices.js";
import type { CloudEvent, EventName } from "./events.js";
import type { Certificate } from "../tls.js";
import { createApi } from "./http.js";
import { fromElsewhere } from "./http-guard.js";
import { OPEN_API, OPERATIONS, PATHS } from "./openapi.js";
import { same } from "./passwords.js";
import type { User } from "./products.js";
import { BINDING } from "./schemas.js";
import { firstRefusal, type Complaint, type Fields } from "./request.js";
import { refusal, success, type Envelope } from "./status.js";
import { addFiles } from "./updates/files.js";
import { addUpdates } from "./updates/routes.js";

/** One call of a user whose token was accepted; its fields come from the body or from the query. */
type Call = (context: Context, user: User, fields: Fields) => Envelope;
/** One that waits for a device. */
type SlowCall = (context: Context, user: User, fields: Fields) => Envelope | Promise<Envelope>;

/** Where and how long to listen. */
export interface Listening {
  host: string;
  port: number;
  /** For HTTPS. */
  tls?: Certificate;
  /** Milliseconds for a whole request. */
  requestTimeout: number;
}

/** Who may call. Read anew at each call, as the products file may be. */
export interface Callers {
  users: User[];
  operator?: string;
}

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

/** A form, or its fields in the query. */
const formOf = (request: FastifyRequest): Fields => ({ ...queryOf(request), ...bodyOf(request) });

/** The user whose token a request has; never for a page of another server. @param unknown the code for an unknown token */
function userOf(users: User[], request: FastifyRequest, unknown: 5032 | 5144): User | Envelope {
  if (fromElsewhere(request.headers)) return refusal(5048, "pages of other servers may not call this cloud");
  const token = tokenOf(request);
  if (!token) return refusal(5106, "send the user's token in the Authorization header");
  const user = users.find((candidate) => same(candidate.token, token));
  return user ?? refusal(unknown, "this token is unknown: check it, and the products file");
}

/** How a call that changes something is told, and where its fields are. */
interface Told {
  event: EventName;
  fields: (request: FastifyRequest) => Fields | undefined;
  /** Names of the ProductKey and the DeviceKey. */
  names: [pk: string, dk: string];
  /** The code for an unknown token. */
  unknown?: 5032 | 5144;
}

/** A key that a caller has sent, for an event. */
function shown(value: unknown): string | undefined {
  return typeof value === "string" && value ? value.replace(/[^0-9A-Za-z]/g, "?").slice(0, 32) : undefined;
}

/** Makes the handlers of calls that change something: each is told as an event, and what it caused after it. */
function tellers(context: Context, callers: () => Callers) {
  const answer = (user: User | Envelope, fields: Fields | undefined, call: Call, here: Context): Envelope => {
    if ("msg" in user) return user;
    if (!fields) return refusal(5066, "the body is not a JSON object");
    return call(here, user, fields);
  };
  return (call: Call, { event, fields: fieldsOf, names, unknown = 5032 }: Told) =>
    async (request: FastifyRequest): Promise<Envelope> => {
      const user = userOf(callers().users, request, unknown);
      const fields = fieldsOf(request);
      const caused: Omit<CloudEvent, "time">[] = [];
      const changed: DeviceRecord[] = [];
      const here: Context = {
        ...context,
        tell: (one) => caused.push(one),
        tellResults: (device) => changed.push(device),
      };
      const result = answer(user, fields, call, here);
      const [pk, dk] = names.map((name) => fields?.[name]);
      if (typeof pk === "string" && typeof dk === "string") context.registry.find(pk, dk)?.save();
      const caller = "msg" in user ? undefined : user.id;
      await new Promise<void>((done) => context.registry.durable(done));
      const { code, msg: message, extMsg } = result;
      context.tell({ event, pk: shown(pk), dk: shown(dk), user: caller, code, message, extMsg: extMsg || undefined });
      for (const one of caused) context.tell(one);
      for (const device of changed) context.tellResults(device);
      return result;
    };
}

/** Adds the calls that change something. */
function addCalls(api: FastifyInstance, context: Context, callers: () => Callers): void {
  const told = tellers(context, callers);
  const names: Told["names"] = ["pk", "dk"];
  api.post(
    PATHS.bind,
    {
      schema: { body: BINDING },
      attachValidation: true,
      preValidation: async (request) => {
        const body = bodyOf(request);
        // Its fields are missing then, one by one.
        if (body?.isMatter === true) body.matterInfo ??= {};
      },
    },
    (request) => {
      const { validation } = (request.validationError ?? {}) as { validation?: Complaint[] };
      const call: Call = (here, user, body) => firstRefusal(validation ?? [], body) ?? bindByWifi(here, user, body);
      return told(call, { event: "bindingCall", fields: bodyOf, names: ["productKey", "deviceKey"] })(request);
    },
  );
  api.post(PATHS.verify, told(verifyCode, { event: "verifyCall", fields: queryOf, names, unknown: 5144 }));
  api.delete(PATHS.unbind, told(unbind, { event: "unbindCall", fields: queryOf, names }));
  api.post(PATHS.newAuthKey, told(regenerateAuthKey, { event: "authKeyCall", fields: formOf, names }));
}

/** Writes devices, and tells of each. */
async function control(request: FastifyRequest, context: Context, callers: () => Callers): Promise<Envelope> {
  const user = userOf(callers().users, request, 5032);
  const body = bodyOf(request);
  const result =
    "msg" in user
      ? user
      : body
        ? await batchControl(context, user, body)
        : refusal(5074, "the body is not a JSON object");
  const { code, msg: message, extMsg, data } = result;
  const { successList, failureList } = (data ?? {}) as Controlled;
  const caller = "msg" in user ? undefined : user.id;
  const told = { event: "controlCall", user: caller } as const;
  if (!successList) context.tell({ ...told, code, message, extMsg });
  for (const { data: keys, msg } of [...(successList ?? []), ...(failureList ?? [])]) {
    const ended = msg === undefined ? { code: 200, message } : { code: 5340, message: msg };
    context.tell({ ...told, pk: shown(keys.productKey), dk: shown(keys.deviceKey), ...ended });
  }
  return result;
}

/** Adds the calls that only look, and the one that writes. */
function addQueries(api: FastifyInstance, context: Context, callers: () => Callers): void {
  const quiet =
    (call: SlowCall) =>
    async (request: FastifyRequest): Promise<Envelope> => {
      const user = userOf(callers().users, request, 5032);
      return "msg" in user ? user : call(context, user, formOf(request));
    };
  api.get(PATHS.info, quiet(deviceInfo));
  api.get(PATHS.list, quiet(deviceList));
  api.post(PATHS.authKey, quiet(getAuthKey));
  api.get(PATHS.tsl, quiet(productTsl));
  api.get(PATHS.attributes, quiet(deviceAttributes));
  api.get(PATHS.history, quiet(propertyHistory));
  api.post(PATHS.control, (request) => control(request, context, callers));
  api.get(PATHS.openApi, () => OPEN_API);
}

/** What a broker asks before it lets a client in. */
export interface Doorkeeper {
  authenticate(clientId: string, password: string): boolean;
}

/** Why a call of an operator's is refused, or undefined. */
function refuseOperator(request: FastifyRequest, { operator }: Callers): Envelope | undefined {
  if (fromElsewhere(request.headers)) return refusal(5048, "web pages may not change devices");
  if (!operator || same(operator, tokenOf(request))) return undefined;
  return refusal(5032, "send the operator's token of the products file in the Authorization header");
}

/** Adds what no app calls: an operator's changes to a device. */
function addOperations(api: FastifyInstance, context: Context, callers: () => Callers): void {
  const operation =
    (act: (device: DeviceRecord, request: FastifyRequest) => Envelope) =>
    async (request: FastifyRequest): Promise<Envelope> => {
      const refused = refuseOperator(request, callers());
      if (refused) return refused;
      const { pk, dk } = request.params as { pk: string; dk: string };
      const device = context.registry.find(pk, dk);
      if (!device) return refusal(5314, "this device has never authenticated: check PK, DK and its connection");
      const answer = act(device, request);
      await new Promise<void>((done) => context.registry.durable(done));
      return answer;
    };
  const configure = operation((device, request) => {
    const body = bodyOf(request);
    const problem = body ? changeProblem(body) : "the body is not a JSON object";
    if (problem) return refusal(5048, problem);
    if (!context.configure(device, body as Change)) return refusal(5048, "the device is not connected");
    return success(1, "Success");
  });
  const forget = operation((device) => {
    context.forget(device);
    return success(1, "Success");
  });
  api.post(OPERATIONS.configure, configure);
  api.delete(OPERATIONS.device, forget);
}

/** Adds the hook of a broker that is not the cloud's own. */
function addHook(api: FastifyInstance, doorkeeper: Doorkeeper): void {
  // mosquitto-go-auth reads the status. EMQX reads the body of a 200, and takes 403 for "not admitted by this one".
  api.post(OPERATIONS.hook, (request, reply) => {
    const { clientid, password } = bodyOf(request) ?? {};
    const text = (value: unknown): string => (typeof value === "string" ? value : "");
    const allowed = !fromElsewhere(request.headers) && doorkeeper.authenticate(text(clientid), text(password));
    return reply.code(allowed ? 200 : 403).send({ result: allowed ? "allow" : "deny" });
  });
}

export async function startApi(
  context: Context,
  callers: () => Callers,
  { host, port, tls, requestTimeout }: Listening,
  doorkeeper?: Doorkeeper,
  console?: Console,
): Promise<FastifyInstance> {
  const api = createApi(requestTimeout, tls);
  addOperations(api, context, callers);
  addUpdates(api, context, (request) => refuseOperator(request, callers()));
  addFiles(api, context.updates);
  if (doorkeeper) addHook(api, doorkeeper);
  addCalls(api, context, callers);
  addQueries(api, context, callers);
  if (console) addConsole(api, context, callers, console);
  await api.listen({ host, port });
  return api;
}
