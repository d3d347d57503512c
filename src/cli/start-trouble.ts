import { StartupError } from "../app.ts";
import { KubeError } from "../kube/kube-error.ts";
import { UsageError } from "./usage-error.ts";

const UNTRUSTED = "its certificate is not from an authority that is trusted here: set certificate-authority or certificate-authority-data of the kubeconfig's cluster";
const NO_TLS = "it does not speak TLS: check the address";

/** What a failed handshake is about, by the code of OpenSSL or Node. */
const TLS_TROUBLE: ReadonlyMap<string, string> = new Map([
  ["DEPTH_ZERO_SELF_SIGNED_CERT", UNTRUSTED],
  ["SELF_SIGNED_CERT_IN_CHAIN", UNTRUSTED],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", UNTRUSTED],
  ["UNABLE_TO_GET_ISSUER_CERT", UNTRUSTED],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", UNTRUSTED],
  ["CERT_SIGNATURE_FAILURE", UNTRUSTED],
  ["CERT_UNTRUSTED", UNTRUSTED],
  ["CERT_HAS_EXPIRED", "its certificate has expired: renew it, or set the clock of this machine right"],
  ["CERT_NOT_YET_VALID", "its certificate is not valid yet: set the clock of this machine right"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "its certificate is for another host: use a host that it names, or set tls-server-name of the kubeconfig's cluster"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", NO_TLS],
  ["ERR_SSL_PACKET_LENGTH_TOO_LONG", NO_TLS],
]);

/** Why a replica did not start: a UsageError with a sentence where it can be mended from outside, anything else as it is. Pure. */
export function startTrouble(error: unknown, server: string): unknown {
  if (error instanceof StartupError) return new UsageError(error.message);
  const trouble = error instanceof KubeError ? serverTrouble(error) : undefined;
  return trouble === undefined ? (listenTrouble(error) ?? error) : new UsageError(`the API server at ${server} ${trouble}`);
}

function serverTrouble(error: KubeError): string | undefined {
  switch (error.reason) {
    case "Unreachable":
    case "UnknownOutcome":
      return noAnswer(error);
    case "Unauthorized":
      return "does not know this user: check the kubeconfig's credentials";
    case "Forbidden":
      return `refuses what is asked before anything is begun: ${error.message}`;
    case "ServerError":
    case "TooManyRequests":
      return `is not able to answer now: ${error.message}`;
    default:
      return undefined;
  }
}

function noAnswer(error: KubeError): string {
  // A program that was to give credentials has failed: nothing was sent.
  if (error.cause instanceof KubeError) return `was not asked: ${error.cause.message}`;
  const trouble = TLS_TROUBLE.get(codeOf(error.cause));
  return trouble ? `can not be trusted: ${trouble} (${error.message})` : `does not answer: ${error.message}`;
}

function listenTrouble(error: unknown): UsageError | undefined {
  if (!(error instanceof Error) || !("syscall" in error) || error.syscall !== "listen") return undefined;
  const port = "port" in error ? String(error.port) : "";
  const why = codeOf(error) === "EADDRINUSE" ? "is taken" : `can not be listened on (${codeOf(error)})`;
  return new UsageError(`port ${port} ${why}: choose another one with --http-port or http.port, 0 for any that is free`);
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
