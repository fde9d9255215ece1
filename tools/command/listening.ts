/** What servers of the command have in common: the address, what it opens, and TLS. */
import type { Command } from "commander";
import { UsageError } from "../../sim/errors.js";
import { isLoopback } from "../../sim/listen.js";
import { fingerprintOf, ownCertificate, readCertificate, type Certificate } from "../../sim/tls.js";
import type { Output } from "./output.js";
import { address } from "./values.js";

export interface ListeningOptions {
  host: string;
  tlsCert?: string;
  tlsKey?: string;
  tlsSelf?: string | true;
}

export function addListening(command: Command): Command {
  return command
    .option("--host <address>", "address of this machine to listen on, 0.0.0.0 for all", address, "127.0.0.1")
    .option("--tls-cert <file>", "certificate (PEM): listen by TLS, mqtts:// and https://")
    .option("--tls-key <file>", "its private key (PEM)")
    .option("--tls-self [file]", "make a certificate, and keep it in the file, if one is named");
}

/** The certificate that was asked for, if any. */
export function certificateOf({ host, tlsCert, tlsKey, tlsSelf }: ListeningOptions): Certificate | undefined {
  if (tlsSelf !== undefined) {
    if (tlsCert || tlsKey) throw new UsageError("give either --tls-self or --tls-cert and --tls-key");
    return ownCertificate(host, tlsSelf === true ? undefined : tlsSelf);
  }
  if (tlsCert && tlsKey) return readCertificate(tlsCert, tlsKey);
  if (tlsCert || tlsKey) throw new UsageError("--tls-cert and --tls-key go together");
  return undefined;
}

/** Prints what a person compares with what a client shows. */
export function tellCertificate(certificate: Certificate, output: Output): void {
  const fingerprint = fingerprintOf(certificate);
  output.tell({ event: "certificate", fingerprint }, `certificate, SHA-256: ${fingerprint}`);
}

/** Says in one line what an address opens; nothing for loopback. @param opens what anybody there may do */
export function exposure(host: string, opens: string, output: Output): void {
  if (isLoopback(host)) return;
  const message = `on ${host}, it ${opens}`;
  output.tell({ event: "warning", message }, output.paint.red(`Warning: ${message}`));
}
