/** What the console calls: its feed, and an operator's actions on a device in a user's name. */
import type { FastifyInstance, FastifyRequest } from "fastify";

import type { Context } from "../binding.js";
import type { DeviceRecord } from "../device-record.js";
import { fromElsewhere } from "../http-guard.js";
import { NAME_LIMIT, PATHS } from "../openapi.js";
import { same } from "../passwords.js";
import type { User } from "../products.js";
import type { Fields } from "../request.js";
import { refusal, success, type Envelope } from "../status.js";
import type { Console, Press } from "./console.js";
import { shownData } from "./data.js";
import { serveDeviceFiles, servePage } from "./page.js";

export const CONSOLE = {
  feed: "/dev/console/feed",
  frame: "/dev/console/frames/:number",
  product: "/dev/console/products/:pk",
  bind: "/dev/console/bind",
  binding: "/dev/devices/:pk/:dk/bindings/:user",
  press: "/dev/devices/:pk/:dk/press",
  data: "/dev/devices/:pk/:dk/data",
} as const;

interface Callers {
  users: User[];
  operator?: string;
}

const tokenOf = (request: FastifyRequest): string =>
  (request.headers.authorization ?? "").replace(/^Bearer(\s+|$)/i, "").trim();

const fieldsOf = ({ body }: FastifyRequest): Fields =>
  typeof body === "object" && body !== null && !Array.isArray(body) ? (body as Fields) : {};

const isLoopback = (address = ""): boolean => /^(::ffff:)?127\./.test(address) || address === "::1";

export function addConsole(api: FastifyInstance, context: Context, callers: () => Callers, console: Console): void {
  const problem = (request: FastifyRequest): Envelope | undefined => {
    if (fromElsewhere(request.headers)) return refusal(5048, "pages of other servers may not look here");
    const { operator } = callers();
    if (!operator || same(operator, tokenOf(request))) return undefined;
    return refusal(5032, "give the operator's token of the products file");
  };

  /** Makes a call of the API in a user's name. */
  const callAs = async (
    { headers }: FastifyRequest,
    id: unknown,
    call: { method: "POST" | "DELETE"; url: string; payload?: object },
  ): Promise<Envelope> => {
    const user = callers().users.find((one) => one.id === id);
    if (!user) return refusal(5032, "no user of the products file has this name");
    const answer = await api.inject({ ...call, headers: { host: headers.host, authorization: user.token } });
    return answer.json<Envelope>();
  };

  const deviceOf = ({ params }: FastifyRequest): DeviceRecord | undefined => {
    const { pk, dk } = params as { pk: string; dk: string };
    return context.registry.find(pk, dk);
  };
  const unknown = (): Envelope => refusal(5314, "the cloud does not know this device");

  const { page, firmware } = console.options;
  servePage(api, page);
  if (firmware) serveDeviceFiles(api, firmware);

  api.get(CONSOLE.feed, (request, reply) => {
    const refused = problem(request);
    if (refused) return reply.send(refused);
    reply.hijack();
    console.add(reply.raw, String(request.headers["last-event-id"] ?? ""));
    return reply;
  });

  api.get(CONSOLE.frame, (request) => {
    const refused = problem(request);
    if (refused) return refused;
    if (!isLoopback(request.socket.remoteAddress)) return refusal(5048, "secrets are shown on this machine only");
    const hex = console.unmasked(Number((request.params as { number: string }).number));
    return hex === undefined ? refusal(5048, "the cloud has this frame no more") : success({ hex }, "Success");
  });

  api.get(CONSOLE.product, (request) => {
    const refused = problem(request);
    if (refused) return refused;
    if (!isLoopback(request.socket.remoteAddress)) return refusal(5048, "secrets are shown on this machine only");
    const product = context.registry.product((request.params as { pk: string }).pk);
    return product ? success({ ps: product.ps }, "Success") : refusal(5314, "no product has this ProductKey");
  });

  api.post(CONSOLE.bind, (request) => {
    const refused = problem(request);
    if (refused) return refused;
    const { user, fromWindow, ...payload } = fieldsOf(request);
    if (fromWindow === true) {
      const device = context.registry.find(String(payload.productKey), String(payload.deviceKey));
      const code = device?.openCode;
      if (!code) return refusal(5460, "the device has no binding window open: press its button");
      payload.bindingCode = code;
    }
    return callAs(request, user, { method: "POST", url: PATHS.bind, payload });
  });

  api.delete(CONSOLE.binding, (request) => {
    const refused = problem(request);
    if (refused) return refused;
    const { pk, dk, user } = request.params as { pk: string; dk: string; user: string };
    const query = new URLSearchParams({ pk, dk }).toString();
    return callAs(request, user, { method: "DELETE", url: `${PATHS.unbind}?${query}` });
  });

  api.patch(CONSOLE.binding, async (request) => {
    const refused = problem(request);
    if (refused) return refused;
    const device = deviceOf(request);
    const { user } = request.params as { user: string };
    const binding = device?.bindings.get(user);
    if (!device || !binding) return device ? refusal(5052, "this user has not bound this device") : unknown();
    const { name } = fieldsOf(request);
    if (typeof name !== "string") return refusal(5048, "name is a text");
    if ([...name].length > NAME_LIMIT) return refusal(5333, `a name has up to ${NAME_LIMIT} characters`);
    binding.name = name;
    device.save();
    await new Promise<void>((done) => context.registry.durable(done));
    context.tell({ event: "renamed", pk: device.product.pk, dk: device.dk, user });
    return success(1, "Success");
  });

  api.get(CONSOLE.data, async (request) => {
    const refused = problem(request);
    if (refused) return refused;
    const device = deviceOf(request);
    if (!device) return unknown();
    const { fresh } = request.query as Fields;
    const delivery = fresh === "true" ? await context.read(device, []) : "done";
    if (delivery === "offline") return refusal(5340, "the device is not connected");
    if (delivery === "silent") return refusal(5340, "the device did not answer the read within 3 s");
    return success(shownData(device), "Success");
  });

  api.post(CONSOLE.data, (request) => {
    const refused = problem(request);
    if (refused) return refused;
    const { pk: productKey, dk: deviceKey } = request.params as { pk: string; dk: string };
    const { user, values } = fieldsOf(request);
    const payload = { type: 2, data: JSON.stringify([values]), deviceList: [{ productKey, deviceKey }] };
    return callAs(request, user, { method: "POST", url: PATHS.control, payload });
  });

  api.post(CONSOLE.press, async (request) => {
    const refused = problem(request);
    if (refused) return refused;
    const { pk, dk } = request.params as { pk: string; dk: string };
    const press = console.options.press?.(pk, dk);
    const { what } = fieldsOf(request);
    if (!press) return refusal(5048, "this device has a button of its own: press that");
    if (what !== "open" && what !== "provision" && what !== "reset")
      return refusal(5048, "what is open, provision or reset");
    await press(what as Press);
    return success(1, "Success");
  });
}
