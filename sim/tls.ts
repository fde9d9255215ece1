/** Certificates for servers of the toolbox: read from files, or made by OpenSSL, since Node makes none. */
import { execFileSync } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";

import { FailedError, messageOf, systemCode, UsageError } from "./errors.js";
import { isLoopback, ownAddresses } from "./listen.js";
import { readTextFile } from "./text-file.js";

/** PEM; the certificate may have others behind it. */
export interface Certificate {
  cert: string;
  key: string;
}

/** Days that a certificate lasts that is made here: more than browsers take. */
const DAYS = "825";

/** The blocks of PEM of one kind, each with its newline. */
function blocks(text: string, kind: string): string {
  const all = text.match(new RegExp(`-----BEGIN ${kind}-----[^]+?-----END ${kind}-----`, "g")) ?? [];
  return all.map((block) => `${block}\n`).join("");
}

/** @throws UsageError that names the file which is wrong */
function check(certText: string, keyText: string, certFile: string, keyFile: string): Certificate {
  const [cert, key] = [blocks(certText, "CERTIFICATE"), blocks(keyText, "[A-Z ]*PRIVATE KEY")];
  let x509: X509Certificate;
  try {
    x509 = new X509Certificate(cert);
  } catch {
    throw new UsageError(`${certFile} has no certificate in PEM form`);
  }
  try {
    if (x509.checkPrivateKey(createPrivateKey(key))) return { cert, key };
  } catch {
    throw new UsageError(`${keyFile} has no private key in PEM form without a passphrase`);
  }
  throw new UsageError(`the key in ${keyFile} does not belong to the certificate in ${certFile}`);
}

/** A certificate and its key, which may be in one file. @throws UsageError */
export function readCertificate(certFile: string, keyFile: string): Certificate {
  return check(readTextFile(certFile), readTextFile(keyFile), certFile, keyFile);
}

/**
 * Makes a certificate that signs itself, for these addresses, localhost and loopback: RSA, which every build of Espruino
 * with TLS knows.
 * @throws FailedError without OpenSSL
 */
export function makeCertificate(addresses: string[]): Certificate {
  const names = ["DNS:localhost", ...new Set(["127.0.0.1", ...addresses])].map((name) =>
    name.startsWith("DNS:") ? name : `IP:${name}`,
  );
  const argv = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-sha256", "-days", DAYS];
  const rest = ["-subj", "/CN=wifi-binding development cloud", "-addext", `subjectAltName=${names.join(",")}`];
  try {
    const out = execFileSync("openssl", [...argv, ...rest, "-keyout", "-", "-out", "-"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return check(out, out, "what openssl made", "what openssl made");
  } catch (error) {
    const why = systemCode(error) === "ENOENT" ? "there is no openssl: install it" : messageOf(error);
    throw new FailedError(`no certificate can be made (${why}), or give one by --tls-cert and --tls-key`);
  }
}

/**
 * The certificate that is kept in a file, made where there is none yet.
 * @param host that is listened on
 * @throws UsageError for a file that has something else, or cannot be written
 */
export function ownCertificate(host: string, file?: string): Certificate {
  if (file !== undefined && existsSync(file)) return readCertificate(file, file);
  const made = makeCertificate(isLoopback(host) ? [host] : ownAddresses());
  if (file === undefined) return made;
  try {
    writeFileSync(file, made.cert + made.key, { mode: 0o600, flag: "wx" });
  } catch (error) {
    throw new UsageError(`${file} cannot be written (${systemCode(error) ?? messageOf(error)}): give another path`);
  }
  return made;
}

/** SHA-256 of a certificate, as browsers show it. */
export function fingerprintOf({ cert }: Certificate): string {
  return new X509Certificate(cert).fingerprint256;
}
