/** The app's side of Wi-Fi device binding: what a phone does, as functions. */
export { callApi, callBinding, USER_API, type Account, type BindingRequest, type Envelope } from "./api.js";
export { bindDevice, type BindDeviceOptions, type BindResult, type BindStep } from "./bind.js";
export { CloudDevice, devicesOf, jsonOf, type Attribute, type Keys } from "./cloud-data.js";
export { isWifiPassword } from "./credentials.js";
export { discover, discoverOne, type DiscoverOptions, type Found } from "./discover.js";
export { findDevices, isBroadcast, type FindOptions } from "./find.js";
export { PairingError, PossessionError, ProvisioningError, UnreachableError } from "./failures.js";
export { readAdvertised, type Advertised } from "./advertised.js";
export { gattStream, openGatt, type Characteristic } from "./gatt.js";
export { demandsProof, possessionOf, type Possession } from "./proof.js";
export { provision, type ProvisionOptions } from "./provision.js";
export { bindingWindow, lastResult, scan, type Window } from "./query.js";
export { STEPS, type Binding, type Step } from "./result.js";
export { LanSession, type Written } from "./session.js";
export { BLE_CONNECTING, BLE_FAILED, STATE_WORDS, WAITING } from "./states.js";
export { printable } from "./text.js";
