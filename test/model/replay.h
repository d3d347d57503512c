/*
 * Traces for the model compiled with -DREPLAY. REPLAY_TRACES names a file of whitespace-separated numbers: how many traces;
 * then of each how many actions; then of each action its number, its object and its detail. REPLAY_HANDS says how many
 * writes may be in hand at once. At exit one line for each trace: "replay <trace> <actions taken at most> <of how many>".
 */
#include <stdio.h>
#include <stdlib.h>

typedef struct { int length; int best; int hands; int (*actions)[3]; } ReplayTrace;

static ReplayTrace *replayTraces;
static int replayTraceCount;

static void replayTell(void) {
  for (int t = 0; t < replayTraceCount; t++) printf("replay %d %d %d\n", t, replayTraces[t].best, replayTraces[t].length);
}

static int replayNumber(FILE *file) {
  int number;
  if (fscanf(file, "%d", &number) == 1) return number;
  fprintf(stderr, "the file of traces ends too early\n");
  exit(3);
}

static void replayLoad(void) {
  if (replayTraces) return;
  const char *path = getenv("REPLAY_TRACES");
  const char *hands = getenv("REPLAY_HANDS");
  FILE *file = path ? fopen(path, "r") : NULL;
  if (!file || !hands) {
    fprintf(stderr, "REPLAY_TRACES and REPLAY_HANDS are needed\n");
    exit(3);
  }
  replayTraceCount = replayNumber(file);
  replayTraces = calloc(replayTraceCount + 1, sizeof *replayTraces);
  for (int t = 0; t < replayTraceCount; t++) {
    ReplayTrace *trace = &replayTraces[t];
    trace->length = replayNumber(file);
    trace->hands = atoi(hands);
    trace->actions = calloc(trace->length + 1, sizeof *trace->actions);
    for (int a = 0; a < trace->length; a++)
      for (int part = 0; part < 3; part++) trace->actions[a][part] = replayNumber(file);
  }
  fclose(file);
  atexit(replayTell);
}

/* A trace whose end was reached needs no further search: nothing is the next action, and nothing is taken in hand. */
static void replayReached(int t, int at) {
  ReplayTrace *trace = &replayTraces[t];
  if (at <= trace->best) return;
  trace->best = at;
  if (at < trace->length) return;
  trace->hands = 0;
  for (int a = 0; a < trace->length; a++) trace->actions[a][0] = 0;
}
