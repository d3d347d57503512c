import assert from "node:assert/strict";
import { test } from "node:test";
import { requestOf, world } from "./calls.ts";

const VALUES = [null, 5, "text", [], {}, [null], [5], { a: null }, { a: [{}] }, true, { "": "" }];
const FIELDS = ["metadata", "spec", "status", "data", "stringData", "kind", "apiVersion", "involvedObject"];
const METADATA = ["name", "generateName", "namespace", "uid", "labels", "annotations", "ownerReferences", "finalizers", "resourceVersion", "generation", "deletionTimestamp", "managedFields"];
const SPEC = ["template", "containers", "selector", "versions", "names", "group", "resourceAttributes"];
const QUERIES = ["?limit=-1", "?continue=e30", "?watch=1", "?labelSelector=%", "?fieldSelector=metadata.name%3D%00", "?resourceVersion=-1", "?pretty"];

test("whatever is sent, as whatever kind, is answered", () => {
  const { server, clock } = world();
  let names = 0;
  const send = (...request: Parameters<typeof requestOf>): void => {
    const response = server.handle(requestOf(...request));
    assert.ok(response.status >= 200 && response.status < 600);
    if (response.kind === "stream") response.open({ write: () => undefined, end: () => undefined })();
  };
  for (const { group, version, namespaced, plural } of server.resources) {
    const path = `${group ? `/apis/${group}` : "/api"}/${version}${namespaced ? "/namespaces/default" : ""}/${plural}`;
    send("POST", path, { metadata: { name: "known" } });
    for (const value of VALUES) {
      send("POST", path, value);
      send("DELETE", `${path}/unknown`, value);
      for (const type of ["application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json"]) send("PATCH", `${path}/known`, value, { "content-type": type });
      for (const field of FIELDS) {
        send("POST", path, { metadata: { name: `n${names++}` }, [field]: value });
        send("PUT", `${path}/known`, { metadata: { name: "known" }, [field]: value });
        send("PATCH", `${path}/known/status`, { [field]: value });
      }
      for (const field of METADATA) send("POST", path, { metadata: { name: `n${names++}`, [field]: value } });
      for (const field of METADATA) send("PATCH", `${path}/known`, { metadata: { [field]: value } });
      for (const field of SPEC) send("POST", path, { metadata: { name: `n${names++}` }, spec: { [field]: value } });
    }
    for (const query of QUERIES) send("GET", path + query);
    for (const accept of ["application/yaml", "application/json;as=Table;v=v1;g=meta.k8s.io", "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"]) send("GET", path, undefined, { accept });
    send("DELETE", path);
  }
  for (const url of ["", "/", "//", "/api", "/apis//", "/api/v1/%E0%A4%A", "/api/v1/namespaces//pods", "/api/v1/namespaces/default/pods/a/b/c", "?x"]) {
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"] as const) send(method, url, {});
  }
  server.close();
  assert.equal(clock.pendingTimers, 0);
});
