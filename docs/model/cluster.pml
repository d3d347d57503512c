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
  r[i].formerResumed = r[i].resumed;
  r[i].resumed = 0
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
  :: d_step { hand[FLIGHT].op == REMOVE && hand[FLIGHT].on == i && !w[i].deleting -> take_away(i); landed() }
  :: d_step { hand[FLIGHT].op == NAME && hand[FLIGHT].on == i -> name_execution(i, hand[FLIGHT].held); landed() }
  :: d_step { hand[FLIGHT].op == BLOCK && hand[FLIGHT].on == i -> write_request(i, BLOCKED, r[i].named); landed() }
  :: d_step { hand[FLIGHT].op == GIVE_UP && hand[FLIGHT].on == i -> write_request(i, BLOCKED, hand[FLIGHT].held); landed() }
  :: d_step { hand[FLIGHT].op == UNBLOCK && hand[FLIGHT].on == i -> write_request(i, ANALYZING, r[i].named); landed() }
  :: d_step { hand[FLIGHT].op == END && hand[FLIGHT].on == i -> go_on(i); landed() }
  :: d_step { hand[FLIGHT].op == FENCE && hand[FLIGHT].on == i -> write_execution(i, FENCED); landed() }
  :: d_step { hand[FLIGHT].op == POST_JOB && hand[FLIGHT].on == i && j[i].state == ABSENT -> bear_job(i); landed() }
  :: d_step { hand[FLIGHT].op == RUN && hand[FLIGHT].on == i -> write_execution(i, RUNNING); w[i].job = hand[FLIGHT].held; landed() }
  :: d_step { hand[FLIGHT].op == RESUME && hand[FLIGHT].on == i && j[i].state == SUSPENDED -> start_job(i); landed() }
  :: d_step { hand[FLIGHT].op == FINISH && hand[FLIGHT].on == i -> write_execution(i, DONE); landed() }
  :: d_step { hand[FLIGHT].op == KILL && hand[FLIGHT].on == i && !j[i].deleting -> kill_job(i); landed() }
  :: d_step { hand[FLIGHT].op == RELEASE && hand[FLIGHT].on == i -> release_execution(i); landed() }
  fi
}

#define cluster(i) \
       :: job_life(i) \
       :: collect(i) \
       :: land(i)

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

/* From here on nothing goes wrong any more: what is stuck then is stuck for good. */
inline calm_down() {
  d_step { cancels + removals + recreations + wfeDeletions + jobDeletions + overdue + unable + crashes > 0 || hand[FLIGHT].op != IDLE ->
    cancels = 0; removals = 0; recreations = 0; wfeDeletions = 0; jobDeletions = 0; overdue = 0; unable = 0; crashes = 0; let_go(FLIGHT) }
}
