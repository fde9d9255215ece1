/** The states of a pairing, by the numbers of the vendor's app SDK [A]. This app binds with the cloud's help only. */

export const WAITING = 301;
export const BLE_CONNECTING = 302;
export const BLE_FAILED = 303;
export const NO_CODE = 304;
export const BOUND = 305;
export const NOT_BOUND = 306;
export const OTHER_FAILURE = 313;

/** 307 to 312 belong to devices that have Bluetooth only. */
export const STATE_WORDS: Readonly<Record<number, string>> = {
  [WAITING]: "waiting for the binding",
  [BLE_CONNECTING]: "connecting by Bluetooth",
  [BLE_FAILED]: "no connection by Bluetooth",
  [NO_CODE]: "no bindingCode from the device in time",
  [BOUND]: "bound",
  [NOT_BOUND]: "not bound",
  307: "the device gave no random",
  308: "the cloud gave no encrypted bindingCode",
  309: "the device refused the code",
  310: "the device accepted the code",
  311: "bound by Bluetooth",
  312: "not bound by Bluetooth",
  [OTHER_FAILURE]: "other failure, such as wrong parameters",
};
