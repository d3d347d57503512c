/* ---- writes, as the API server carries them out ---- */

inline write_request(i, to, ref) {
  r[i].phase = to;
  r[i].named = ref;
  movedRequests = movedRequests | bit_of(i)
}

/* Step 0: onward, for what became of its WorkflowExecution. */
inline go_on(i) {
  misled = r[i].named && unfinished(i);
  write_request(i, ENDED, 0)
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

/* Step 3: a replica deletes a fenced one. */
inline take_away(i) {
  robbed = r[i].named && r[i].phase == EXECUTING;
  delete_execution(i, 0)
}

/* Step 4. */
inline name_execution(i, exact) {
  revived = exact && r[i].named && r[i].phase != EXECUTING;
  write_request(i, EXECUTING, exact)
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
  :: w[i].ours -> I4 = !r[i].resumed; r[i].resumed = 1
  :: else -> I4 = !r[i].formerResumed; r[i].formerResumed = 1
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
