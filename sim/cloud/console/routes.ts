/** What the console calls: its feed, and an operator's actions on a device in a user's name. */
import type { FastifyInstance, FastifyRequest } from "fastify";

import type { Context } from "../binding.js";
import { fromElsewhere } from "../http-guard.js";
import { PATHS } from "../openapi.js";
import { same } from "../passwords.js";
import type { User } from "../products.js";
import type { Fields } from "../request.js";
import { NAME_LIMIT } from "../schemas.js";
import { refusal, success, type Envelope } from "../status.js";
import type { Console } from "./console.js";
import { shownData } from "./data.js";
import { CONSOLE } from "./paths.js";
import { serveDeviceFiles, servePage } from "./page.js";

interface Callers {
  users: User[];
  operator?: string;
}

const tokenOf = (request: FastifyRequest): string =>
  (request.headers.authorization ?? "").replace(/^Bearer(\s+|$)/i, "").trim();

const fieldsOf = ({ body }: FastifyRequest): Fields =>
  typeof body === "object" && body !== null && !Array.isArray(body) ? (body as Fields) : {};

const isLoopback = (address = ""): boolean => /^(::ffff:)?127\./.test(address) || address === "::1";

type Guard = (request: FastifyRequest) => Envelope | undefined;
/** Makes a call of the API in a user's name. */
type CallAs = (request: FastifyRequest, user: unknown, call: UserCall) => Promise<Envelope>;

interface UserCall {
  method: "POST" | "DELETE";
  url: string;
  payload?: object;
}

/** What the routes share. */
interface Desk {
  api: FastifyInstance;
  context: Context;
  console: Console;
  /** Answers a request unless it is refused. */
  guarded: (answer: (request: FastifyRequest) => Envelope | Promise<Envelope>) => (request: FastifyRequest) => unknown;
  callAs: CallAs;
}

interface Named {
  pk: string;
  dk: string;
  user: string;
}

const named = ({ params }: FastifyRequest): Named => params as Named;
const unknown = (): Envelope => refusal(5314, "the cloud does not know this device");
const LOOPBACK = "secrets are shown on this machine only";

/** Secrets, for an operator on the cloud's own machine. */
function addSecrets({ api, context, console, guarded }: Desk): void {
  const near = (answer: (params: Record<string, string>) => Envelope) =>
    guarded(({ socket, params }) =>
      isLoopback(socket.remoteAddress) ? answer(params as Record<string, string>) : refusal(5048, LOOPBACK),
    );
  api.get(
    CONSOLE.frame,
    near(({ number }) => {
      const hex = console.unmasked(Number(number));
      return hex === undefined ? refusal(5048, "the cloud has this frame no more") : success({ hex }, "Success");
    }),
  );
  api.get(
    CONSOLE.product,
    near(({ pk }) => {
      const product = context.registry.product(pk!);
      return product ? success({ ps: product.ps }, "Success") : refusal(5314, "no product has this ProductKey");
    }),
  );
}

/** A binding in a user's name: made, renamed, ended. */
function addBindings({ api, context, guarded, callAs }: Desk): void {
  const bind = guarded((request) => {
    const { user, fromWindow, ...payload } = fieldsOf(request);
    if (fromWindow === true) {
      const device = context.registry.find(String(payload.productKey), String(payload.deviceKey));
      const code = device?.openCode;
      if (!device) return refusal(5460, "this device has not come to this cloud yet: give it the network first");
      if (!code) return refusal(5460, "the device has no binding window open: press its button");
      payload.bindingCode = code;
    }
    return callAs(request, user, { method: "POST", url: PATHS.bind, payload });
  });
  const unbind = guarded((request) => {
    const { pk, dk, user } = named(request);
    return callAs(request, user, { method: "DELETE", url: `${PATHS.unbind}?${new URLSearchParams({ pk, dk })}` });
  });
  const rename = guarded(async (request) => {
    const { pk, dk, user } = named(request);
    const device = context.registry.find(pk, dk);
    const binding = device?.bindings.get(user);
    if (!device || !binding) return device ? refusal(5052, "this user has not bound this device") : unknown();
    const { name } = fieldsOf(request);
    if (typeof name !== "string") return refusal(5048, "name is a text");
    if ([...name].length > NAME_LIMIT) return refusal(5333, `a name has up to ${NAME_LIMIT} characters`);
    binding.name = name;
    device.save();
    await new Promise<void>((done) => context.registry.durable(done));
    context.tell({ event: "renamed", pk, dk, user });
    return success(1, "Success");
  });
  api.post(CONSOLE.bind, bind);
  api.delete(CONSOLE.binding, unbind);
  api.patch(CONSOLE.binding, rename);
}

/** A device's properties: read by the operator, written in a user's name. */
function addData({ api, context, guarded, callAs }: Desk): void {
  const read = guarded(async (request) => {
    const { pk, dk } = named(request);
    const device = context.registry.find(pk, dk);
    if (!device) return unknown();
    const { fresh } = request.query as Fields;
    const delivery = fresh === "true" ? await context.read(device, []) : "done";
    if (delivery === "offline") return refusal(5340, "the device is not connected");
    if (delivery === "silent") return refusal(5340, "the device did not answer the read within 3 s");
    return success(shownData(device), "Success");
  });
  const write = guarded((request) => {
    const { pk: productKey, dk: deviceKey } = named(request);
    const { user, values } = fieldsOf(request);
    const payload = { type: 2, data: JSON.stringify([values]), deviceList: [{ productKey, deviceKey }] };
    return callAs(request, user, { method: "POST", url: PATHS.control, payload });
  });
  api.get(CONSOLE.data, read);
  api.post(CONSOLE.data, write);
}

/** The button of a simulated device. */
function addButton({ api, console, guarded }: Desk): void {
  const press = guarded(async (request) => {
    const { pk, dk } = named(request);
    const button = console.options.press?.(pk, dk);
    const { what } = fieldsOf(request);
    if (!button) return refusal(5048, "this device has a button of its own: press that");
    if (what !== "open" && what !== "provision" && what !== "reset")
      return refusal(5048, "what is open, provision or reset");
    await button(what);
    return success(1, "Success");
  });
  api.post(CONSOLE.press, press);
}

function addFeed(api: FastifyInstance, console: Console, problem: Guard): void {
  api.get(CONSOLE.feed, (request, reply) => {
    const refused = problem(request);
    if (refused) return reply.send(refused);
    reply.hijack();
    console.add(reply.raw, String(request.headers["last-event-id"] ?? ""));
    return reply;
  });
}

export function addConsole(api: FastifyInstance, context: Context, callers: () => Callers, console: Console): void {
  const problem: Guard = (request) => {
    if (fromElsewhere(request.headers)) return refusal(5048, "pages of other servers may not look here");
    const { operator } = callers();
    if (!operator || same(operator, tokenOf(request))) return undefined;
    return refusal(5032, "give the operator's token of the products file");
  };
  const callAs: CallAs = async ({ headers }, id, call) => {
    const user = callers().users.find((one) => one.id === id);
    if (!user) return refusal(5032, "no user of the products file has this name");
    const answer = await api.inject({ ...call, headers: { host: headers.host, authorization: user.token } });
    return answer.json<Envelope>();
  };
  const guarded: Desk["guarded"] = (answer) => (request) => problem(request) ?? answer(request);
  const { page, firmware } = console.options;
  servePage(api, page);
  if (firmware) serveDeviceFiles(api, firmware);
  addFeed(api, console, problem);
  for (const add of [addSecrets, addBindings, addData, addButton]) add({ api, context, console, guarded, callAs });
}
