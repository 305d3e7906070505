/*
 * signals.h - SIGINT, SIGTERM and SIGUSR1 ask for an orderly stop.
 *
 * The handler only sets a flag, which every rank asks after each iteration. A second signal, at
 * least a second after the first, acts as if there were no handler: launchers such as srun send
 * SIGTERM twice in a row, people who press Ctrl-C again mean it. SIGPIPE is ignored: a sweep
 * outlives the reader of its output.
 */
#ifndef MODPROP_SCHEDULE_SIGNALS_H
#define MODPROP_SCHEDULE_SIGNALS_H

void modprop_signals_install(void);

/* The first signal that arrived, 0 if there was none. */
int modprop_signals_caught(void);

#endif
