import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StartupError } from "../../../src/app.ts";
import { startTrouble } from "../../../src/cli/start-trouble.ts";
import { UsageError } from "../../../src/cli/usage-error.ts";
import { KubeError, type KubeErrorReason } from "../../../src/kube/kube-error.ts";

const SERVER = "https://example.com:6443";

function coded(code: string, message = code, more: object = {}): Error {
  return Object.assign(new Error(message), { code, ...more });
}

function sentence(error: unknown): string {
  const told = startTrouble(error, SERVER);
  assert.ok(told instanceof UsageError, "it is something that can be mended");
  return told.message;
}

function unreachable(code: string): string {
  return sentence(new KubeError("Unreachable", `GET /api: ${code}`, { cause: coded(code) }));
}

describe("what a replica says when it can not start", () => {
  it("is that a certificate is not trusted, has expired or is for another host: not that nobody answers", () => {
    for (const code of ["DEPTH_ZERO_SELF_SIGNED_CERT", "SELF_SIGNED_CERT_IN_CHAIN", "UNABLE_TO_VERIFY_LEAF_SIGNATURE", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"]) {
      assert.match(unreachable(code), /can not be trusted: its certificate is not from an authority that is trusted here: set certificate-authority/);
    }
    assert.match(unreachable("CERT_HAS_EXPIRED"), /can not be trusted: its certificate has expired/);
    assert.match(unreachable("CERT_NOT_YET_VALID"), /its certificate is not valid yet/);
    assert.match(unreachable("ERR_TLS_CERT_ALTNAME_INVALID"), /its certificate is for another host: .*tls-server-name/);
    assert.match(unreachable("ERR_SSL_WRONG_VERSION_NUMBER"), /it does not speak TLS/);
  });

  it("is that nobody answers when nobody does", () => {
    assert.equal(unreachable("ECONNREFUSED"), `the API server at ${SERVER} does not answer: GET /api: ECONNREFUSED`);
    assert.match(sentence(new KubeError("UnknownOutcome", "POST /apis: no answer within 10000 ms")), /does not answer/);
  });

  it("is that the program that gives credentials failed, and that nothing was sent", () => {
    const cause = new KubeError("Unreachable", "credential plugin login: there is no such program");
    assert.equal(sentence(new KubeError("Unreachable", "GET /api: it failed", { cause })), `the API server at ${SERVER} was not asked: credential plugin login: there is no such program`);
  });

  it("is that the server does not know us, refuses, or is not able to", () => {
    const told = (reason: KubeErrorReason): string => sentence(new KubeError(reason, "so it said"));
    assert.match(told("Unauthorized"), /does not know this user/);
    assert.match(told("Forbidden"), /refuses .*so it said/);
    assert.match(told("ServerError"), /not able to answer now: so it said/);
    assert.match(told("TooManyRequests"), /not able to answer now/);
  });

  it("is what the startup checks said", () => assert.equal(sentence(new StartupError("namespace a does not exist")), "namespace a does not exist"));

  it("is which port is taken, and how to choose another one", () => {
    assert.equal(sentence(coded("EADDRINUSE", "listen", { syscall: "listen", port: 8080 })), "port 8080 is taken: choose another one with --http-port or http.port, 0 for any that is free");
    assert.match(sentence(coded("EACCES", "listen", { syscall: "listen", port: 80 })), /^port 80 can not be listened on \(EACCES\)/);
  });

  it("is nothing of its own about what it does not know: that stays an unexpected error", () => {
    const errors = [new Error("a bug"), new KubeError("Invalid", "a bug"), coded("ENOENT", "open", { syscall: "open" })];
    for (const error of errors) assert.equal(startTrouble(error, SERVER), error);
  });
});
