/** What the build makes of docs/status-codes.md. */
declare module "virtual:status-codes" {
  const codes: Readonly<Record<number, { message: string; cause: string; look: string } | undefined>>;
  export default codes;
}

/** The QR codes of the package `qrcode`, without its renderers. */
declare module "qrcode/lib/core/qrcode.js" {
  export function create(
    text: string,
    options: { errorCorrectionLevel: "L" | "M" | "Q" | "H" },
  ): { modules: { size: number; data: Uint8Array } };
}
