#include "schedule/signals.h"

#include <signal.h>
#include <stddef.h>
#include <time.h>

static volatile sig_atomic_t caught;    /* the signal flag */
static volatile sig_atomic_t caught_ms; /* when, on a clock that wraps at 2^30 ms */

enum { CLOCK_WRAP = 1 << 30, SECOND_AFTER_MS = 1000 };

static int now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int)(((long long)now.tv_sec * 1000 + now.tv_nsec / 1000000) % CLOCK_WRAP);
}

/* Calls only functions that POSIX allows in a handler. */
static void handle(int number)
{
    if (!caught) {
        caught_ms = now_ms();
        caught = number;
    } else if ((now_ms() - caught_ms + CLOCK_WRAP) % CLOCK_WRAP >= SECOND_AFTER_MS) {
        signal(number, SIG_DFL);
        raise(number);
    }
}

void modprop_signals_install(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGUSR1};
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
        sigaction(numbers[k], &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

int modprop_signals_caught(void)
{
    return caught;
}
