/** The frame of the page: its views, whether the cloud is there, and the question for the operator's token. */
import { Lock } from "./parts/lock.js";
import { addressOf, TAP, view, VIEWS, type View } from "./state/route.js";
import { state } from "./state/store.js";
import { BindView } from "./views/bind.js";
import { DataView } from "./views/data.js";
import { DevicesView } from "./views/devices.js";
import { SetupView } from "./views/setup.js";
import { TrafficView } from "./views/traffic.js";

const TITLES: Record<View, string> = {
  devices: "Devices",
  bind: "Bind",
  data: "Data",
  traffic: "Traffic",
  setup: "Setup",
};
const SHOWN: Record<View, () => preact.JSX.Element> = {
  devices: DevicesView,
  bind: BindView,
  data: DataView,
  traffic: TrafficView,
  setup: SetupView,
};

const STATES = {
  connecting: "Connecting",
  live: "Live",
  lost: `${TAP ? "Tap" : "Cloud"} away: trying again`,
  locked: "Locked",
} as const;

function Navigation() {
  return (
    <nav aria-label="Views">
      {VIEWS.map((one) => (
        <a key={one} href={addressOf(one)} aria-current={view.value === one ? "page" : undefined}>
          {TITLES[one]}
        </a>
      ))}
    </nav>
  );
}

export function App() {
  const Shown = SHOWN[view.value];
  return (
    <>
      <header class="top">
        <a class="brand" href={addressOf(VIEWS[0]!)}>
          <img src="/console/icon.svg" alt="" width="24" height="24" />
          <span>Wi-Fi binding</span>
        </a>
        <Navigation />
        <p class={`state ${state.value}`} role="status">
          {STATES[state.value]}
        </p>
      </header>
      <main id="main">{state.value === "locked" ? <Lock /> : <Shown />}</main>
    </>
  );
}
