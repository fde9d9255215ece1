/**
 * Every number of the wire protocol, in one place. Sources:
 * [P] public vendor documentation, [S] the vendor's public C SDK 2.9.0, [B] public app-side clients,
 * [C] chosen here, because no public source says it: if the cloud differs, this file is what changes.
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
export const CMD_BINDING = 0x00b5; // up: binding credentials; number [S], topic class [C]
export const CMD_BINDING_RESULT = 0x00b6; // down [C]

// LAN, device side of UDP 40000 and TCP 40001
export const CMD_ACK = 0x7000; // [S]
export const CMD_DISCOVER = 0x7001; // [S]
export const CMD_DISCOVER_ANSWER = 0x7002; // [S]
export const CMD_HELLO = 0x7003; // [S] declared there, content [C]
export const CMD_HELLO_ANSWER = 0x7004; // [C]
export const CMD_PROVE = 0x7005; // [C]
export const CMD_PROVE_ANSWER = 0x7006; // [C]
export const CMD_PROVISION = 0x7010; // [B]
export const CMD_PROVISION_ANSWER = 0x7011; // [C]
export const CMD_PROGRESS = 0x7012; // [C]
export const CMD_BINDING_INFO = 0x7013; // [C]
export const CMD_BINDING_INFO_ANSWER = 0x7014; // [C]
export const CMD_SCAN = 0x7015; // [C]
export const CMD_SCAN_ANSWER = 0x7016; // [C]
export const CMD_LAST_RESULT = 0x7017; // [C]
export const CMD_LAST_RESULT_ANSWER = 0x7018; // [C]

/** UDP port of discovery [S]. */
export const LAN_UDP_PORT = 40000;
/** TCP port of the handshake [C]. */
export const LAN_TCP_PORT = 40001;
/** Revision of the LAN table [C]. */
export const LAN_REVISION = 1;

// TTLV ids of 00A3 [S]
export const EXCEPTION_CODE = 1;
export const EXCEPTION_PACKAGE_ID = 2;

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
// Inside of CONFIG_SERVER
export const SERVER_DOMAIN = 2;
export const SERVER_IP = 3;
export const SERVER_PORT = 4;

// TTLV ids of 00B5: 11 [S], the others [C]
export const BINDING_CODE = 11;
export const BINDING_SECRET = 12;
export const BINDING_RANDOM = 13;
export const BINDING_WINDOW = 14;
export const BINDING_OLD_SECRET = 15;
export const BINDING_RESET = 16;

// TTLV ids of 00B6 [C]
export const RESULT_BOUND = 1;
export const RESULT_CODE = 11;
export const RESULT_AUTH_KEY = 16;
export const RESULT_REASON = 17;

// Reasons in 00B6 [C]
export const REASON_BOUND = 0;
export const REASON_UNBOUND = 1;
export const REASON_WITHDRAWN = 2;

// TTLV ids of 0034 [S]
export const STATUS_BATTERY = 1;
export const STATUS_VOLTAGE = 2;
export const STATUS_RSSI = 3;
export const STATUS_FREE_FLASH = 4;

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

// TTLV ids of 7001 and 7002: 1, 2 [S], the others [C]
export const DISCOVER_DK = 1;
export const DISCOVER_PK = 2;
export const DISCOVER_CAPABILITIES = 3;
export const DISCOVER_STATE = 4;
export const DISCOVER_WINDOW = 5;
export const DISCOVER_REVISION = 6;

// TTLV ids of 7003 to 7006 [C]
export const HELLO_APP_RANDOM = 1;
export const HELLO_DEVICE_RANDOM = 2;
export const HELLO_LEVEL = 3;
export const HELLO_WAIT = 4;
export const PROVE_APP = 5;
export const PROVE_OK = 6;
export const PROVE_DEVICE = 7;

// TTLV ids of 7010 to 7018: 1, 2, 6 to 9 [B], the others [C]
export const WIFI_SSID = 1;
export const WIFI_PASSWORD = 2;
export const WIFI_SERVER = 3;
export const LAN_CAPABILITIES = 3;
export const LAN_OK = 6;
export const LAN_PK = 7;
export const LAN_DK = 8;
export const LAN_CODE = 9;
export const LAN_ERROR = 10; // in 7011; in 7012 and 7018 the progress
export const LAN_PROGRESS = 10;
export const LAN_PROGRESS_ERROR = 11;
export const LAN_SECONDS = 14;
export const SCAN_SSID = 1;
export const SCAN_RSSI = 2;
export const SCAN_AUTH = 3;

// Progress of provisioning [B]
export const PROGRESS_SCAN = 0x0010;
export const PROGRESS_ROUTER = 0x0020;
export const PROGRESS_AUTHENTICATION = 0x0030;
export const PROGRESS_LOGIN = 0x0040;
export const PROGRESS_AUTHORISATION = 0x0050;
export const PROGRESS_BINDING = 0x0060;
export const PROGRESS_SUCCESS = 0xfffe;
export const PROGRESS_FAILURE = 0xffff;

// Why provisioning failed [C]
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
export const FAIL_PROOF = 12; // level 1 is demanded, and the app has not proved anything

// Level 1 of the handshake: labels that go into its keys and proofs [C]
export const LABEL_APP = "app";
export const LABEL_DEVICE = "dev";
export const LABEL_ENCRYPT = "enc";
export const LABEL_MAC = "mac";
export const LABEL_IV = "iv";
/** The password of the access point at level 1: 16 digits of HMAC-SHA256(SHA-256(proof of possession), this). */
export const LABEL_AP = "ap";
export const FROM_APP = "\x00";
export const FROM_DEVICE = "\x01";

// States in 7002 [C]
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
