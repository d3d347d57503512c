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
 * Knobs (-D): N, DOUBLED (requests with a second orchestrator thread), budgets of what goes wrong (CRASHES, CANCELS,
 * REMOVALS, RECREATIONS, WFE_DELETIONS, JOB_DELETIONS, OVERDUE, UNABLE), FRESH (caches are not behind), BEHIND (step6_behind), CHECK (which invariants),
 * Z1 to Z12 and their variants (a guard is taken out), REPLAY (every write has to be the next one of a recorded trace, see test/model/replay.ts).
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

/* overallPhase of a request as far as the protocol tells phases apart. What comes before Executing is ANALYZING, except
   Blocked; what comes after it has ENDED: Verifying too, for it touches no WorkflowExecution any more. */
#define ABSENT 0
#define ANALYZING 1
#define BLOCKED 2
#define EXECUTING 3
#define ENDED 4

/* phase of a WorkflowExecution; FENCED is Failed with reason Deduplicated, DONE is Completed or Failed otherwise. */
#define PENDING 1
#define RUNNING 2
#define FENCED 3
#define DONE 4

/* A Job: ACTIVE is neither suspended nor finished, and its pods may act. */
#define SUSPENDED 1
#define ACTIVE 2
#define FINISHED 3

typedef Request {
  byte phase;
  bit leaving;    /* deleted in the foreground: there until its WorkflowExecution is gone */
  bit named;      /* phaseProgress.workflowExecutionRef.uid is that of w[i] as it stands */
}

typedef Execution {
  byte phase;
  bit ours;       /* its owner's uid is that of r[i] as it stands, not of an earlier rr-i */
  bit finalizer;
  bit deleting;   /* deletionTimestamp */
  bit lingering;  /* deleted in the foreground: there until its Job is gone */
  bit job;        /* executionRef.uid is that of j[i] as it stands */
  byte rank;      /* its place by (creationTimestamp, uid) among those that are PENDING */
  byte sawNone;   /* bit q: at some moment since it was born, w[q] was absent or terminal */
  byte sawRunning;
}

typedef Job {
  byte state;
  bit deleting;   /* deletionTimestamp: deleted in the foreground, there until its pods are gone */
  bit pods;       /* pods that have outlived it */
}

/* What a thread is about to write, and what it was judged on. For an orchestrator: fresh = the version of r[i] that it read
   is the latest, same = that uid still exists, held = the uid of w[i] that it goes by still exists. For an executor the
   same of w[i], w[i] and j[i]. The last hand is a write that has left a replica which crashed, and lands later or never. */
typedef Hand {
  byte op;
  byte on;        /* the i of the object that it is about */
  bit fresh;
  bit same;
  bit held;
  byte todo;      /* others that are to be fenced first, by bit */
  bit behind;     /* one of those has moved since */
}

#define IDLE 0
#define CREATE 1    /* step 3: POST we-<r> */
#define REMOVE 2    /* step 3: DELETE the fenced one (uid) */
#define NAME 3      /* step 4: CAS r to Executing */
#define BLOCK 4     /* CAS r to Blocked */
#define UNBLOCK 5   /* CAS r back to the phase that was blocked */
#define END 6       /* CAS r onward, or to Failed */
#define FENCE 7     /* CAS w to fenced */
#define FENCE_OTHERS 8
#define POST_JOB 9  /* step 7 */
#define RUN 10      /* step 7: CAS w to Running */
#define RESUME 11   /* step 8: PATCH the Job (uid) */
#define FINISH 12   /* step 9 or 10: CAS w to Completed or Failed */
#define KILL 13     /* step 10: DELETE the Job (uid, foreground) */
#define RELEASE 14  /* step 11: PATCH the finalizer off */

Request r[N];
Execution w[N];
Job j[N];
Hand hand[HANDS];
bit resumed[N];        /* r[i] has resumed a Job */
bit formerResumed[N];  /* the rr-i before it has */
byte crashes = CRASHES, cancels = CANCELS, removals = REMOVALS, recreations = RECREATIONS;
byte wfeDeletions = WFE_DELETIONS, jobDeletions = JOB_DELETIONS, overdue = OVERDUE, unable = UNABLE;

/* What the step in hand has touched, for `settle`; zero between steps. */
hidden byte movedRequests, goneRequests, movedExecutions, goneExecutions, goneJobs;
hidden byte I1, I2, I3, I4 = 1, I5, L1, nobodyResumes;
hidden byte h, q, temporary;

