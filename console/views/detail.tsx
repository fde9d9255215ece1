/** One device in full, and what an operator can do to it. */
import { Actions } from "./actions.js";
import { capabilityWords, DS_WORDS, KEY_WORDS, plain } from "../parts/words.js";
import { addressOf } from "../state/route.js";
import type { Device } from "../state/types.js";

function capabilitiesOf({ bindings, capabilities }: Device): string {
  const mask = bindings.find((one) => one.capabilitiesBitmask !== undefined)?.capabilitiesBitmask ?? capabilities;
  if (mask === undefined) return "not named";
  return capabilityWords(mask).join(", ") || "none";
}

function factsOf(device: Device): [string, string][] {
  const { pk, dk, product, model, firmware, sdk, battery, ds, authKey } = device;
  const optional: [string, string | undefined][] = [
    ["Model", model],
    ["Firmware", firmware],
    ["Software", sdk],
    ["Battery", battery === undefined ? undefined : `${battery} %`],
  ];
  return [
    ["DeviceKey", dk],
    ["Product", product === pk ? pk : `${product} (${pk})`],
    ["Capabilities", capabilitiesOf(device)],
    ["DeviceSecret", DS_WORDS[ds]],
    ["authKey", KEY_WORDS[authKey]],
    ...optional.filter((one): one is [string, string] => one[1] !== undefined),
  ];
}

export function Detail({ device }: { device: Device }) {
  const { pk, dk, bindings } = device;
  return (
    <div class="detail">
      <dl class="facts">
        {factsOf(device).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{plain(value)}</dd>
          </div>
        ))}
        <div>
          <dt>Bound to</dt>
          <dd>
            {bindings.map(({ user, name }) => (name ? `${user} as ${plain(name)}` : user)).join(", ") || "no user"}
          </dd>
        </div>
      </dl>
      <p class="links">
        <a href={addressOf("bind", pk, dk)}>Bind it</a>
        <a href={addressOf("data", pk, dk)}>Its data</a>
        <a href={addressOf("traffic", pk, dk)}>Its traffic</a>
      </p>
      <Actions device={device} />
    </div>
  );
}
