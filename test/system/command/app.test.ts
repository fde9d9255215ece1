/** An application in place of the firmware, and its button pressed by another command and by a key. */
import { randomInt } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { Person, Run, temporaryFolder } from "../../unit/tools/command/harness.js";

const HOST = `127.70.${randomInt(256)}.${randomInt(1, 255)}`;

describe("command: device --app", function () {
  this.timeout(20_000);
  const folder = temporaryFolder();
  const start = (...more: (string | Person)[]): Run =>
    new Run(
      ...["device", "--host", HOST, "--cloud", "mqtt://127.0.0.1:9", "--pk", "p1ABCD", "--ps", "UTJGdVpYaHdiR1Vr"],
      ...["--state", "none", ...more],
    );

  it("runs examples/button.js as it is printed; `press` and a key press its button, and its light is seen", async () => {
    const person = new Person([]);
    const device = start("--app", "examples/button.js", person);
    await device.line((line) => line.includes("(emulator)"));
    const press = new Run("press", "open", "--device", HOST);
    expect(await press.status, press.err.join()).to.equal(0);
    const windows = (): number => device.out.filter((line) => line.includes("bindable for 120 s")).length;
    await device.line(() => windows() === 1);
    device.key("w");
    await device.line(() => windows() === 2);
    device.key("q");
    expect(await device.status).to.equal(0);
  });

  it("runs one that an editor saved with a byte order mark", async () => {
    const file = join(folder, "mark.js");
    writeFileSync(file, '\ufeffprint("it runs");\r\n');
    const device = start("--app", file);
    await device.line((line) => line.includes("it runs"));
    expect(await device.stop()).to.equal(0);
  });

  it("runs one as `flash` writes it, without the name of its map", async () => {
    const file = join(folder, "mapped.js");
    const program = 'print("has",require("Storage").read(".bootcde").length);\n';
    writeFileSync(file, `${program}//# sourceMappingURL=mapped.js.map\n`);
    const device = start("--app", file);
    await device.line((line) => line.includes(`has ${program.length}`));
    expect(await device.stop()).to.equal(0);
  });

  it("tells what Espruino cannot read in an application, with its line and nothing of this program", async () => {
    const file = join(folder, "own.js");
    writeFileSync(file, "var a = 1;\nprint(a?.b);\n");
    const device = start("--app", file);
    await device.line((line) => line.includes(".bootcde:2:7"));
    expect(await device.stop()).to.equal(0);
    expect(device.out.join("\n")).to.not.match(/file:|\.ts:|cli\.js/);
  });

  it("refuses an application that is not there, and one beside --firmware", async () => {
    expect(await start("--app", "examples/none.js").status).to.equal(2);
    expect(await start("--app", "examples").status).to.equal(2);
    expect(await start("--app", "examples/led.js", "--firmware", "build/firmware.min.js").status).to.equal(2);
  });
});
