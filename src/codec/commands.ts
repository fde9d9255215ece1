/**
 * Every number of the wire protocol, in one place. Marks of the sources:
 * [P] public vendor documentation, [S] the vendor's public C SDK 2.9.0, [Rn] n independent public clients that run
 * against real devices, [X] a captured frame of a real device, [I] inferred from these, [C] chosen here: such numbers
 * stand in blocks that no source uses, work between our own two sides only, and nothing else depends on them.
 */

// Cloud to device (down) and device to cloud (up), over MQTT [S]
export const CMD_STATUS_READ = 0x0031; // down: ids of two bytes each, not TTLV; empty means all
export const CMD_STATUS_ANSWER = 0x0032;
export const CMD_STATUS = 0x0034; // up, QoS 1
export const CMD_INFO_READ = 0x0041;
export const CMD_INFO_ANSWER = 0x0042;
export const CMD_INFO = 0x0044; // up, QoS 1
export const CMD_EXCEPTION = 0x00a3; // down
export const CMD_EXCEPTION_UP = 0x00a4; // up
export const CMD_CONFIG = 0x00b4; // down
export const CMD_BINDING = 0x00b5; // up [S, X]; topic class [I]
export const CMD_CONFIG_ECHO = 0x00b7; // up [X]: id 12 of 00B4 and its package id; direction and class [I]
export const CMD_BINDING_RESULT = 0x00e6; // down [C]: only to a device that names itself in INFO_SDK

// Application data, over MQTT [S] and over the LAN session [R4]
export const CMD_READ = 0x0011; // down: ids of two bytes each, not TTLV; empty means all
export const CMD_READ_ANSWER = 0x0012; // up, same package id
export const CMD_WRITE = 0x0013; // down
export const CMD_REPORT = 0x0014; // up; package id 0 over LAN and BLE [X]
export const CMD_RAW_DOWN = 0x0023; // down: bytes, not TTLV
export const CMD_RAW_UP = 0x0024; // up: bytes, not TTLV

// Updates, class `ota` [S]. 0112 is never sent: consent and refusal are states of 0114
export const CMD_UPDATE_TASK = 0x0111; // down
export const CMD_UPDATE_FILE = 0x0113; // down
export const CMD_UPDATE_STATE = 0x0114; // up
export const CMD_UPDATE_ASK = 0x0115; // up

// LAN and BLE: discovery and session
export const CMD_DISCOVER = 0x7030; // [R3] no data
export const CMD_DISCOVER_ANSWER = 0x7031; // [R3]
export const CMD_RANDOM = 0x7032; // [R5, X] no data
export const CMD_RANDOM_ANSWER = 0x7033; // [R5, X]
export const CMD_LOGIN = 0x7034; // [R5, X]
export const CMD_LOGIN_ANSWER = 0x7035; // [R4, X]
export const CMD_WRITE_ANSWER = 0x7036; // [R3, X]
export const CMD_PING = 0x7037; // [R3] both ways, no data
export const CMD_PONG = 0x7038; // [R3]
export const CMD_HEARTBEAT = 0x7039; // [R3] from the app; no answer

// LAN and BLE: provisioning
export const CMD_PROVISION = 0x7010; // [X, R1, A]
export const CMD_PROVISION_ANSWER = 0x7011; // [X]
export const CMD_SCAN = 0x7012; // [R1, X] no data
export const CMD_SCAN_ANSWER = 0x7013; // [R1, X]
export const CMD_IN_CLOUD = 0x7014; // [X] pushed with package id 0; meaning [I]

// The proof of possession, an extension in a module of its own [C]
export const CMD_HELLO = 0x70e0;
export const CMD_HELLO_ANSWER = 0x70e1;
export const CMD_PROVE = 0x70e2;
export const CMD_PROVE_ANSWER = 0x70e3;
export const CMD_PROGRESS = 0x70e4; // pushed to the app that provisions
export const CMD_WINDOW = 0x70e6;
export const CMD_WINDOW_ANSWER = 0x70e7;
export const CMD_LAST_RESULT = 0x70e8;
export const CMD_LAST_RESULT_ANSWER = 0x70e9;

/** UDP port of discovery [R3]. */
export const LAN_UDP_PORT = 6606;
/** TCP port of the LAN session [R5]. */
export const LAN_TCP_PORT = 6607;

// TTLV ids of 7031 [R2]
export const DISCOVER_PK = 3;
export const DISCOVER_DK = 4;
export const DISCOVER_IP = 5;
export const DISCOVER_PORT = 6;
export const DISCOVER_VERSION = 7;
/** The version that 7031 says [I]: the one of the captured-like example. */
export const LAN_VERSION = 1;

