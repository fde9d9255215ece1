/** What the build makes of docs/status-codes.md. */
declare module "virtual:status-codes" {
  const codes: Readonly<Record<number, { message: string; cause: string; look: string } | undefined>>;
  export default codes;
}