#ifdef REPLAY
/* The trace: `told` holds when the next recorded action is this one. */
c_decl { \#include "replay.h" }
short at = 0;     /* how many of its actions have been taken */
short tape = 0;   /* which of the traces */
byte inHand = 0;  /* hands that are not idle */
#define told(action, i, detail) (next_action == (action) && next_of == (i) && next_detail == (detail))
#define next_action c_expr { replayTraces[now.tape].actions[now.at][0] }
#define next_of c_expr { replayTraces[now.tape].actions[now.at][1] }
#define next_detail c_expr { replayTraces[now.tape].actions[now.at][2] }
#define telling at++
#define left(budget) true
#define spend(budget) skip
#else
#define told(action, i, detail) true
#define telling skip
#define left(budget) (budget > 0)
#define spend(budget) budget--
#endif

/* Recorded actions, by the numbers of test/model/action.ts. */
#define A_NEW 1
#define A_EXECUTING 2
#define A_BLOCKED 3
#define A_UNBLOCKED 4
#define A_ENDED 5
#define A_REQUEST_GONE 6
#define A_BORN 7
#define A_FENCED 8
#define A_RUNNING 9
#define A_DONE 10
#define A_DELETING 11
#define A_GONE 12
#define A_RELEASED 13
#define A_JOB_BORN 14
#define A_RESUMED 15
#define A_JOB_FINISHED 16
#define A_JOB_DELETING 17
#define A_JOB_GONE 18
#define A_REQUEST_LEAVING 19

/* ---- what is true of objects ---- */

#define over(q) (w[q].phase == ABSENT || w[q].phase == FENCED || w[q].phase == DONE)
#define unfinished(q) (w[q].phase == PENDING || w[q].phase == RUNNING)
#if N == 2
#define of_all(what) (what(0) && what(1))
#define busy(i) unfinished(1 - (i))
#else
#define of_all(what) (what(0) && what(1) && what(2))
#define busy(i) (unfinished(((i) + 1) % 3) || unfinished(((i) + 2) % 3))
#endif

/* Step 2 looks into a cache, which shows anything from any time unless FRESH. */
#ifdef FRESH
#define seen_busy(i) busy(i)
#define seen_free(i) (!busy(i))
#else
#define seen_busy(i) true
#define seen_free(i) true
#endif

/* Step 5, on the live owner. */
#ifdef Z5_OWNER
#define owned(i) true
#else
#define owned(i) w[i].ours
#endif
#ifdef Z5_NAME
#define opened(i) (owned(i) && r[i].phase == EXECUTING)
#else
#define opened(i) (owned(i) && r[i].phase == EXECUTING && r[i].named)
#endif
#ifdef Z6
#define waits(i) (owned(i) && (r[i].phase == ANALYZING || r[i].phase == BLOCKED))
#else
#define waits(i) (owned(i) && r[i].phase == ANALYZING)
#endif
#ifdef Z1
#define admitted(i) (!w[i].deleting)
#define refused(i) w[i].deleting
#else
#define admitted(i) (!w[i].deleting && opened(i))
#define refused(i) (w[i].deleting || (!opened(i) && !waits(i)))
#endif

/* Step 6, in a view that is behind but not older than the birth of w[i]. A version of a pending one that has moved since
   makes the CAS fail, so of the pending ones only the latest version counts. */
#define younger(i, q) (w[q].phase == PENDING && w[q].rank > w[i].rank)
#ifdef FRESH
#define may_see_none(i, q) over(q)
#define may_see_running(i, q) (w[q].phase == RUNNING)
#else
#define may_see_none(i, q) ((w[i].sawNone >> (q)) & 1)
#define may_see_running(i, q) ((w[i].sawRunning >> (q)) & 1)
#endif
#if defined(Z2_IGNORED)
#define unopposed(i, q) (may_see_none(i, q) || w[q].phase == PENDING)
#elif defined(Z2_ORDER)
#define unopposed(i, q) (may_see_none(i, q) || younger(i, q))
#else
#define unopposed(i, q) may_see_none(i, q)
#endif
#define clear_of(i, q, others) ((q) == (i) || (((others) >> (q)) & 1 && younger(i, q)) || (!(((others) >> (q)) & 1) && unopposed(i, q)))
#define sees_running(i, q) ((q) != (i) && may_see_running(i, q))
#define pending_of(others, q) (!(((others) >> (q)) & 1) || w[q].phase == PENDING)
#if N == 2
#define pending_all(others) (pending_of(others, 0) && pending_of(others, 1))
#define clear(i, others) (!((others) & bit_of(i)) && clear_of(i, 0, others) && clear_of(i, 1, others))
#define yields(i) (sees_running(i, 0) || sees_running(i, 1))
#else
#define pending_all(others) (pending_of(others, 0) && pending_of(others, 1) && pending_of(others, 2))
#define clear(i, others) (!((others) & bit_of(i)) && clear_of(i, 0, others) && clear_of(i, 1, others) && clear_of(i, 2, others))
#define yields(i) (sees_running(i, 0) || sees_running(i, 1) || sees_running(i, 2))
#endif

/* Steps 8 to 10. */
#define named_job_gone(i) (!w[i].job || j[i].state == ABSENT)
#define must_stop(i) (w[i].deleting || !w[i].ours || r[i].phase == ABSENT || r[i].phase == ENDED)

/* ---- writes, as the API server carries them out ---- */

inline write_request(i, to, name) {
  r[i].phase = to;
  r[i].named = name;
  movedRequests = movedRequests | bit_of(i)
}

inline leave_line(i) {
  for (q : 0 .. N - 1) {
    if
    :: w[q].phase == PENDING && w[q].rank > w[i].rank -> w[q].rank--
    :: else
    fi
  }
  w[i].rank = 0
}

inline write_execution(i, to) {
  if
  :: w[i].phase == PENDING -> leave_line(i)
  :: else
  fi;
  w[i].phase = to;
  movedExecutions = movedExecutions | bit_of(i)
}

inline lose_execution(i) {
  write_execution(i, ABSENT);
  r[i].named = 0;
  goneExecutions = goneExecutions | bit_of(i)
}

inline delete_execution(i, foreground) {
  if
  :: w[i].finalizer || foreground -> w[i].deleting = 1; w[i].lingering = foreground; movedExecutions = movedExecutions | bit_of(i)
  :: else -> lose_execution(i)
  fi
}

/* Where among those that are PENDING a new one stands is anybody's guess: its creationTimestamp has seconds, its uid is random. */
inline bear(i, own, place) {
  for (q : 0 .. N - 1) {
    if
    :: w[q].phase == PENDING && w[q].rank >= place -> w[q].rank++
    :: else
    fi
  }
  w[i].phase = PENDING;
  w[i].ours = own;
  w[i].rank = place;
#ifndef Z8
  w[i].finalizer = 1;
#endif
#ifdef Z11
  w[i].sawNone = EVERYBODY;
#endif
  movedExecutions = movedExecutions | bit_of(i)
}

#if N == 2
#define line ((w[0].phase == PENDING) + (w[1].phase == PENDING))
#else
#define line ((w[0].phase == PENDING) + (w[1].phase == PENDING) + (w[2].phase == PENDING))
#endif

inline start_job(i) {
  if
  :: w[i].ours -> I4 = !resumed[i]; resumed[i] = 1
  :: else -> I4 = !formerResumed[i]; formerResumed[i] = 1
  fi;
  j[i].state = ACTIVE
}

inline bear_job(i) {
#ifdef Z3
  start_job(i)
#else
  j[i].state = SUSPENDED
#endif
}

inline lose_job(i) {
  j[i].state = ABSENT;
  j[i].deleting = 0;
  w[i].job = 0;
  goneJobs = goneJobs | bit_of(i)
}

inline release_execution(i) {
  w[i].finalizer = 0;
  if
  :: w[i].deleting && !w[i].lingering -> lose_execution(i)
  :: else -> movedExecutions = movedExecutions | bit_of(i)
  fi
}

/* ---- after every step: who holds what, and the invariants ---- */

#define has(mask, i) (((mask) >> (i)) & 1)
#define compares_request(op) ((op) >= NAME && (op) <= END)
#define compares_execution(op) ((op) == FENCE || (op) == RUN || (op) == FINISH || (op) == RELEASE)
#ifdef Z10_NAME
#define without_version(x) (x.op == NAME && x.same)
#elif defined(Z10_RUN)
#define without_version(x) (x.op == RUN && x.same)
#else
#define without_version(x) false
#endif
#ifdef Z9
#define finds_job(x) (x.op == RESUME && x.same)
#else
#define finds_job(x) false
#endif

inline let_go(k) {
  hand[k].op = IDLE;
  hand[k].fresh = 0;
  hand[k].same = 0;
  hand[k].held = 0;
  hand[k].todo = 0;
  hand[k].behind = 0;
  if
  :: k >= ORCHESTRATORS -> hand[k].on = 0
  :: else
  fi
}

#define belongs_to_request(op) ((op) >= CREATE && (op) <= END)

/* Versions and uids that are no more are no longer held; a write that can only be refused is let go. */
inline look_again(k) {
  if
  :: hand[k].op == IDLE
  :: belongs_to_request(hand[k].op) ->
    if
    :: has(movedRequests, hand[k].on) -> hand[k].fresh = 0
    :: else
    fi;
    if
    :: has(goneRequests, hand[k].on) -> hand[k].same = 0
    :: else
    fi;
    if
    :: has(goneExecutions, hand[k].on) -> hand[k].held = 0
    :: else
    fi;
    if
    :: compares_request(hand[k].op) && !hand[k].fresh && !without_version(hand[k]) -> let_go(k)
    :: hand[k].op == REMOVE && !hand[k].held -> let_go(k)
    :: else
    fi
  :: else ->
    if
    :: has(movedExecutions, hand[k].on) -> hand[k].fresh = 0
    :: else
    fi;
    if
    :: has(goneExecutions, hand[k].on) -> hand[k].same = 0; hand[k].held = 0
    :: has(goneJobs, hand[k].on) -> hand[k].held = 0
    :: else
    fi;
    if
    :: hand[k].todo & movedExecutions -> hand[k].todo = hand[k].todo & ~movedExecutions; hand[k].behind = 1
    :: else
    fi;
    if
    :: compares_execution(hand[k].op) && !hand[k].fresh && !without_version(hand[k]) -> let_go(k)
    :: (hand[k].op == RESUME || hand[k].op == KILL) && !hand[k].held && !finds_job(hand[k]) -> let_go(k)
    :: hand[k].op == POST_JOB && !hand[k].same -> let_go(k)
    :: hand[k].op == FENCE_OTHERS && hand[k].behind && hand[k].todo == 0 -> let_go(k)
    :: else
    fi
  fi
}

#define rank_of(k) (hand[k].op << 10 | hand[k].on << 8 | hand[k].fresh << 7 | hand[k].same << 6 | hand[k].held << 5 | hand[k].behind << 4 | hand[k].todo)

#define exchange(a, b, field) temporary = hand[a].field; hand[a].field = hand[b].field; hand[b].field = temporary

/* Threads that may do the same are the same: which of the two is in which place does not matter. */
inline in_order(a, b) {
  if
  :: rank_of(a) > rank_of(b) ->
    exchange(a, b, op);
    exchange(a, b, on);
    exchange(a, b, fresh);
    exchange(a, b, same);
    exchange(a, b, held);
    exchange(a, b, todo);
    exchange(a, b, behind)
  :: else
  fi
}

inline remember(i) {
  if
  :: w[i].phase == PENDING ->
    for (q : 0 .. N - 1) {
      if
      :: q != i && over(q) -> w[i].sawNone = w[i].sawNone | bit_of(q)
      :: q != i && w[q].phase == RUNNING -> w[i].sawRunning = w[i].sawRunning | bit_of(q)
      :: else
      fi
    }
  :: else -> w[i].sawNone = 0; w[i].sawRunning = 0
  fi
}

#define is_running(i) (w[i].phase == RUNNING)
#define acts(i) (j[i].state == ACTIVE || j[i].pods)
#define acts_rightly(i) (!acts(i) || is_running(i))
#define is_told(i) (!is_running(i) || !w[i].ours || r[i].phase == ENDED || (r[i].phase == EXECUTING && r[i].named))
#if N == 2
#define number_of(what) (what(0) + what(1))
#else
#define number_of(what) (what(0) + what(1) + what(2))
#endif

inline settle() {
  d_step {
    for (h : 0 .. HANDS - 1) {
      nobodyResumes = !(hand[h].op == RESUME && hand[h].held && has(goneExecutions, hand[h].on) && j[hand[h].on].state == SUSPENDED);
      assert(nobodyResumes || !checked(7));
      look_again(h)
    }
#ifndef FRESH
    for (h : 0 .. N - 1) { remember(h) }
#endif
#if DOUBLED > 0
    in_order(0, N);
#endif
#if DOUBLED > 1
    in_order(1, N + 1);
#endif
#if DOUBLED > 2
    in_order(2, N + 2);
#endif
#if EXECUTORS > 1
    in_order(ORCHESTRATORS, ORCHESTRATORS + 1);
#endif
#if EXECUTORS > 2
    in_order(ORCHESTRATORS + 1, ORCHESTRATORS + 2);
    in_order(ORCHESTRATORS, ORCHESTRATORS + 1);
#endif
    I1 = (number_of(is_running) <= 1);
    I2 = (number_of(acts) <= 1);
    I3 = of_all(acts_rightly);
    I5 = of_all(is_told);
    assert(I1 || !checked(1));
    assert(I2 || !checked(2));
    assert(I3 || !checked(3));
    assert(I4 || !checked(4));
    assert(I5 || !checked(5));
    /* With w[i] its Job goes, by and by. Nobody resumes it any more (asserted above), so it need not be followed. */
    for (h : 0 .. N - 1) {
      if
      :: w[h].phase == ABSENT && has(goneExecutions, h) ->
        w[h].ours = 0;
        w[h].finalizer = 0;
        w[h].deleting = 0;
        w[h].lingering = 0;
        lose_job(h);
        j[h].pods = 0
      :: else
      fi
    }
    movedRequests = 0;
    goneRequests = 0;
    movedExecutions = 0;
    goneExecutions = 0;
    goneJobs = 0;
    I4 = 1;
#ifdef REPLAY
    inHand = 0;
    for (h : 0 .. HANDS - 1) { inHand = inHand + (hand[h].op != IDLE) }
    c_code { replayReached(now.tape, now.at); };
#endif
    temporary = 0;
    q = 0
  }
}

/* ---- the orchestrator: thread k on request i ---- */

#ifdef REPLAY
/* The fewer writes are in hand at once, the fewer ways there are to explain a trace; it is tried with few first. */
#define may_take(k) (hand[k].op == IDLE && inHand < c_expr { replayTraces[now.tape].hands })
#else
#define may_take(k) (hand[k].op == IDLE)
#endif

/* A request that is on its way out is left alone. */
#define looks_at(k, i) (may_take(k) && !r[i].leaving)

inline plan(k, what) {
  hand[k].op = what;
  hand[k].fresh = 1;
  hand[k].same = 1
}

#ifdef Z7
#define may_adopt(i) (w[i].phase == PENDING || w[i].phase == FENCED)
#else
#define may_adopt(i) (w[i].phase == PENDING)
#endif
#ifdef Z5_OWNER
#define is_mine(k, i) true
#else
#define is_mine(k, i) (w[i].ours == hand[k].same)
#endif
/* Where caches are not behind, a thread does not ask for what it can see it will not get: it waits. */
#ifdef FRESH
#define worth_trying(i) (w[i].phase == ABSENT || (w[i].ours && !w[i].deleting && (w[i].phase == PENDING || w[i].phase == FENCED)))
#else
#define worth_trying(i) true
#endif

/* Step 0: what r and its WorkflowExecution, both live, call for. A WorkflowExecution that is read after r and makes r move
   does so only if r has not moved since, so one look stands for both. */
inline step0_executing(k, i) {
  if
  :: d_step { looks_at(k, i) && r[i].phase == EXECUTING && r[i].named && w[i].phase == FENCED -> plan(k, BLOCK) }
  :: d_step { looks_at(k, i) && r[i].phase == EXECUTING && r[i].named && w[i].phase == DONE -> plan(k, END) }
#ifndef Z12
  :: d_step { looks_at(k, i) && r[i].phase == EXECUTING && !r[i].named -> plan(k, END) }
#endif
  fi
}

inline step0_blocked(k, i) {
  d_step { looks_at(k, i) && r[i].phase == BLOCKED && seen_free(i) -> plan(k, UNBLOCK) }
}

/* Steps 1 and 2. Step 1, the claim, is left out: without it everything below has to hold as well. */
inline step2(k, i) {
  if
  :: d_step { looks_at(k, i) && r[i].phase == ANALYZING && seen_busy(i) -> plan(k, BLOCK) }
  :: d_step { looks_at(k, i) && r[i].phase == ANALYZING && seen_free(i) && worth_trying(i) -> plan(k, CREATE) }
  fi
}

/* Step 3. A 409 and the GET after it are one step: a GET that comes later is a POST that comes later. */
inline step3(k, i, place) {
  if
  :: d_step { hand[k].op == CREATE && w[i].phase == ABSENT && place <= line && told(A_BORN, i, hand[k].same) ->
       telling; bear(i, hand[k].same, place); hand[k].op = NAME; hand[k].held = 1 }
#if N > 1
  :: d_step { place == 0 && hand[k].op == CREATE && w[i].phase != ABSENT && is_mine(k, i) && !w[i].deleting && may_adopt(i) -> hand[k].op = NAME; hand[k].held = 1 }
  :: d_step { place == 0 && hand[k].op == CREATE && w[i].phase == FENCED && is_mine(k, i) && !w[i].deleting && !may_adopt(i) -> hand[k].op = REMOVE; hand[k].held = 1 }
  :: d_step { place == 0 && hand[k].op == CREATE && w[i].phase != ABSENT && !(is_mine(k, i) && !w[i].deleting && (may_adopt(i) || w[i].phase == FENCED)) -> let_go(k) }
#endif
  :: d_step { place == 0 && hand[k].op == REMOVE && !w[i].deleting && told(A_DELETING, i, 2) -> telling; delete_execution(i, 0); let_go(k) }
  :: d_step { place == 0 && hand[k].op == REMOVE && w[i].deleting -> let_go(k) }
  fi
}

/* Step 4. `fresh` holds, or the hand would have been let go. */
inline step4(k, i) {
  d_step { hand[k].op == NAME && r[i].phase != ABSENT && told(A_EXECUTING, i, hand[k].held) -> telling; write_request(i, EXECUTING, hand[k].held); let_go(k) }
}

inline step0_write(k, i) {
  if
  :: d_step { hand[k].op == BLOCK && told(A_BLOCKED, i, 0) -> telling; write_request(i, BLOCKED, 0); let_go(k) }
  :: d_step { hand[k].op == UNBLOCK && told(A_UNBLOCKED, i, 0) -> telling; write_request(i, ANALYZING, 0); let_go(k) }
  :: d_step { hand[k].op == END && told(A_ENDED, i, 0) -> telling; write_request(i, ENDED, 0); let_go(k) }
  fi
}

/* A replica crashes, or stops waiting for the answer, while a write is on its way. */
inline lose_answer(k) {
  d_step { crashes > 0 && hand[k].op != IDLE && hand[k].op != FENCE_OTHERS && hand[FLIGHT].op == IDLE ->
    crashes--;
    hand[FLIGHT].op = hand[k].op;
    hand[FLIGHT].on = hand[k].on;
    hand[FLIGHT].fresh = hand[k].fresh;
    hand[FLIGHT].same = hand[k].same;
    hand[FLIGHT].held = hand[k].held;
    let_go(k) }
}

inline give_up(k) {
  d_step { hand[k].op != IDLE -> let_go(k) }
}

proctype Orchestrator(byte k; byte i) {
end:
  do
  :: atomic {
       if
       :: step0_executing(k, i)
       :: step0_blocked(k, i)
       :: step0_write(k, i)
       :: step2(k, i)
       :: step3(k, i, 0)
       :: step3(k, i, 1)
#if N > 2
       :: step3(k, i, 2)
#endif
       :: step4(k, i)
       :: lose_answer(k)
#ifdef REPLAY
       :: give_up(k)
#endif
       fi;
       settle()
     }
  od
}

/* ---- the executor: thread k, on any WorkflowExecution ---- */

inline pick(k, i, what) {
  plan(k, what);
  hand[k].on = i
}

/* Step 5, and step 6 where it ends in giving way. The view may be older than the look at the owner; it is not older than w. */
inline step5(k, i) {
  d_step { may_take(k) && w[i].phase == PENDING && (refused(i) || (admitted(i) && yields(i))) -> pick(k, i, FENCE) }
}

/* One that this executor can not run at all fails before it begins. */
inline step5_unable(k, i) {
  d_step { left(unable) && may_take(k) && w[i].phase == PENDING && admitted(i) -> spend(unable); pick(k, i, FINISH) }
}

/* Step 6. `others` are those that go first to be fenced. */
inline step6(k, i, others) {
  if
  :: d_step { may_take(k) && w[i].phase == PENDING && admitted(i) && others == 0 && clear(i, 0) -> pick(k, i, POST_JOB) }
  :: d_step { may_take(k) && w[i].phase == PENDING && admitted(i) && others != 0 && clear(i, others) -> pick(k, i, FENCE_OTHERS); hand[k].todo = others }
  fi
}

/* Steps 5 and 6 of an executor whose cache still shows w as it was when it was PENDING, while r is read live: what it writes
   to w is refused, but not what it writes to others and to the Job. */
inline step6_behind(k, i, others) {
#if defined(BEHIND) || defined(REPLAY)
  if
  :: d_step { may_take(k) && w[i].phase != ABSENT && (w[i].phase != PENDING || w[i].deleting) && opened(i) && others == 0 -> pick(k, i, POST_JOB); hand[k].fresh = 0 }
  :: d_step { may_take(k) && w[i].phase != ABSENT && (w[i].phase != PENDING || w[i].deleting) && opened(i) && others != 0 && pending_all(others) -> pick(k, i, FENCE_OTHERS); hand[k].fresh = 0; hand[k].todo = others }
  fi
#else
  false
#endif
}

inline step6_fence(k, q) {
  if
  :: d_step { hand[k].op == FENCE_OTHERS && has(hand[k].todo, q) && told(A_FENCED, q, 0) ->
       telling;
       write_execution(q, FENCED);
       hand[k].todo = hand[k].todo & ~bit_of(q);
       if
       :: hand[k].todo == 0 && !hand[k].behind -> hand[k].op = POST_JOB
       :: else
       fi }
  :: d_step { crashes > 0 && hand[k].op == FENCE_OTHERS && has(hand[k].todo, q) && hand[FLIGHT].op == IDLE ->
       crashes--;
       hand[FLIGHT].op = FENCE;
       hand[FLIGHT].on = q;
       hand[FLIGHT].fresh = 1;
       hand[FLIGHT].same = 1;
       let_go(k) }
  :: d_step { hand[k].op == FENCE_OTHERS && hand[k].behind -> let_go(k) }
  fi
}

/* Step 7, first half. A Job of that name that is on its way out is nobody's. */
inline step7_post(k, i) {
  if
  :: d_step { hand[k].op == POST_JOB && hand[k].on == i && j[i].state == ABSENT && told(A_JOB_BORN, i, 0) -> telling; bear_job(i); hand[k].op = RUN; hand[k].held = 1 }
  :: d_step { hand[k].op == POST_JOB && hand[k].on == i && j[i].state != ABSENT && !j[i].deleting -> hand[k].op = RUN; hand[k].held = 1 }
  :: d_step { hand[k].op == POST_JOB && hand[k].on == i && j[i].state != ABSENT && j[i].deleting -> let_go(k) }
  fi
}

/* Step 7, second half; the same look goes on to step 8. */
inline step7_run(k, i) {
  d_step { hand[k].op == RUN && hand[k].on == i && told(A_RUNNING, i, hand[k].held) ->
    telling; write_execution(i, RUNNING); w[i].job = hand[k].held;
    if
    :: hand[k].held -> hand[k].op = RESUME; hand[k].fresh = 0
    :: else -> let_go(k)
    fi }
}

inline step8(k, i) {
  if
  :: d_step { may_take(k) && is_running(i) && !must_stop(i) && w[i].job && j[i].state == SUSPENDED -> pick(k, i, RESUME); hand[k].fresh = 0; hand[k].held = 1 }
#ifdef Z9
  :: d_step { may_take(k) && is_running(i) && !must_stop(i) && !w[i].job && j[i].state == SUSPENDED -> pick(k, i, RESUME); hand[k].fresh = 0 }
#endif
  :: d_step { hand[k].op == RESUME && hand[k].on == i && j[i].state == SUSPENDED && told(A_RESUMED, i, 0) -> telling; start_job(i); let_go(k) }
  :: d_step { hand[k].op == RESUME && hand[k].on == i && j[i].state != SUSPENDED -> let_go(k) }
  fi
}

#if defined(Z4_EARLY)
#define seen_dead(i) true
#elif defined(Z4_PODS)
#define seen_dead(i) named_job_gone(i)
#else
#define seen_dead(i) (named_job_gone(i) && !j[i].pods)
#endif

/* Deleted in the foreground, a Job stays until its pods are gone. */
inline kill_job(i) {
#ifdef Z4_PODS
  j[i].pods = (j[i].state == ACTIVE);
  lose_job(i)
#else
  j[i].deleting = 1
#endif
}

/* Step 9. What has finished wins over whatever would stop it now. A Job that somebody else deleted is waited for as after a
   stop: its pods may have outlived it. */
inline step9(k, i) {
  if
  :: d_step { may_take(k) && is_running(i) && w[i].job && j[i].state == FINISHED -> pick(k, i, FINISH) }
  :: d_step { may_take(k) && is_running(i) && (must_stop(i) || named_job_gone(i)) && seen_dead(i) -> pick(k, i, FINISH) }
  fi
}

inline step10(k, i) {
  if
  :: d_step { may_take(k) && is_running(i) && must_stop(i) && !named_job_gone(i) && j[i].state != FINISHED && !j[i].deleting -> pick(k, i, KILL); hand[k].fresh = 0; hand[k].held = 1 }
  /* A Running one that is due may be stopped at any time. */
  :: d_step { left(overdue) && may_take(k) && is_running(i) && !must_stop(i) && !named_job_gone(i) && j[i].state != FINISHED && !j[i].deleting -> spend(overdue); pick(k, i, KILL); hand[k].fresh = 0; hand[k].held = 1 }
  :: d_step { hand[k].op == KILL && hand[k].on == i && !j[i].deleting && told(A_JOB_DELETING, i, 0) -> telling; kill_job(i); let_go(k) }
  :: d_step { hand[k].op == KILL && hand[k].on == i && j[i].deleting -> let_go(k) }
  fi
}

inline step9_write(k, i) {
  d_step { hand[k].op == FINISH && hand[k].on == i && told(A_DONE, i, 0) -> telling; write_execution(i, DONE); let_go(k) }
}

inline step5_write(k, i) {
  d_step { hand[k].op == FENCE && hand[k].on == i && told(A_FENCED, i, 0) -> telling; write_execution(i, FENCED); let_go(k) }
}

/* Step 11. A suspended Job that is left goes too. */
inline step11(k, i) {
  if
  :: d_step { may_take(k) && (w[i].phase == FENCED || w[i].phase == DONE) && w[i].finalizer -> pick(k, i, RELEASE) }
  :: d_step { hand[k].op == RELEASE && hand[k].on == i && told(A_RELEASED, i, w[i].deleting && !w[i].lingering) -> telling; release_execution(i); let_go(k) }
  fi
}

inline step11_job(k, i) {
  d_step { may_take(k) && (w[i].phase == FENCED || w[i].phase == DONE) && j[i].state == SUSPENDED && !j[i].deleting -> pick(k, i, KILL); hand[k].fresh = 0; hand[k].held = 1 }
}

#define look_at(k, i) \
       :: step5(k, i) \
       :: step5_unable(k, i) \
       :: step5_write(k, i) \
       :: step6_fence(k, i) \
       :: step7_post(k, i) \
       :: step7_run(k, i) \
       :: step8(k, i) \
       :: step9(k, i) \
       :: step9_write(k, i) \
       :: step10(k, i) \
       :: step11(k, i) \
       :: step11_job(k, i)

proctype Executor(byte k) {
end:
  do
  :: atomic {
       if
       look_at(k, 0)
       look_at(k, 1)
       :: step6(k, 0, 0)
       :: step6_behind(k, 0, 0)
       :: step6(k, 0, 2)
       :: step6_behind(k, 0, 2)
       :: step6(k, 1, 0)
       :: step6_behind(k, 1, 0)
       :: step6(k, 1, 1)
       :: step6_behind(k, 1, 1)
#if N > 2
       look_at(k, 2)
       :: step6(k, 0, 4)
       :: step6_behind(k, 0, 4)
       :: step6(k, 0, 6)
       :: step6_behind(k, 0, 6)
       :: step6(k, 1, 4)
       :: step6_behind(k, 1, 4)
       :: step6(k, 1, 5)
       :: step6_behind(k, 1, 5)
       :: step6(k, 2, 0)
       :: step6_behind(k, 2, 0)
       :: step6(k, 2, 1)
       :: step6_behind(k, 2, 1)
       :: step6(k, 2, 2)
       :: step6_behind(k, 2, 2)
       :: step6(k, 2, 3)
       :: step6_behind(k, 2, 3)
#endif
       :: lose_answer(k)
#ifdef REPLAY
       :: give_up(k)
#endif
       fi;
       settle()
     }
  od
}

/* ---- Kubernetes: the Job controller and nodes, the garbage collector; and a write that lands late ---- */

inline job_life(i) {
  if
  :: d_step { j[i].state == ACTIVE && told(A_JOB_FINISHED, i, 0) -> telling; j[i].state = FINISHED }
  :: d_step { j[i].deleting && told(A_JOB_GONE, i, 0) -> telling; lose_job(i) }
  :: d_step { j[i].pods -> j[i].pods = 0 }
  fi
}

inline remove_request(i) {
  write_request(i, ABSENT, 0);
  r[i].leaving = 0;
  goneRequests = goneRequests | bit_of(i);
  w[i].ours = 0;
  formerResumed[i] = resumed[i];
  resumed[i] = 0
}

/* Deletion in the foreground goes down from owner to dependents and up again. The collector may take a Job that has pods for
   one that has none yet: then they outlive it. */
inline collect(i) {
  if
  :: d_step { w[i].phase != ABSENT && (!w[i].ours || r[i].leaving) && !w[i].deleting && told(A_DELETING, i, 1) -> telling; delete_execution(i, 0) }
  :: d_step { w[i].phase != ABSENT && w[i].ours && r[i].leaving && !w[i].deleting && told(A_DELETING, i, 4) -> telling; delete_execution(i, 1) }
  :: d_step { w[i].lingering && j[i].state != ABSENT && !j[i].deleting && told(A_JOB_DELETING, i, 1) -> telling; j[i].deleting = 1 }
  :: d_step { w[i].lingering && j[i].state != ABSENT && !j[i].deleting && told(A_JOB_GONE, i, 1) -> telling; j[i].pods = (j[i].state == ACTIVE); lose_job(i) }
  :: d_step { w[i].lingering && w[i].finalizer && j[i].state == ABSENT -> w[i].lingering = 0; movedExecutions = movedExecutions | bit_of(i) }
  :: d_step { w[i].lingering && !w[i].finalizer && j[i].state == ABSENT && told(A_GONE, i, 0) -> telling; lose_execution(i) }
  :: d_step { r[i].leaving && !(w[i].phase != ABSENT && w[i].ours) && told(A_REQUEST_GONE, i, 1) -> telling; remove_request(i) }
  fi
}

inline landed() {
  let_go(FLIGHT)
}

/* What is in flight is sent once and lands as it is; what it was judged on is compared as if a live thread had sent it. */
inline land(i) {
  if
  :: d_step { hand[FLIGHT].op == CREATE && hand[FLIGHT].on == i && w[i].phase == ABSENT -> bear(i, hand[FLIGHT].same, 0); landed() }
  :: d_step { hand[FLIGHT].op == CREATE && hand[FLIGHT].on == i && w[i].phase == ABSENT && line > 0 -> bear(i, hand[FLIGHT].same, 1); landed() }
#if N > 2
  :: d_step { hand[FLIGHT].op == CREATE && hand[FLIGHT].on == i && w[i].phase == ABSENT && line > 1 -> bear(i, hand[FLIGHT].same, 2); landed() }
#endif
  :: d_step { hand[FLIGHT].op == REMOVE && hand[FLIGHT].on == i && !w[i].deleting -> delete_execution(i, 0); landed() }
  :: d_step { hand[FLIGHT].op == NAME && hand[FLIGHT].on == i -> write_request(i, EXECUTING, hand[FLIGHT].held); landed() }
  :: d_step { hand[FLIGHT].op == BLOCK && hand[FLIGHT].on == i -> write_request(i, BLOCKED, 0); landed() }
  :: d_step { hand[FLIGHT].op == UNBLOCK && hand[FLIGHT].on == i -> write_request(i, ANALYZING, 0); landed() }
  :: d_step { hand[FLIGHT].op == END && hand[FLIGHT].on == i -> write_request(i, ENDED, 0); landed() }
  :: d_step { hand[FLIGHT].op == FENCE && hand[FLIGHT].on == i -> write_execution(i, FENCED); landed() }
  :: d_step { hand[FLIGHT].op == POST_JOB && hand[FLIGHT].on == i && j[i].state == ABSENT -> bear_job(i); landed() }
  :: d_step { hand[FLIGHT].op == RUN && hand[FLIGHT].on == i -> write_execution(i, RUNNING); w[i].job = hand[FLIGHT].held; landed() }
  :: d_step { hand[FLIGHT].op == RESUME && hand[FLIGHT].on == i && j[i].state == SUSPENDED -> start_job(i); landed() }
  :: d_step { hand[FLIGHT].op == FINISH && hand[FLIGHT].on == i -> write_execution(i, DONE); landed() }
  :: d_step { hand[FLIGHT].op == KILL && hand[FLIGHT].on == i && !j[i].deleting -> kill_job(i); landed() }
  :: d_step { hand[FLIGHT].op == RELEASE && hand[FLIGHT].on == i -> release_execution(i); landed() }
  fi
}

#define cluster_of(i) \
       :: job_life(i) \
       :: collect(i) \
       :: land(i)

proctype Cluster() {
end:
  do
  :: atomic {
       if
       cluster_of(0)
       cluster_of(1)
#if N > 2
       cluster_of(2)
#endif
       fi;
       settle()
     }
  od
}

/* ---- people, retention and time: whatever they do, whenever they do it, as often as the budgets say ---- */

inline people_do(i) {
  if
  /* Cancelled, or TimedOut by our own clock. */
  :: d_step { left(cancels) && r[i].phase != ABSENT && r[i].phase != ENDED && told(A_ENDED, i, 1) -> telling; spend(cancels); write_request(i, ENDED, 0) }
  /* Deleted by a person at any time; retention does it to one that has ended. */
  :: d_step { left(removals) && r[i].phase != ABSENT && !r[i].leaving && told(A_REQUEST_GONE, i, 0) -> telling; spend(removals); remove_request(i) }
  :: d_step { left(removals) && r[i].phase != ABSENT && !r[i].leaving && told(A_REQUEST_LEAVING, i, 0) -> telling; spend(removals); r[i].leaving = 1; movedRequests = movedRequests | bit_of(i) }
  :: d_step { left(recreations) && r[i].phase == ABSENT && told(A_NEW, i, 0) -> telling; spend(recreations); write_request(i, ANALYZING, 0) }
  :: d_step { left(wfeDeletions) && w[i].phase != ABSENT && !w[i].deleting && told(A_DELETING, i, 0) -> telling; spend(wfeDeletions); delete_execution(i, 0) }
  :: d_step { left(wfeDeletions) && w[i].phase != ABSENT && !w[i].deleting && told(A_DELETING, i, 3) -> telling; spend(wfeDeletions); delete_execution(i, 1) }
  /* `kubectl delete job`: in the background, so the pods outlive it. */
  :: d_step { left(jobDeletions) && j[i].state != ABSENT && !j[i].deleting && told(A_JOB_GONE, i, 1) -> telling; spend(jobDeletions); j[i].pods = (j[i].state == ACTIVE); lose_job(i) }
  fi
}

proctype World() {
end:
  do
  :: atomic {
       if
       :: people_do(0)
       :: people_do(1)
#if N > 2
       :: people_do(2)
#endif
#ifdef FRESH
       /* From here on nothing goes wrong any more: what is stuck then is stuck for good. */
       :: d_step { cancels + removals + recreations + wfeDeletions + jobDeletions + overdue + unable + crashes > 0 || hand[FLIGHT].op != IDLE ->
            cancels = 0; removals = 0; recreations = 0; wfeDeletions = 0; jobDeletions = 0; overdue = 0; unable = 0; crashes = 0; let_go(FLIGHT) }
#endif
       fi;
       settle()
     }
  od
}

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