// TTLV ids of 7033 to 7039 [R3-R5]
export const LOGIN_RANDOM = 1; // 7033: 16 printable ASCII characters
export const LOGIN_HASH = 2; // 7034: 64 hexadecimal digits in small letters
export const LOGIN_RESULT = 3; // 7035
export const LOGIN_SHARE_CODE = 5; // 7034 of a shared user [R1]: refused here
export const LOGIN_PERMISSION = 6;
export const WRITE_RESULT = 1; // 7036: 0 done
export const HEARTBEAT_SECONDS = 1; // 7039
export const HEARTBEAT_FLAG = 2; // 7039: 1, meaning unknown

// Results of 7035
export const LOGIN_OK = 0; // [R4, X]
export const LOGIN_REFUSED = 1; // any number but 0 and 2 is refused [R4]; this one [C]
export const LOGIN_ALREADY = 2; // [R1]

// TTLV ids of 7010 [X]
export const WIFI_SSID = 1;
export const WIFI_PASSWORD = 2;
export const WIFI_SECONDS = 11; // seconds that the app waits [I]
export const WIFI_UNKNOWN = 12; // number 255, meaning unknown: ignored
export const WIFI_SERVER = 13; // URL, mqtts://host:port

// TTLV ids of 7011 [X]
export const PROVISION_OK = 4; // true: accepted [I]
export const PROVISION_SECONDS = 5; // [I] the seconds of the binding window
export const PROVISION_PK = 7;
export const PROVISION_DK = 8;
export const PROVISION_CODE = 9;

// TTLV ids of 7013 and 7014 [X]
export const SCAN_NAMES = 51; // array of texts
export const IN_CLOUD = 6; // bool

// TTLV ids of 00A3 [S]
export const EXCEPTION_CODE = 1;
export const EXCEPTION_PACKAGE_ID = 2;

/** Code of 00A3: too fast. The next number: too much. They end no connection [S]. */
export const CODE_RATE = 10428;

// Codes of 00A4: what was wrong with a frame [S]
export const UNPACK_COMMAND = 4;
export const UNPACK_CONTENT = 5;

// TTLV ids of 00B4 [S]
export const CONFIG_SERVER = 1;
export const CONFIG_SESSION_KEY = 6;
export const CONFIG_DS = 5;
export const CONFIG_PK = 7;
export const CONFIG_PS = 8;
export const CONFIG_REAUTHENTICATE = 9;
export const CONFIG_NEW_DS = 10;
/** [X] BASE64 of 48 bytes; that it brings the authKey, and how it is sealed, [I]. */
export const CONFIG_SEALED = 12;
// Inside of CONFIG_SERVER
export const SERVER_DOMAIN = 2;
export const SERVER_IP = 3;
export const SERVER_PORT = 4;

// TTLV ids of 00B5, in the order in which they are sent [X]
export const BINDING_SECRET = 15; // 16 characters 0-9A-F; that it is the bindingSecret [I]
export const BINDING_CODE = 11; // 16 characters 0-9A-F [S, X]

// TTLV ids of 00E6 [C]
export const RESULT_BOUND = 1;
export const RESULT_CODE = 11;
export const RESULT_REASON = 17;

// Reasons in 00E6 [C]
export const REASON_BOUND = 0;
export const REASON_UNBOUND = 1;
export const REASON_WITHDRAWN = 2;

// TTLV ids of 0034 [S]
export const STATUS_BATTERY = 1;
export const STATUS_VOLTAGE = 2;
export const STATUS_RSSI = 3;
export const STATUS_FREE_FLASH = 4;

// TTLV ids of 0113 and 0114 that only devices of the vendor's SDK look at [S]
export const UPDATE_MD5 = 3; // 32 characters in lower case
export const UPDATE_CRC = 15; // hexadecimal; its polynomial [I]: that of zlib
export const UPDATE_SHA256 = 16; // 64 characters; of a device that has named UPDATE_CHECK
export const UPDATE_CHECK = 19; // "sha256" in state 2

// TTLV ids of 0044 [S]
export const INFO_MODEL = 1;
export const INFO_FIRMWARE = 2;
export const INFO_MCU = 3;
export const INFO_SDK = 11;
export const INFO_DATA_PROTOCOL = 13;
export const INFO_COMM_PROTOCOL = 14;
/** Versions that the SDK announces [S]. */
export const DATA_PROTOCOL = "1.3.0";
export const COMM_PROTOCOL = "3.0.0";
/** INFO_SDK begins with it: our development cloud then sends 00E6, which no other cloud knows [C]. */
export const SDK_NAME = "wifi-binding ";

// TTLV ids of 0111, 0113, 0114 and 0115 [S]
export const UPDATE_URL = 1;
export const UPDATE_SIZE = 2;
export const UPDATE_COMPONENT = 4;
export const UPDATE_SOURCE = 5; // the version that the cloud takes the device to have
export const UPDATE_TARGET = 6;
export const UPDATE_TYPE = 7; // 0: the module itself
export const UPDATE_BATTERY = 8; // least charge; its unit, and those of the next two, [I]: percent, bytes, dBm
export const UPDATE_SPACE = 9;
export const UPDATE_SIGNAL = 10;
export const UPDATE_STATE = 13;
export const UPDATE_STATE_NAME = 14;
export const UPDATE_VERSION = 25; // the module's, without the application's suffix
export const UPDATE_LIST = 28; // several components, each with 4 to 10

