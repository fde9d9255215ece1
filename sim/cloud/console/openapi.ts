/** The calls of the console's page in OpenAPI. */
import { inPath, json, operation, parameter, template } from "../openapi-parts.js";
import { BINDING, CONTROLLED, flag, integer, large, list, object, text } from "../schemas.js";
import { CONSOLE } from "./paths.js";

/** A call of the console's page, in the operator's name. */
const paged = (summary: string, data: object, parameters: object[] = [], body?: object) =>
  operation(`${summary} (development only)`, data, {
    tags: ["console"],
    parameters,
    ...(body && { requestBody: json(body) }),
  });

const DEVICE = inPath("pk", "dk");
const BOUND = inPath("pk", "dk", "user");
const SHOWN = object({
  properties: list(object({ id: integer, code: text, name: text, kind: text, access: text })),
  values: list(object({ id: integer, value: {}, time: large })),
  history: { type: "object", description: "time and value of the numbers, by id, oldest first" },
});

export const CONSOLE_PATHS = {
  [CONSOLE.feed]: {
    get: {
      summary: "Devices, frames and events as server-sent events; secrets are masked (development only)",
      tags: ["console"],
      responses: { 200: { description: "the feed", content: { "text/event-stream": { schema: { type: "string" } } } } },
    },
  },
  [template(CONSOLE.frame)]: {
    get: paged("A frame with its secrets, on loopback", object({ hex: text }), inPath("number")),
  },
  [template(CONSOLE.product)]: {
    get: paged("The ProductSecret of a product, on loopback", object({ ps: text }), inPath("pk")),
  },
  [CONSOLE.bind]: {
    post: paged(
      "Bind a device in a user's name",
      object({ authKey: text }),
      [],
      object({ ...BINDING.properties, user: text, fromWindow: flag }, ["user", "productKey", "deviceKey"]),
    ),
  },
  [template(CONSOLE.binding)]: {
    delete: paged("Unbind a device in a user's name", object({ bindingSum: integer }), BOUND),
    patch: paged("Rename a device for a user", integer, BOUND, object({ name: text }, ["name"])),
  },
  [template(CONSOLE.press)]: {
    post: paged(
      "Press the button of a simulated device",
      integer,
      DEVICE,
      object({ what: { type: "string", enum: ["open", "provision", "reset"] } }, ["what"]),
    ),
  },
  [template(CONSOLE.data)]: {
    get: paged("A device's properties, values and their history", SHOWN, [...DEVICE, parameter("fresh", false, flag)]),
    post: paged(
      "Write properties in a user's name",
      CONTROLLED,
      DEVICE,
      object({ user: text, values: { type: "object" } }, ["user", "values"]),
    ),
  },
};
