/** The arrows between the folders, for every file of the repository: `npm run lint` checks them. No circle anywhere. */

/** What each folder of the device code may import values from, besides itself. Types of hal/hal.ts, of the options and
 *  of codec/ are for everybody. */
const DEVICE = {
  "src/codec": "",
  "src/crypto": "src/codec",
  "src/(storage|random)": "src/(codec|crypto|storage|random)",
  "src/(credentials|cloud|lan)": "src/(codec|crypto|storage|random)",
  "src/hal": "src/(codec|crypto|hal)",
  "src/proof": "src/(codec|crypto)",
  "src/(ble|mdns)": "src/(codec|failure|hal/espruino/udp)",
  "src/data": "src/(codec|failure)",
  "src/crypto-fallback": "",
  "src/(ota|slh)": "src/codec",
};

/** The same for the host's folders. */
const HOST = {
  compiler: "",
  sim: "compiler|src/(codec|storage/seal|crypto|hal/hal|cloud/auth|ota/version)",
  tools: "compiler|sim|src/(codec|options|storage/(seal|journal)|credentials/factory-identity|ota/slots)",
  bench: "compiler|sim|tools|src|firmware",
  console: "sim/(app|decode|errors|urls)|src/(codec|crypto-fallback)|tools/(flash|factory)",
  firmware: "src/(index|options|hal/hal|ota/slots)",
};

const arrow = ([from, to], { typesToo }) => ({
  name: `arrows-${from}`,
  severity: "error",
  comment: "The arrows between folders go one way: see docs/architecture.md.",
  from: { path: `^(${from})/` },
  to: {
    path: "^(src|firmware|compiler|sim|tools|bench|console|test)/",
    pathNot: `^(${from}${to && `|${to}`})`,
    ...(typesToo ? {} : { dependencyTypesNot: ["type-only"] }),
  },
});

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    { name: "no-circle", severity: "error", from: {}, to: { circular: true } },
    {
      name: "device-stands-alone",
      severity: "error",
      comment: "Device code imports nothing but device code.",
      from: { path: "^(src|firmware)/" },
      to: { pathNot: "^(src|firmware)/" },
    },
    ...Object.entries(DEVICE).map((one) => arrow(one, { typesToo: false })),
    ...Object.entries(HOST).map((one) => arrow(one, { typesToo: true })),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    moduleSystems: ["es6"],
    exclude: { path: "^(build|node_modules)/" },
    tsPreCompilationDeps: "specify",
    tsConfig: { fileName: "tsconfig.host.json" },
    enhancedResolveOptions: { extensions: [".ts", ".d.ts", ".js", ".json"] },
  },
};
