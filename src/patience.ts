import { waitFor, type Reconciler } from "./controller/ports.ts";
import { isKubeError } from "./kube/kube-error.ts";
import { HINDERED_RETRY_MS } from "./remediation/phases/hindered.ts";
import type { Rights } from "./remediation/rights.ts";

/** The reconciler, patient where a right is missing: that is said once for all, not for each key and try. Any other refusal is an error as ever. */
export function patient(reconcile: Reconciler, rights: Rights): Reconciler {
  return async (key, context) => {
    try {
      return await reconcile(key, context);
    } catch (error) {
      if (!isKubeError(error, "Forbidden")) throw error;
      const missing = await rights.confirm();
      if (!missing) throw error;
      context.log.debug("refused, looked at again", { missing });
      return waitFor(HINDERED_RETRY_MS);
    }
  };
}
