/*
 * What signals do to a rank: the first asks for an orderly end, one that comes a second later ends it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "engine/clock.h"
#include "schedule/signals.h"

static const int numbers[] = {SIGINT, SIGTERM, SIGUSR1};
enum { NUMBERS = sizeof numbers / sizeof *numbers };

enum { WELL = 7 }; /* a child's code when all was as it should be */

static void wait_ms(long ms)
{
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    while (nanosleep(&left, &left) != 0)
        ;
}

/* Two signals, so long after each other, in a child; what became of it. */
static int after_two(int first, long pause_ms, int second)
{
    const struct rlimit none = {0, 0};
    const pid_t child = fork();
    if (child == 0) {
        (void)setrlimit(RLIMIT_CORE, &none);
        modprop_signals_install();
        (void)raise(first);
        wait_ms(pause_ms);
        (void)raise(second);
        _exit(modprop_signals_caught() == first ? WELL : 1);
    }
    int ended;
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &ended, 0), child);
    return ended;
}

static void nothing_is_caught_before_it_comes(void **state)
{
    (void)state;
    assert_int_equal(modprop_signals_caught(), 0);
}

/* srun sends SIGTERM twice in a row. On a busy machine a second may pass between the two. */
static void two_signals_in_a_row_are_one(void **state)
{
    (void)state;
    for (size_t k = 0; k < NUMBERS; k++) {
        const double began = modprop_clock_s(CLOCK_MONOTONIC);
        const int ended = after_two(numbers[k], 0, numbers[(k + 1) % NUMBERS]);
        if (modprop_clock_s(CLOCK_MONOTONIC) - began >= 1)
            continue;
        assert_true(WIFEXITED(ended));
        assert_int_equal(WEXITSTATUS(ended), WELL);
    }
}

static void a_second_later_the_next_one_ends_the_rank(void **state)
{
    (void)state;
    for (size_t k = 0; k < NUMBERS; k++) {
        const int second = numbers[(k + 1) % NUMBERS], ended = after_two(numbers[k], 1050, second);
        assert_true(WIFSIGNALED(ended));
        assert_int_equal(WTERMSIG(ended), second);
    }
}

/* A write into a pipe that nobody reads is an error of the write, no more. */
static void a_reader_that_leaves_ends_nothing(void **state)
{
    (void)state;
    const int ended = after_two(SIGPIPE, 0, SIGPIPE);
    assert_true(WIFEXITED(ended));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_caught_before_it_comes),
        cmocka_unit_test(two_signals_in_a_row_are_one),
        cmocka_unit_test(a_second_later_the_next_one_ends_the_rank),
        cmocka_unit_test(a_reader_that_leaves_ends_nothing),
    };
    return cmocka_run_group_tests_name("signals", tests, NULL, NULL);
}
