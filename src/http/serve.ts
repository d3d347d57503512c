import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";

/** Answers one request; the only shape that the rest of the program knows of HTTP. */
export type Handler = (request: Request) => Promise<Response>;

/** A handler on a socket. */
export interface Served extends AsyncDisposable {
  readonly url: string;
  /** Stops listening and ends every connection. Twice is harmless. */
  close(): Promise<void>;
}

/** Serves `handler` on `port` (0: any that is free) of every interface. Throws when the port is taken. */
export async function serve(handler: Handler, port: number): Promise<Served> {
  const listener = getRequestListener(handler);
  const server = createServer((request, response) => void listener(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, resolve);
  });
  // A TCP server that listens has a port.
  const { port: bound } = server.address() as AddressInfo;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${bound}`, close, [Symbol.asyncDispose]: close };
}
