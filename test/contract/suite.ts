import { after, before, describe, it } from "node:test";
import type { StartContractServer } from "./contract-server.ts";
import { RawApi } from "./raw-api.ts";

/** Registers one fact about the API. */
export type Fact = (name: string, body: (api: RawApi) => Promise<void>, options?: { readonly skip?: string }) => void;

/** A suite over one server: started before its first fact, disposed after its last. */
export function suite(name: string, start: StartContractServer, register: (fact: Fact) => void): void {
  void describe(name, () => {
    let api: RawApi | undefined;
    before(async () => {
      api = new RawApi(await start());
    });
    after(() => api?.[Symbol.asyncDispose]());
    register((fact, body, { skip } = {}) => {
      void it(fact, { skip: skip ?? false }, async () => {
        if (!api) throw new Error("the server did not start");
        await body(api);
      });
    });
  });
}
