import assert from "node:assert/strict";
import type { StartContractServer } from "./contract-server.ts";
import { JSON_PATCH, type RawApi } from "./raw-api.ts";
import { suite } from "./suite.ts";

const PLURALS = ["deployments", "statefulsets"] as const;

/** The scale subresource of workloads. */
export function scaleContract(name: string, start: StartContractServer): void {
  suite(`${name}: scale`, start, (fact) => {
    for (const plural of PLURALS) {
      fact(`${plural}: it says how many there are to be, under the version of the object`, async (api) => {
        const created = await create(api, plural, "read");
        const scale = (await api.get(`${path(api, plural)}/read/scale`)).expect(200);
        assert.deepEqual([scale.at("kind"), scale.at("apiVersion"), scale.at("spec")], ["Scale", "autoscaling/v1", { replicas: 2 }]);
        assert.deepEqual([scale.at("status.replicas"), scale.at("status.selector")], [0, "app=read,tier=web"]);
        assert.deepEqual([scale.uid, scale.word("metadata.name"), scale.word("metadata.namespace"), scale.word("metadata.creationTimestamp")], [created.uid, "read", api.server.namespace, created.word("metadata.creationTimestamp")]);
      });

      fact(`${plural}: a PUT changes the replicas and nothing else, at the version that it names`, async (api) => {
        await create(api, plural, "put");
        const url = `${path(api, plural)}/put`;
        const scale = (await api.get(`${url}/scale`)).expect(200);
        const changed = (await api.put(`${url}/scale`, { ...scale.json, spec: { replicas: 5 } })).expect(200);
        assert.deepEqual([changed.at("kind"), changed.at("spec.replicas")], ["Scale", 5]);
        const object = (await api.get(url)).expect(200);
        assert.deepEqual([object.at("spec.replicas"), object.at("metadata.generation"), object.at("spec.template.spec.containers.0.image")], [5, 2, "none"]);
        (await api.put(`${url}/scale`, { ...scale.json, spec: { replicas: 6 } })).refused(409, "Conflict");
      });

      fact(`${plural}: a PATCH needs no version`, async (api) => {
        await create(api, plural, "patch");
        const url = `${path(api, plural)}/patch/scale`;
        assert.equal((await api.patch(url, { spec: { replicas: 4 } })).expect(200).at("spec.replicas"), 4);
        assert.equal((await api.call("PATCH", url, { body: [{ op: "replace", path: "/spec/replicas", value: 0 }], contentType: JSON_PATCH })).expect(200).at("spec.replicas"), undefined, "none is left out");
        assert.deepEqual((await api.get(url)).expect(200).at("spec"), {});
      });

      fact(`${plural}: fewer than none, another object's uid and what is not there are refused`, async (api) => {
        await create(api, plural, "refused");
        const url = `${path(api, plural)}/refused/scale`;
        (await api.patch(url, { spec: { replicas: -1 } })).refused(422, "Invalid");
        const scale = (await api.get(url)).expect(200).json;
        (await api.put(url, { ...scale, metadata: { name: "refused", namespace: api.server.namespace, uid: "another" }, spec: { replicas: 1 } })).refused(409, "Conflict");
        (await api.delete(url)).refused(405, "MethodNotAllowed");
        (await api.get(`${path(api, plural)}/absent/scale`)).refused(404, "NotFound");
      });

      fact(`${plural}: discovery names it, with a kind of another group`, async (api) => {
        const { resources } = (await api.get("/apis/apps/v1")).expect(200).json as { readonly resources: readonly { readonly name: string }[] }; // The wire.
        const { name: _name, ...scale } = resources.find((resource) => resource.name === `${plural}/scale`) ?? { name: "" };
        assert.deepEqual(scale, { singularName: "", namespaced: true, group: "autoscaling", version: "v1", kind: "Scale", verbs: ["get", "patch", "update"] });
      });
    }

    fact("a kind without replicas has none", async (api) => {
      (await api.get(`/api/v1/namespaces/${api.server.namespace}/configmaps/absent/scale`)).refused(404, "NotFound");
    });
  });
}

function path(api: RawApi, plural: string): string {
  return `/apis/apps/v1/namespaces/${api.server.namespace}/${plural}`;
}

async function create(api: RawApi, plural: string, name: string) {
  const labels = { app: name, tier: "web" };
  const kind = plural === "deployments" ? "Deployment" : "StatefulSet";
  const template = { metadata: { labels }, spec: { containers: [{ name: "a", image: "none" }] } };
  return (await api.post(path(api, plural), { apiVersion: "apps/v1", kind, metadata: { name }, spec: { replicas: 2, serviceName: name, selector: { matchLabels: labels }, template } })).expect(201);
}
