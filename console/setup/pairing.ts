/** From a device that is near to a bound one: the network by Bluetooth, then the binding call, each step told. */
import { follow } from "../../sim/app/follow.js";
import type { Link } from "../../sim/app/frame-link.js";
import { possessionOf } from "../../sim/app/proof.js";
import { startProvisioning } from "../../sim/app/provision.js";
import { bind } from "../state/calls.js";
import type { Envelope } from "../state/types.js";
import { chooseDevice, transportOf } from "./bluetooth.js";
import type { Steps } from "./steps.js";

export interface Network {
  ssid: string;
  password: string;
  /** MQTT URL, or "" for the one that the device has. */
  server: string;
}

/** The part of a label that opens a device with a proof of possession. */
export interface Proof {
  dk: string;
  pop: string;
}

/** Not reported yet, and a device that the cloud has not met. */
const NOT_YET = [5460, 5465, 5314];
const PAUSE_MS = 1000;
const PATIENCE_MS = 90_000;

type Tell = (detail: string) => void;

/** Asks until the cloud decides, or the device says on its link that it has failed. */
async function bindWhenReported(body: object, link: Link, tell: Tell): Promise<Envelope> {
  let failure: Error | undefined;
  let inCloud = false;
  const listener = {
    inCloud: () => {
      inCloud = true;
      tell("it is in the cloud");
    },
    step: (step: string) => tell(`it tells: ${step}`),
  };
  void follow(link, listener, PATIENCE_MS).then((told) => (failure = told));
  for (const end = Date.now() + PATIENCE_MS; ;) {
    const answer = await bind(body);
    if (!NOT_YET.includes(answer.code) || Date.now() > end) return answer;
    if (failure) throw failure;
    if (!inCloud) tell(answer.extMsg);
    await new Promise((done) => setTimeout(done, PAUSE_MS));
  }
}

/** @returns the cloud's answer, or undefined when a step before has failed: the steps say why */
export async function pair(
  network: Network,
  user: string,
  name: string,
  proof: Proof | undefined,
  steps: Steps,
): Promise<Envelope | undefined> {
  const device = await steps.run("Choose the device", chooseDevice);
  if (!device) return undefined;
  const { ssid, password, server } = network;
  const provisioned = await steps.run("Give it the network", () =>
    startProvisioning({
      address: device.name ?? "the device",
      transport: transportOf(device),
      ...{ ssid, password, server: server || undefined },
      dk: proof?.dk,
      possession: proof && possessionOf({ pop: proof.pop }, proof.dk),
    }),
  );
  if (!provisioned) return undefined;
  const { binding, link } = provisioned;
  const { pk, dk, bindingCode } = binding;
  const body = { user, productKey: pk, deviceKey: dk, bindingCode, ...(name && { deviceName: name }) };
  const bound = await steps.run("Wait for it in the cloud, and bind it", async (tell) => {
    const answer = await bindWhenReported(body, link, tell);
    if (answer.code !== 200) throw new Error(`${answer.code} ${answer.msg}: ${answer.extMsg}`);
    tell("");
    return answer;
  });
  link.close();
  return bound;
}
