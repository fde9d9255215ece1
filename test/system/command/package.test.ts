/** The tarball of `npm pack`: what a person installs who has no clone. */
import { expect } from "chai";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";

import { packageFile } from "../../../tools/command/package.js";
import { temporaryFolder } from "../../unit/tools/command/harness.js";

interface Manifest {
  bin: Record<string, string>;
  dependencies: Record<string, string>;
}

describe("command: installed from a tarball", () => {
  const folder = temporaryFolder();
  const installed = join(folder, "node_modules", "espruino-wifi-binding");
  let manifest: Manifest;

  before(function () {
    this.timeout(60_000);
    // What is built is what is tested: no build here.
    const pack = ["pack", "--ignore-scripts", "--silent", "--pack-destination", folder];
    const name = execFileSync("npm", pack, { cwd: packageFile(), encoding: "utf8" }).trim();
    mkdirSync(installed, { recursive: true });
    execFileSync("tar", ["xzf", join(folder, name), "-C", installed, "--strip-components", "1"]);
    manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as Manifest;
    // npm would ask a registry for what it depends on; what it does not name is not there.
    for (const one of Object.keys(manifest.dependencies)) {
      const place = join(folder, "node_modules", one);
      mkdirSync(join(place, ".."), { recursive: true });
      symlinkSync(packageFile("node_modules", one), place);
    }
  });

  const run = (...argv: string[]): string =>
    execFileSync(process.execPath, [join(installed, manifest.bin["wifi-binding"]), ...argv], {
      cwd: folder,
      encoding: "utf8",
    });

  it("binds a device far from the clone, and has what its other commands read", function () {
    this.timeout(30_000);
    const events = run("demo", "--json").trim().split("\n");
    expect(JSON.parse(events.at(-1)!)).to.include({ event: "bound", code: 200 });
    for (const file of ["docs/products.schema.json", "examples/lamp.js", "build/console/index.html"]) {
      expect(readFileSync(join(installed, file), "utf8"), file).not.to.equal("");
    }
  });

  it("firmware/README.md says how to install the command, and that npx elsewhere asks a registry", () => {
    const text = readFileSync(join(installed, "firmware", "README.md"), "utf8").replace(/\s+/g, " ");
    expect(text).to.contain("Elsewhere npx would ask a registry");
    expect(text).to.contain("`npm install -g .`").and.contain("`npm pack`");
  });
});
