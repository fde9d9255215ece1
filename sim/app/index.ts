/** The app's side of Wi-Fi device binding: what a phone does, as functions. */
export { callBinding, type BindingRequest, type Envelope } from "./api.js";
export { bindDevice, possessionOf, type BindDeviceOptions, type BindResult, type BindStep } from "./bind.js";
export { discover, discoverOne, type DeviceState, type DiscoverOptions, type Found } from "./discover.js";
export { PossessionError, ProvisioningError, UnreachableError } from "./failures.js";
export { gattStream, type Characteristic } from "./gatt.js";
export { provision, type ProvisionOptions } from "./provision.js";
export { bindingWindow, scan, type Network, type Window } from "./query.js";
export type { Binding, Step } from "./result.js";
