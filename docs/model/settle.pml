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
