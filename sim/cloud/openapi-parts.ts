/** What descriptions of calls in OpenAPI are made of. */
import { integer, object, text } from "./schemas.js";

export const parameter = (name: string, required: boolean, schema: object = text) => ({
  name,
  in: "query",
  required,
  schema,
});

/** An operation; its only HTTP status is 200. */
export function operation(summary: string, data: object, more: object) {
  const fields = { code: integer, data: { ...data, nullable: true }, extMsg: text, msg: text };
  const schema = object(fields, Object.keys(fields));
  const content = { "application/json;charset=UTF-8": { schema } };
  return { summary, ...more, responses: { 200: { description: "code says what happened", content } } };
}

/** A path of this cloud as OpenAPI writes it. */
export const template = (path: string): string => path.replace(/:(\w+)/g, "{$1}");

export const inPath = (...names: string[]) => names.map((name) => ({ name, in: "path", required: true, schema: text }));
export const json = (schema: object) => ({ required: true, content: { "application/json": { schema } } });
