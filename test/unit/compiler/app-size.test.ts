/** What `npm run size -- --app` says of an application. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { appTable, measureApp, modulesOf } from "../../../compiler/size.js";

const APP = `var W=require("WifiBinding");W.start({});require('WifiBindingData').start(W);require("Storage");require("WifiBinding")`;

describe("the size of an application", () => {
  const folder = mkdtempSync(join(tmpdir(), "size-"));
  const app = join(folder, "app.js");
  after(() => rmSync(folder, { recursive: true }));

  it("is its bytes and those of the modules that it requires by name, each once", () => {
    expect(modulesOf(APP)).to.deep.equal(["WifiBinding", "WifiBindingData"]);
    writeFileSync(app, APP);
    writeFileSync(join(folder, "WifiBinding.min.js"), "x".repeat(1000));
    expect(() => measureApp(app, folder)).to.throw(/WifiBindingData\.min\.js/);
    writeFileSync(join(folder, "WifiBindingData.min.js"), "é".repeat(100));
    const size = measureApp(app, folder);
    expect(size).to.deep.equal({
      file: app,
      bytes: APP.length,
      modules: { WifiBinding: 1000, WifiBindingData: 200 },
      total: APP.length + 1200,
    });
    expect(appTable(size).at(-1)).to.match(new RegExp(`all together +${APP.length + 1200}$`));
  });
});
