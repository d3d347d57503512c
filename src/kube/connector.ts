import { buildConnector } from "undici";
import type { ClientCertificate, Credentials } from "./credentials.ts";

/** How connections to an API server are made and trusted. */
export interface TlsOptions {
  /** Whom to trust instead of the machine's own authorities. */
  readonly caPem?: string;
  readonly clientCertificate?: ClientCertificate;
  /** Development only: the server's certificate is not looked at. */
  readonly insecureSkipTlsVerify?: boolean;
  /** The name that the server's certificate must carry, where it is not the host's. */
  readonly serverName?: string;
}

/** Makes undici's connections; each asks the credentials for a certificate anew if they have any. */
export function createConnector(tls: TlsOptions, credentials: Credentials): buildConnector.connector {
  const plain = connectorWith(tls, tls.clientCertificate);
  if (!credentials.certificate) return plain;
  return (options, callback) => void connectAs(credentials, tls, plain, options, callback);
}

async function connectAs(credentials: Credentials, tls: TlsOptions, plain: buildConnector.connector, options: buildConnector.Options, callback: buildConnector.Callback): Promise<void> {
  try {
    const certificate = await credentials.certificate?.();
    (certificate ? connectorWith(tls, certificate) : plain)(options, callback);
  } catch (error) {
    callback(error instanceof Error ? error : new Error("no certificate", { cause: error }), null);
  }
}

function connectorWith(tls: TlsOptions, certificate: ClientCertificate | undefined): buildConnector.connector {
  return buildConnector({
    ...(tls.caPem ? { ca: tls.caPem } : {}),
    ...(certificate ? { cert: certificate.certPem, key: certificate.keyPem } : {}),
    ...(tls.insecureSkipTlsVerify ? { rejectUnauthorized: false } : {}),
    ...(tls.serverName ? { servername: tls.serverName } : {}),
  });
}
