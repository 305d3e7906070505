#include "cli/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* The first of the environment's variables that is set, as a number; `fallback` if none is. */
static int number(const char *const *names, int fallback)
{
    for (; *names; names++)
        if (getenv(*names))
            return atoi(getenv(*names));
    return fallback;
}

int modprop_launch_rank(void)
{
    static const char *const names[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", NULL};
    return number(names, 0);
}

int modprop_launch_ranks(void)
{
    static const char *const mpirun[] = {"OMPI_COMM_WORLD_SIZE", NULL};
    static const char *const srun[] = {"SLURM_STEP_NUM_TASKS", NULL};
    return number(mpirun, getenv("PMIX_RANK") ? number(srun, 1) : 1);
}

int modprop_launch_local_ranks(void)
{
    static const char *const names[] = {"OMPI_COMM_WORLD_LOCAL_SIZE", NULL};
    return number(names, 1);
}

int modprop_launch_processors(void)
{
    const long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 ? (int)count : 1;
}

/* What the launcher writes to: mpirun takes the ranks' output through pipes. */
static int open_of_launcher(int fd)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/fd/%d", (long)getppid(), fd);
    return open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC | O_APPEND);
}

bool modprop_launch_terminal(int output, int *columns)
{
    enum { USUAL_COLUMNS = 80, SENSIBLE_COLUMNS = 20 };
    const bool launched = getenv("OMPI_COMM_WORLD_RANK") != NULL;
    const int fd = launched ? open_of_launcher(output) : dup(output);
    const bool terminal = fd >= 0 && isatty(fd);
    struct winsize size;
    *columns = USUAL_COLUMNS;
    if (terminal && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= SENSIBLE_COLUMNS)
        *columns = size.ws_col;
    if (fd >= 0)
        close(fd);
    return terminal;
}

size_t modprop_launch_width(size_t most)
{
    int columns;
    const bool narrow = modprop_launch_terminal(STDOUT_FILENO, &columns) && (size_t)columns < most;
    return narrow ? (size_t)columns : most;
}

bool modprop_launch_standard_files(void)
{
    int fd;
    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0 && close(fd) == 0)
        return true;
    fprintf(stderr, "/dev/null cannot be opened: %s\n", strerror(errno));
    return false;
}

void modprop_launch_outlive_readers(void)
{
    (void)signal(SIGPIPE, SIG_IGN);
}

/* A pipe or socket at whose other end there is nobody. */
static bool reader_has_left(int fd)
{
    struct pollfd end = {.fd = fd, .events = POLLOUT};
    return poll(&end, 1, 0) == 1 && (end.revents & POLLERR);
}

bool modprop_launch_printed(void)
{
    const bool flushed = fflush(stdout) == 0 && !ferror(stdout);
    return flushed || reader_has_left(STDOUT_FILENO);
}
