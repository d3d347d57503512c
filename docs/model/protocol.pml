/*
 * The safety protocol of docs/protocol.md (steps 0 to 11) as a model for Spin. One target; N RemediationRequests on it;
 * any number of replicas, seen as threads that may each stop for ever between any two lines. There is no Lease here: what
 * holds, holds without one. Read it beside src/remediation and src/workers/execution; README.md says what it proves.
 *
 * How names, uids and versions are modelled. An object is known by its name: the i of r[i] (rr-i), w[i] (we-rr-i) and
 * j[i] (the Job that is named by the uid of w[i]). A uid or a resourceVersion that somebody holds is either that of the
 * object as it stands or will never be met again, so one bit says all there is to say about it. `settle` clears those
 * bits when an object moves or goes, and lets go of every write that could only be refused.
 *
 * Knobs (-D): N; DOUBLED (requests with a second orchestrator thread); EXECUTORS; budgets of what goes wrong (CRASHES,
 * CANCELS, REMOVALS, RECREATIONS, WFE_DELETIONS, JOB_DELETIONS, OVERDUE, UNABLE); FRESH (caches are not behind); BEHIND
 * (executors may be behind on their own one: step6_behind); CHECK (which invariants); Z1 to Z12 and their variants (a guard
 * is taken out); REPLAY (every write has to be the next one of a recorded trace, see test/model/replay.ts).
 */
#ifndef N
#define N 2
#endif
#ifndef DOUBLED
#define DOUBLED 0
#endif
#ifndef EXECUTORS
#define EXECUTORS 2
#endif
#ifndef CRASHES
#define CRASHES 0
#endif
#ifndef CANCELS
#define CANCELS 0
#endif
#ifndef REMOVALS
#define REMOVALS 0
#endif
#ifndef RECREATIONS
#define RECREATIONS 0
#endif
#ifndef WFE_DELETIONS
#define WFE_DELETIONS 0
#endif
#ifndef JOB_DELETIONS
#define JOB_DELETIONS 0
#endif
#ifndef OVERDUE
#define OVERDUE 0
#endif
#ifndef UNABLE
#define UNABLE 0
#endif

/* Which invariants are asserted: bit 1 to 5 are I1 to I5, bit 6 is L1 (of FRESH only), bit 7 is what the model itself
   takes for granted (see `settle`). */
#ifndef CHECK
#define CHECK 254
#endif
#define checked(invariant) (((CHECK) >> (invariant)) & 1)

#define ORCHESTRATORS (N + DOUBLED)
#define FLIGHT (ORCHESTRATORS + EXECUTORS)
#define HANDS (FLIGHT + 1)
#define bit_of(i) (1 << (i))
#define EVERYBODY ((1 << N) - 1)

#include "objects.pml"
#include "writes.pml"
#include "settle.pml"
#include "orchestrator.pml"
#include "executor.pml"
#include "cluster.pml"

#define is_ended(i) (r[i].phase == ABSENT || r[i].phase == ENDED)
#define is_still(i) (over(i) && !acts(i) && !w[i].finalizer)

#ifdef FRESH
/* L1, the half that a deadlock would break: when nobody has anything left to do, every request has ended. */
proctype Judge() {
end:
  do
  :: atomic { timeout -> L1 = of_all(is_ended) && of_all(is_still); assert(L1 || !checked(6)); break }
  od
}
#endif

#define on_request(k, i) hand[k].on = i; run Orchestrator(k, i)

init {
#ifdef REPLAY
  c_code { replayLoad(); };
  do
  :: tape < c_expr { replayTraceCount - 1 } -> tape++
  :: break
  od;
#endif
  atomic {
#ifndef REPLAY
    r[0].phase = ANALYZING;
    r[1].phase = ANALYZING;
#if N > 2
    r[2].phase = ANALYZING;
#endif
#endif
    on_request(0, 0);
    on_request(1, 1);
#if N > 2
    on_request(2, 2);
#endif
#if DOUBLED > 0
    on_request(N, 0);
#endif
#if DOUBLED > 1
    on_request(N + 1, 1);
#endif
#if DOUBLED > 2
    on_request(N + 2, 2);
#endif
    run Executor(ORCHESTRATORS);
#if EXECUTORS > 1
    run Executor(ORCHESTRATORS + 1);
#endif
#if EXECUTORS > 2
    run Executor(ORCHESTRATORS + 2);
#endif
    run Cluster();
    run World();
#ifdef FRESH
    run Judge()
#endif
  }
}
