/* ---- the executor: what thread k can do about any WorkflowExecution ---- */

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

#ifdef Z15_JOB
#define may_use_job(i) false
#define worth_posting(i) (j[i].state == ABSENT)
#else
#define may_use_job(i) (!j[i].deleting)
#define worth_posting(i) true
#endif

/* Step 6. `others` are those that go first to be fenced. */
inline step6(k, i, others) {
  if
  :: d_step { may_take(k) && w[i].phase == PENDING && admitted(i) && others == 0 && clear(i, 0) && worth_posting(i) -> pick(k, i, POST_JOB) }
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
  :: d_step { hand[k].op == POST_JOB && hand[k].on == i && j[i].state != ABSENT && may_use_job(i) -> hand[k].op = RUN; hand[k].held = 1 }
  :: d_step { hand[k].op == POST_JOB && hand[k].on == i && j[i].state != ABSENT && !may_use_job(i) -> let_go(k) }
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
#ifdef Z28
  false
#else
  d_step { may_take(k) && (w[i].phase == FENCED || w[i].phase == DONE) && j[i].state == SUSPENDED && !j[i].deleting -> pick(k, i, KILL); hand[k].fresh = 0; hand[k].held = 1 }
#endif
}

#define execution(k, i) \
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

#define step6_with(k, i, others) \
       :: step6(k, i, others) \
       :: step6_behind(k, i, others)

#if N > 2
#define executor(k) \
       execution(k, 0) \
       step6_with(k, 0, 0) \
       step6_with(k, 0, 2) \
       step6_with(k, 0, 4) \
       step6_with(k, 0, 6) \
       execution(k, 1) \
       step6_with(k, 1, 0) \
       step6_with(k, 1, 1) \
       step6_with(k, 1, 4) \
       step6_with(k, 1, 5) \
       execution(k, 2) \
       step6_with(k, 2, 0) \
       step6_with(k, 2, 1) \
       step6_with(k, 2, 2) \
       step6_with(k, 2, 3) \
       :: lose_answer(k) \
       :: give_up(k)
#else
#define executor(k) \
       execution(k, 0) \
       step6_with(k, 0, 0) \
       step6_with(k, 0, 2) \
       execution(k, 1) \
       step6_with(k, 1, 0) \
       step6_with(k, 1, 1) \
       :: lose_answer(k) \
       :: give_up(k)
#endif
