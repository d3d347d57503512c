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
 * There is one process: what anybody can do next is an option of its one loop. So a state is what is true of the objects and
 * of the hands, in some sixty bytes.
 *
 * Knobs (-D): N; DOUBLED (requests with a second orchestrator thread); OVERLAPS (with DOUBLED=N: how often both threads of
 * a request work at once; as often as they like if not given); EXECUTORS; budgets of what goes wrong (CRASHES, CANCELS,
 * REMOVALS, RECREATIONS, WFE_DELETIONS, JOB_DELETIONS, OVERDUE, UNABLE); FRESH (caches are not behind); BEHIND (executors may
 * be behind on their own one: step6_behind); CHECK (which invariants); Z1 to Z28, Z74 and their variants (a guard is taken out);
 * ASYMMETRIC (requests keep their places: twice to six times the states, for a look at a history or at the reduction itself);
 * REPLAY (every write has to be the next one of a recorded trace, see test/model/replay.ts).
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

/* Which invariants are asserted: bit 1 to 5 are I1 to I5, bit 6 is L1 (dead ends of FRESH only, and `robbed`), bit 7 is what the model itself
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
#define is_still(i) (over(i) && !acts(i) && !w[i].finalizer && j[i].state != SUSPENDED)

/* L1, the half that a dead end would break: when nobody has anything left to do, every request has ended. */
inline judge() {
  L1 = of_all(is_ended) && of_all(is_still);
  assert(L1 || !checked(6))
}

inline begin(i) {
#ifndef REPLAY
  r[i].phase = ANALYZING;
#endif
  hand[i].on = i;
#if DOUBLED > 0
  if
  :: i < DOUBLED -> hand[N + i].on = i
  :: else
  fi
#endif
}

init {
#ifdef REPLAY
  c_code { replayLoad(); };
  do
  :: tape < c_expr { replayTraceCount - 1 } -> tape++
  :: break
  od;
#endif
  atomic {
    begin(0);
    begin(1);
#if N > 2
    begin(2);
#endif
  }
end:
  do
  :: atomic {
       if
       orchestrator(0, 0)
       orchestrator(1, 1)
#if N > 2
       orchestrator(2, 2)
#endif
#if DOUBLED > 0
       orchestrator(N, 0)
#endif
#if DOUBLED > 1
       orchestrator(N + 1, 1)
#endif
#if DOUBLED > 2
       orchestrator(N + 2, 2)
#endif
       executor(ORCHESTRATORS)
#if EXECUTORS > 1
       executor(ORCHESTRATORS + 1)
#endif
#if EXECUTORS > 2
       executor(ORCHESTRATORS + 2)
#endif
       cluster(0)
       cluster(1)
#if N > 2
       cluster(2)
#endif
       :: people_do(0)
       :: people_do(1)
#if N > 2
       :: people_do(2)
#endif
#ifdef FRESH
       :: calm_down()
#endif
       fi;
       settle()
     }
#ifdef FRESH
  :: atomic { timeout -> judge(); break }
#endif
  od
}