// States in UPDATE_STATE, and their names by number [S]
export const UPDATE_IDLE = 0; // never reported
export const UPDATE_ASKED = 1;
export const UPDATE_CONFIRMED = 2;
export const UPDATE_REFUSED = 3;
export const UPDATE_REQUESTED = 4;
export const UPDATE_LOADING = 5;
export const UPDATE_INTERRUPTED = 6;
export const UPDATE_LOADED = 8;
export const UPDATE_INSTALLING = 9;
export const UPDATE_DONE = 11;
export const UPDATE_FAILED = 12;
export const UPDATE_STATE_NAMES =
  "NOPLAN,REVICEPLAN,SUBMITOTA,REFUSEDOTA,DOWNLOADSTART,DOWNLOADING,DOWNLOADERROR,,DOWNLOADSUCCESS,UPDATING,,UPDATESUCCESS,UPDATEERROR";

// TTLV ids of the extension's frames [C]
export const HELLO_APP_RANDOM = 1;
export const HELLO_DEVICE_RANDOM = 2;
export const HELLO_WAIT = 4;
export const PROVE_APP = 5;
export const PROVE_OK = 6;
export const PROVE_DEVICE = 7;
export const EXT_OK = 6;
export const EXT_PK = 7;
export const EXT_DK = 8;
export const EXT_CODE = 9;
export const EXT_PROGRESS = 10;
export const EXT_ERROR = 11;
export const EXT_SECONDS = 14;
export const EXT_CAPABILITIES = 3;

// Progress of provisioning: the numbers of an app-side client [P, R1], on our own command [C]
export const PROGRESS_SCAN = 0x0010;
export const PROGRESS_ROUTER = 0x0020;
export const PROGRESS_AUTHENTICATION = 0x0030;
export const PROGRESS_LOGIN = 0x0040;
export const PROGRESS_AUTHORISATION = 0x0050;
export const PROGRESS_BINDING = 0x0060;
export const PROGRESS_SUCCESS = 0xfffe;
export const PROGRESS_FAILURE = 0xffff;

// Why provisioning failed, in events, the console and the extension [C]
export const FAIL_NO_NETWORK = 1;
export const FAIL_PASSWORD = 2;
export const FAIL_NO_ADDRESS = 3;
export const FAIL_CLOUD_UNREACHABLE = 4;
export const FAIL_CLOUD_REFUSED = 5;
export const FAIL_TIMEOUT = 6;
export const FAIL_PARAMETERS = 7;
export const FAIL_BUSY = 8;
export const FAIL_HOST_UNKNOWN = 9;
export const FAIL_TLS = 10;
export const FAIL_REPORT = 11;
export const FAIL_PROOF = 12; // a proof is demanded, and the app has not given one

// The extension: labels that go into its keys and proofs [C]
export const LABEL_APP = "app";
export const LABEL_DEVICE = "dev";
export const LABEL_ENCRYPT = "enc";
export const LABEL_MAC = "mac";
export const LABEL_IV = "iv";
/** The password of the access point of a device with a proof: 16 digits of HMAC-SHA256(SHA-256(proof), this). */
export const LABEL_AP = "ap";
export const FROM_APP = "\x00";
export const FROM_DEVICE = "\x01";

// BLE [A] vendor's app samples, [R1, R2] clients
export const BLE_COMPANY = 0x5551; // "QU", little-endian on the air
export const BLE_TAG = "EC";
export const BLE_VERSION = 1; // [I]
/** The advertised name is this and the last four characters of the DK in capitals [R1, A]. */
export const BLE_NAME = "QUEC_BLE_";
// Bits of the advertised status: names of one client [R1], only the third is the vendor's [A]
export const BLE_CONFIGURED = 2; // [I] Wi-Fi is configured
export const BLE_BOUND = 4; // [A]
export const BLE_BINDABLE = 8; // [I] binding is allowed
// Bits of the advertised flags, little-endian, above the capabilitiesBitmask [A]
export const BLE_ODD_DK = 0x0100; // the DK had an odd number of digits and got a 0 behind
export const BLE_CAPITALS = 0x1000; // [R1] the DK is in capitals
/** Bits 9-11: how the device reaches the cloud [A]. */
export const BLE_ACCESS_TCP = 1 << 9;
export const BLE_ACCESS_TLS = 3 << 9;

// States of the device, in events and the console [C]
export const STATE_IDLE = 0;
export const STATE_PROVISIONING = 1;
export const STATE_JOINING = 2;
export const STATE_CONNECTING = 3;
export const STATE_ONLINE = 4;
export const STATE_BOUND = 5;

// capabilitiesBitmask [P]
export const CAPABILITY_WAN = 1;
export const CAPABILITY_LAN = 2;
export const CAPABILITY_BLE = 4;
export const CAPABILITY_MATTER = 8;
