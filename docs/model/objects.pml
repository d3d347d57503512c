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
  unsigned phase : 3;
  unsigned leaving : 1;        /* deleted in the foreground: there until its WorkflowExecution is gone */
  unsigned named : 1;          /* phaseProgress.workflowExecutionRef.uid is that of w[i] as it stands; not EXECUTING: given up */
  unsigned resumed : 1;        /* it has resumed a Job */
  unsigned formerResumed : 1;  /* the rr-i before it has */
}

typedef Execution {
  unsigned phase : 3;
  unsigned ours : 1;       /* its owner's uid is that of r[i] as it stands, not of an earlier rr-i */
  unsigned finalizer : 1;
  unsigned deleting : 1;   /* deletionTimestamp */
  unsigned lingering : 1;  /* deleted in the foreground: there until its Job is gone */
  unsigned job : 1;        /* executionRef.uid is that of j[i] as it stands */
  unsigned rank : 2;       /* its place by (creationTimestamp, uid) among those that are PENDING */
  unsigned sawNone : N;    /* bit q: at some moment since it was born, w[q] was absent or terminal */
  unsigned sawRunning : N;
}

typedef Job {
  unsigned state : 2;
  unsigned deleting : 1;   /* deletionTimestamp: deleted in the foreground, there until its pods are gone */
  unsigned pods : 1;       /* pods that have outlived it */
}

/* What a thread is about to write, and what it was judged on. For an orchestrator: fresh = the version of r[i] that it read
   is the latest, same = that uid still exists, held = the uid of w[i] that it goes by still exists. For an executor the
   same of w[i], w[i] and j[i]. The last hand is a write that has left a replica which crashed, and lands later or never. */
typedef Hand {
  unsigned op : 4;
  unsigned on : 2;      /* the i of the object that it is about */
  unsigned fresh : 1;
  unsigned same : 1;
  unsigned held : 1;
  unsigned todo : N;    /* others that are to be fenced first, by bit */
  unsigned behind : 1;  /* one of those has moved since */
}

#define IDLE 0
#define CREATE 1    /* step 3: POST we-<r> */
#define REMOVE 2    /* step 3: DELETE the fenced one (uid) */
#define NAME 3      /* step 4: CAS r to Executing */
#define BLOCK 4     /* CAS r to Blocked */
#define GIVE_UP 5   /* step 3: CAS r to Blocked, naming the fenced one */
#define UNBLOCK 6   /* CAS r back to the phase that was blocked */
#define END 7       /* CAS r onward, or to Failed */
#define FENCE 8     /* CAS w to fenced */
#define FENCE_OTHERS 9
#define POST_JOB 10 /* step 7 */
#define RUN 11      /* step 7: CAS w to Running */
#define RESUME 12   /* step 8: PATCH the Job (uid) */
#define FINISH 13   /* step 9 or 10: CAS w to Completed or Failed */
#define KILL 14     /* step 10: DELETE the Job (uid, foreground) */
#define RELEASE 15  /* step 11: PATCH the finalizer off */

Request r[N];
Execution w[N];
Job j[N];
Hand hand[HANDS];
unsigned crashes : 2 = CRASHES;
unsigned cancels : 2 = CANCELS;
unsigned removals : 2 = REMOVALS;
unsigned recreations : 2 = RECREATIONS;
unsigned wfeDeletions : 2 = WFE_DELETIONS;
unsigned jobDeletions : 2 = JOB_DELETIONS;
unsigned overdue : 2 = OVERDUE;
unsigned unable : 2 = UNABLE;
#ifdef OVERLAPS
unsigned overlaps : 2 = OVERLAPS;
#endif

/* What the step in hand has touched, for `settle`; zero between steps. */
hidden byte movedRequests, goneRequests, movedExecutions, goneExecutions, goneJobs;
hidden byte I1, I2, I3, I4 = 1, I5, L1, nobodyResumes;
hidden byte misled;  /* a request has gone on although the WorkflowExecution that it names has not ended */
hidden byte revived; /* a request is Executing by the WorkflowExecution that it had given up */
hidden byte robbed;  /* a replica has deleted the WorkflowExecution that a request is Executing by */
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
#define busy_besides(i) unfinished(1 - (i))
#else
#define of_all(what) (what(0) && what(1) && what(2))
#define busy_besides(i) (unfinished(((i) + 1) % 3) || unfinished(((i) + 2) % 3))
#endif
#ifdef Z23
#define busy(i) (busy_besides(i) || unfinished(i))
#else
#define busy(i) busy_besides(i)
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
