import { World, NETWORK } from "./test/device/scenarios/world.js";
for (const engine of (process.env.ESPRUINO ? ["espruino"] : ["emulator"]) as ("emulator"|"espruino")[]) {
  const t = Date.now();
  const world = await World.start(engine);
  try {
    const r = await world.bind({ onStep: (s) => console.log(JSON.stringify(s)) });
    console.log(JSON.stringify(r.envelope), Date.now() - t);
    await new Promise((d) => setTimeout(d, 1500));
  } catch (e) { console.log(String(e)); }
  console.log(world.device.lines.join("\n"));
  console.log(JSON.stringify(world.events));
  await world.stop();
}
