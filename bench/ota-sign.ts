/** Signs one update in a process of its own: it takes seconds in which nothing else runs. */
import { readFileSync } from "node:fs";

import { newSecretKey, publicKeyOf, signUpdate } from "../sim/update/signature.js";

process.on("message", ({ pk, version, path }: { pk: string; version: string; path: string }) => {
  const secretKey = newSecretKey();
  const file = signUpdate(secretKey, pk, version, readFileSync(path)).toString("base64");
  process.send!({ key: publicKeyOf(secretKey).toString("hex"), file });
});
process.on("disconnect", () => process.exit());
