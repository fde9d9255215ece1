/** The app's side of Wi-Fi device binding: what a phone does, as functions. */
export { callBinding, type BindingRequest, type Envelope } from "./api.js";
export { bindDevice, needsNetwork, type BindDeviceOptions, type BindResult, type BindStep } from "./bind.js";
export { isWifiPassword } from "./credentials.js";
export { discover, discoverOne, type DeviceState, type DiscoverOptions, type Found } from "./discover.js";
export { findDevices, isBroadcast, type FindOptions } from "./find.js";
export { PossessionError, ProvisioningError, UnreachableError } from "./failures.js";
export { readAdvertised, type Advertised } from "./advertised.js";
export { gattStream, openGatt, type Characteristic } from "./gatt.js";
export { possessionOf, securityLevel, type Possession } from "./proof.js";
export { provision, type ProvisionOptions } from "./provision.js";
export { bindingWindow, scan, type Network, type Window } from "./query.js";
export { STEPS, type Binding, type Step } from "./result.js";
export { printable } from "./text.js";
