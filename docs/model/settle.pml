/* ---- after every step: who holds what, and the invariants ---- */

#define has(mask, i) (((mask) >> (i)) & 1)
#define compares_request(op) ((op) >= NAME && (op) <= END)
#define compares_execution(op) ((op) == FENCE || (op) == RUN || (op) == FINISH || (op) == RELEASE)
#ifdef Z10_NAME
#define without_version(x) (x.op == NAME && x.same)
#elif defined(Z10_RUN)
#define without_version(x) (x.op == RUN && x.same)
#elif defined(Z26)
#define without_version(x) ((x.op == BLOCK || x.op == GIVE_UP || x.op == UNBLOCK) && x.same)
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

#define swap(x, y) temporary = x; x = y; y = temporary

inline swap_hands(a, b) {
  swap(hand[a].op, hand[b].op);
  swap(hand[a].fresh, hand[b].fresh);
  swap(hand[a].same, hand[b].same);
  swap(hand[a].held, hand[b].held)
}

/* Threads that may do the same are the same: which of the two is in which place does not matter. */
inline in_order(a, b) {
  if
  :: rank_of(a) > rank_of(b) ->
    swap_hands(a, b);
    swap(hand[a].on, hand[b].on);
    swap(hand[a].todo, hand[b].todo);
    swap(hand[a].behind, hand[b].behind)
  :: else
  fi
}

/* So are requests, with all that is theirs, when each has as many threads. A recorded one is known by its place. */
#if !defined(REPLAY) && !defined(ASYMMETRIC) && (DOUBLED == 0 || DOUBLED == N)
#define SYMMETRIC
#endif

#define work_of(i) (hand[i].op << 3 | hand[i].fresh << 2 | hand[i].same << 1 | hand[i].held)
#define request_of(i) (r[i].phase << 4 | r[i].leaving << 3 | r[i].named << 2 | r[i].resumed << 1 | r[i].formerResumed)
#define execution_of(i) (w[i].phase << 7 | w[i].ours << 6 | w[i].finalizer << 5 | w[i].deleting << 4 | w[i].lingering << 3 | w[i].job << 2 | w[i].rank)
#define job_of(i) (j[i].state << 2 | j[i].deleting << 1 | j[i].pods)
#define place_of(i) (work_of(i) << 21 | request_of(i) << 14 | execution_of(i) << 4 | job_of(i))

inline swap_in(mask, a, b) {
  temporary = ((mask >> (a)) ^ (mask >> (b))) & 1;
  mask = mask ^ (temporary << (a)) ^ (temporary << (b))
}

inline swap_object(k, a, b) {
  if
  :: hand[k].op != IDLE && hand[k].on == a -> hand[k].on = b
  :: hand[k].op != IDLE && hand[k].on == b -> hand[k].on = a
  :: else
  fi;
  swap_in(hand[k].todo, a, b)
}

inline swap_requests(a, b) {
  swap(r[a].phase, r[b].phase);
  swap(r[a].leaving, r[b].leaving);
  swap(r[a].named, r[b].named);
  swap(r[a].resumed, r[b].resumed);
  swap(r[a].formerResumed, r[b].formerResumed);
  swap(w[a].phase, w[b].phase);
  swap(w[a].ours, w[b].ours);
  swap(w[a].finalizer, w[b].finalizer);
  swap(w[a].deleting, w[b].deleting);
  swap(w[a].lingering, w[b].lingering);
  swap(w[a].job, w[b].job);
  swap(w[a].rank, w[b].rank);
  swap(w[a].sawNone, w[b].sawNone);
  swap(w[a].sawRunning, w[b].sawRunning);
  swap(j[a].state, j[b].state);
  swap(j[a].deleting, j[b].deleting);
  swap(j[a].pods, j[b].pods);
  swap_hands(a, b);
#if DOUBLED == N
  swap_hands(N + a, N + b);
#endif
  for (h : 0 .. N - 1) {
    swap_in(w[h].sawNone, a, b);
    swap_in(w[h].sawRunning, a, b)
  }
  for (h : ORCHESTRATORS .. FLIGHT) { swap_object(h, a, b) }
}

inline in_place(a, b) {
  if
  :: place_of(a) > place_of(b) -> swap_requests(a, b)
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
    I1 = (number_of(is_running) <= 1);
    I2 = (number_of(acts) <= 1);
    I3 = of_all(acts_rightly);
    I5 = of_all(is_told) && !misled;
    assert(I1 || !checked(1));
    assert(I2 || !checked(2));
    assert(I3 || !checked(3));
    assert(I4 || !checked(4));
    assert(I5 || !checked(5));
    assert(!revived || !checked(7));
    L1 = !robbed;
    assert(L1 || !checked(6));
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
    misled = 0;
    robbed = 0;
    revived = 0;
#if DOUBLED > 0
    in_order(0, N);
#endif
#if DOUBLED > 1
    in_order(1, N + 1);
#endif
#if DOUBLED > 2
    in_order(2, N + 2);
#endif
#ifdef SYMMETRIC
    in_place(0, 1);
#if N > 2
    in_place(1, 2);
    in_place(0, 1);
#endif
#endif
#if EXECUTORS > 1
    in_order(ORCHESTRATORS, ORCHESTRATORS + 1);
#endif
#if EXECUTORS > 2
    in_order(ORCHESTRATORS + 1, ORCHESTRATORS + 2);
    in_order(ORCHESTRATORS, ORCHESTRATORS + 1);
#endif
#ifdef REPLAY
    inHand = 0;
    for (h : 0 .. HANDS - 1) { inHand = inHand + (hand[h].op != IDLE) }
    c_code { replayReached(now.tape, now.at); };
#endif
    temporary = 0;
    q = 0
  }
}
