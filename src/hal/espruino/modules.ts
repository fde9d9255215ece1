/** Which built-in modules this build of Espruino has. */

export function hasModule(name: string): boolean {
  return process.env.MODULES.split(",").indexOf(name) >= 0;
}
