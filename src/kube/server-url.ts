/** An API server's address, taken apart. */
export interface ServerUrl {
  /** `https://host:port` */
  readonly origin: string;
  /** What stands before `/api`, without a slash at its end: empty for an API server, a path behind some proxies. */
  readonly prefix: string;
}

/** Takes an address apart. TypeError when it is none, or neither https nor http. */
export function parseServerUrl(server: string): ServerUrl {
  const url = URL.parse(server);
  if (!url || (url.protocol !== "https:" && url.protocol !== "http:")) throw new TypeError(`the server must be an https or http address (seen: ${JSON.stringify(server)})`);
  return { origin: url.origin, prefix: url.pathname.replace(/\/+$/, "") };
}
