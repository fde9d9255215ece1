/** An operator's calls about updates: upload and stage, look, withdraw. */
import type { FastifyInstance, FastifyRequest } from "fastify";

import * as protocol from "../../../src/codec/commands.js";
import { LARGEST_UPDATE, UpdateError } from "../../update/file.js";
import { PUBLIC_KEY, verifyUpdate } from "../../update/signature.js";
import type { Context } from "../binding.js";
import type { DeviceRecord } from "../device-record.js";
import { OPERATIONS } from "../openapi.js";
import { refusal, success, type Envelope } from "../status.js";
import { includes, releaseOf, type Release, type Staging } from "./release.js";
import type { Updates } from "./updates.js";

const OCTETS = "application/octet-stream";

type Query = Record<string, string | string[] | undefined>;
type Refuse = (request: FastifyRequest) => Envelope | undefined;

/** How far a device is, in one word. */
function wordOf(updates: Updates, release: Release, device: DeviceRecord): string {
  const { update } = device;
  if (update?.release !== release.id) return updates.isNewer(device, release) ? "newer" : "waiting";
  if (update.ended) return update.ended;
  const words: Record<number, string> = {
    [protocol.UPDATE_IDLE]: "offered",
    [protocol.UPDATE_ASKED]: "asked",
    [protocol.UPDATE_CONFIRMED]: "confirmed",
    [protocol.UPDATE_INTERRUPTED]: "interrupted",
    [protocol.UPDATE_LOADED]: "loaded",
    [protocol.UPDATE_INSTALLING]: "installing",
  };
  return words[update.state] ?? "loading";
}

/** What an operator is shown of a release. */
function describe({ registry, isOnline, updates }: Context, release: Release) {
  const { id, pk, version, signed, percent, dks } = release;
  const devices = [...registry.all()]
    .filter((device) => device.product.pk === pk && includes(release, device.dk))
    .map((device) => ({
      dk: device.dk,
      online: isOnline(device),
      state: wordOf(updates, release, device),
      loaded: updates.loadedBy(device),
      size: updates.downloadFor(device, release).bytes.length,
    }));
  const counts: Record<string, number> = {};
  for (const { state } of devices) counts[state] = (counts[state] ?? 0) + 1;
  return { id, pk, version, size: signed.bytes.length, percent, dks: dks ?? null, counts, devices };
}

/** Only the numbers, for the list. */
function summarise(context: Context, release: Release) {
  const { devices: _, ...rest } = describe(context, release);
  return rest;
}

function stagingOf({ percent = "100", dk }: Query): Staging | string {
  if (typeof percent !== "string" || !/^\d{1,3}$/.test(percent) || Number(percent) > 100) {
    return "percent is a whole number, 0-100";
  }
  const dks = typeof dk === "string" ? [dk] : dk;
  return { percent: Number(percent), ...(dks && { dks }) };
}

/** @returns the release, or the sentence that says what is wrong */
function uploaded(context: Context, body: unknown, query: Query): Release | string {
  const staging = stagingOf(query);
  if (typeof staging === "string") return staging;
  if (!Buffer.isBuffer(body)) return `send the update file as ${OCTETS}`;
  const { key } = query;
  const hex = new RegExp(`^[0-9a-f]{${2 * PUBLIC_KEY}}$`, "i");
  if (key !== undefined && !(typeof key === "string" && hex.test(key))) return "key is 64 hexadecimal digits";
  try {
    if (key) verifyUpdate(Buffer.from(key, "hex"), body);
    const release = releaseOf(body, staging);
    return context.registry.product(release.pk) ? release : `product: this cloud has no product ${release.pk}`;
  } catch (error) {
    if (error instanceof UpdateError) return `${error.code}: ${error.message}`;
    throw error;
  }
}

async function upload(context: Context, request: FastifyRequest): Promise<Envelope> {
  const query = request.query as Query;
  const release = uploaded(context, request.body, query);
  if (typeof release === "string") return refusal(5048, release);
  context.updates.releases.put(release);
  context.updates.stage(release, query.retry === "true");
  await new Promise<void>((done) => context.registry.durable(done));
  return success(describe(context, release), "Success");
}

/** @param refuse says why a call is refused */
export function addUpdates(api: FastifyInstance, context: Context, refuse: Refuse): void {
  const { releases } = context.updates;
  const one = (act: (release: Release) => Envelope) => (request: FastifyRequest) => {
    const release = releases.find((request.params as { id: string }).id);
    return refuse(request) ?? (release ? act(release) : refusal(5048, "there is no update of this id"));
  };
  // A parser of its own: elsewhere every body is JSON, whatever its type says.
  void api.register(async (inner) => {
    inner.addContentTypeParser(OCTETS, { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    inner.post(
      OPERATIONS.updates,
      { bodyLimit: LARGEST_UPDATE + 1 },
      async (request) => refuse(request) ?? upload(context, request),
    );
  });
  api.get(OPERATIONS.updates, (request) => {
    const list = releases.of().map((release) => summarise(context, release));
    return refuse(request) ?? success(list, "Success");
  });
  api.get(
    OPERATIONS.update,
    one((release) => success(describe(context, release), "Success")),
  );
  api.delete(
    OPERATIONS.update,
    one((release) => {
      releases.remove(release);
      return success(1, "Success");
    }),
  );
}
