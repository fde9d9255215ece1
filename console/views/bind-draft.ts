/** What the form of a binding holds, and the body of the call that it makes. */

import { labelKeys } from "../parts/label-text.js";

export interface Draft {
  /** pk/dk of a device that the cloud knows, or "". */
  device: string;
  /** Text of a label, which names another one. */
  label: string;
  user: string;
  /** Whether the cloud puts in the code that the device has reported. */
  fromWindow: boolean;
  code: string;
  name: string;
  fid: string;
  frid: string;
  /** The capabilitiesBitmask, where any is ticked. */
  capabilities: number;
  matter: boolean;
  /** Fields of matterInfo, as typed. */
  matterInfo: Record<string, string>;
}

export const EMPTY: Draft = {
  ...{ device: "", label: "", user: "", fromWindow: true, code: "", name: "", fid: "", frid: "" },
  ...{ capabilities: 0, matter: false, matterInfo: {} },
};

export const MATTER_FIELDS = [
  { name: "discriminator", label: "Discriminator (0-4095)", number: true },
  { name: "matterProductId", label: "Product id (0-65535)", number: true },
  { name: "matterVersion", label: "Version", number: false },
  { name: "matterVendorId", label: "Vendor id (1-65535)", number: true },
  { name: "fabricId", label: "Fabric id", number: true },
  { name: "nodeId", label: "Node id", number: true },
] as const;

export const keysOf = ({ label, device }: Draft): string[] => labelKeys(label) ?? device.split("/");

/** Fields that are empty are left away; what is no number goes as text, so that the cloud says what is wrong. */
function matterOf(fields: Record<string, string>): object {
  const filled = MATTER_FIELDS.filter(({ name }) => fields[name]?.trim());
  return Object.fromEntries(
    filled.map(({ name, number }) => {
      const text = fields[name]!.trim();
      return [name, number && /^-?\d+$/.test(text) ? Number(text) : text];
    }),
  );
}

export function bodyOf(draft: Draft): object {
  const { user, fromWindow, code, name, fid, frid, capabilities, matter, matterInfo } = draft;
  const [productKey, deviceKey] = keysOf(draft);
  return {
    user,
    productKey,
    deviceKey,
    ...(fromWindow ? { fromWindow } : { bindingCode: code.trim() }),
    ...(name && { deviceName: name }),
    ...(fid && { fid }),
    ...(frid && { frid }),
    ...(capabilities && { capabilitiesBitmask: capabilities }),
    ...(matter && { isMatter: true, matterInfo: matterOf(matterInfo) }),
  };
}
