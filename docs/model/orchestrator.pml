/* ---- the orchestrator: what thread k can do about request i ---- */

#ifdef REPLAY
/* The fewer writes are in hand at once, the fewer ways there are to explain a trace; it is tried with few first. */
#define may_take(k) (hand[k].op == IDLE && inHand < c_expr { replayTraces[now.tape].hands })
#else
#define may_take(k) (hand[k].op == IDLE)
#endif

/* How often both threads of a request may have something in hand at once. */
#ifdef OVERLAPS
#define twin_works(k, i) (hand[((k) == (i) -> N + (i) : (i))].op != IDLE)
#define may_overlap(k, i) (overlaps > 0 || !twin_works(k, i))
#else
#define may_overlap(k, i) true
#endif

/* A request that is on its way out is left alone. */
#define looks_at(k, i) (may_take(k) && !r[i].leaving && may_overlap(k, i))

inline plan(k, what) {
  hand[k].op = what;
  hand[k].fresh = 1;
  hand[k].same = 1
}

inline take(k, i, what) {
#ifdef OVERLAPS
  if
  :: twin_works(k, i) -> overlaps--
  :: else
  fi;
#endif
  plan(k, what)
}

#if defined(Z7)
#define may_adopt(i) (w[i].phase == PENDING || w[i].phase == FENCED)
#elif defined(Z15_EXECUTION)
#define may_adopt(i) false
#else
#define may_adopt(i) (w[i].phase == PENDING || w[i].phase == RUNNING || w[i].phase == DONE)
#endif
#ifdef Z74
#define may_remove(i) true
#else
#define may_remove(i) (r[i].phase == ENDED || (r[i].named && r[i].phase != EXECUTING))
#endif
#ifdef Z5_OWNER
#define is_mine(k, i) true
#else
#define is_mine(k, i) (w[i].ours == hand[k].same)
#endif
/* Where caches are not behind, a thread does not ask for what it can see it will not get: it waits. */
#ifdef FRESH
#define worth_trying(i) (w[i].phase == ABSENT || (w[i].ours && !w[i].deleting && (may_adopt(i) || w[i].phase == FENCED)))
#else
#define worth_trying(i) true
#endif

/* Step 0: what r and its WorkflowExecution, both live, call for. A WorkflowExecution that is read after r and makes r move
   does so only if r has not moved since, so one look stands for both. */
inline step0_executing(k, i) {
  if
  :: d_step { looks_at(k, i) && r[i].phase == EXECUTING && r[i].named && w[i].phase == FENCED -> take(k, i, BLOCK) }
  :: d_step { looks_at(k, i) && r[i].phase == EXECUTING && r[i].named && w[i].phase == DONE -> take(k, i, END) }
#ifdef Z22
  /* A cache that is behind does not show it yet. */
  :: d_step { looks_at(k, i) && r[i].phase == EXECUTING && r[i].named -> take(k, i, END) }
#endif
#ifndef Z12
  :: d_step { looks_at(k, i) && r[i].phase == EXECUTING && !r[i].named -> take(k, i, END) }
#endif
  fi
}

inline step0_blocked(k, i) {
  d_step { looks_at(k, i) && r[i].phase == BLOCKED && seen_free(i) -> take(k, i, UNBLOCK) }
}

/* Steps 1 and 2. Step 1, the claim, is left out: without it everything below has to hold as well. */
inline step2(k, i) {
  if
  :: d_step { looks_at(k, i) && r[i].phase == ANALYZING && seen_busy(i) -> take(k, i, BLOCK) }
  :: d_step { looks_at(k, i) && r[i].phase == ANALYZING && seen_free(i) && worth_trying(i) -> take(k, i, CREATE) }
  fi
}

#define fenced_of(k, i) (w[i].phase == FENCED && is_mine(k, i) && !w[i].deleting && !may_adopt(i))

/* Step 3. A 409 and the GET after it are one step: a GET that comes later is a POST that comes later. Whether some version of r
   has given the fenced one up is asked of the latest: once it has, it does so until that one is gone (`revived` in settle.pml). */
inline step3(k, i, place) {
  if
  :: d_step { hand[k].op == CREATE && w[i].phase == ABSENT && place <= line && told(A_BORN, i, hand[k].same) ->
       telling; bear(i, hand[k].same, place); hand[k].op = NAME; hand[k].held = 1 }
#if N > 1
  :: d_step { place == 0 && hand[k].op == CREATE && w[i].phase != ABSENT && is_mine(k, i) && !w[i].deleting && may_adopt(i) -> hand[k].op = NAME; hand[k].held = 1 }
  :: d_step { place == 0 && hand[k].op == CREATE && fenced_of(k, i) && may_remove(i) -> hand[k].op = REMOVE; hand[k].held = 1 }
  :: d_step { place == 0 && hand[k].op == CREATE && fenced_of(k, i) && !may_remove(i) && hand[k].fresh -> hand[k].op = GIVE_UP; hand[k].held = 1 }
  :: d_step { place == 0 && hand[k].op == CREATE && fenced_of(k, i) && !may_remove(i) && !hand[k].fresh -> let_go(k) }
  :: d_step { place == 0 && hand[k].op == CREATE && w[i].phase != ABSENT && !(is_mine(k, i) && !w[i].deleting && (may_adopt(i) || w[i].phase == FENCED)) -> let_go(k) }
#endif
  :: d_step { place == 0 && hand[k].op == REMOVE && !w[i].deleting && told(A_DELETING, i, 2) ->
       telling; take_away(i); let_go(k) }
  :: d_step { place == 0 && hand[k].op == REMOVE && w[i].deleting -> let_go(k) }
  fi
}

/* Step 4. `fresh` holds, or the hand would have been let go. */
inline step4(k, i) {
  d_step { hand[k].op == NAME && r[i].phase != ABSENT && told(A_EXECUTING, i, hand[k].held) -> telling; name_execution(i, hand[k].held); let_go(k) }
}

inline step0_write(k, i) {
  if
  :: d_step { hand[k].op == BLOCK && told(A_BLOCKED, i, r[i].named) -> telling; write_request(i, BLOCKED, r[i].named); let_go(k) }
  :: d_step { hand[k].op == GIVE_UP && told(A_BLOCKED, i, hand[k].held) -> telling; write_request(i, BLOCKED, hand[k].held); let_go(k) }
  :: d_step { hand[k].op == UNBLOCK && told(A_UNBLOCKED, i, 0) -> telling; write_request(i, ANALYZING, r[i].named); let_go(k) }
  :: d_step { hand[k].op == END && told(A_ENDED, i, 0) -> telling; go_on(i); let_go(k) }
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

#ifdef REPLAY
inline give_up(k) {
  d_step { hand[k].op != IDLE -> let_go(k) }
}
#else
inline give_up(k) { false }
#endif

#if N > 2
#define step3_anywhere(k, i) :: step3(k, i, 0) :: step3(k, i, 1) :: step3(k, i, 2)
#else
#define step3_anywhere(k, i) :: step3(k, i, 0) :: step3(k, i, 1)
#endif

#define orchestrator(k, i) \
       :: step0_executing(k, i) \
       :: step0_blocked(k, i) \
       :: step0_write(k, i) \
       :: step2(k, i) \
       step3_anywhere(k, i) \
       :: step4(k, i) \
       :: lose_answer(k) \
       :: give_up(k)
