#include "analyze/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "engine/error.h"

extern char **environ;

enum {
    PATIENCE_S = 60,  /* a figure takes a tenth of a second */
    CHUNK = 1 << 16,  /* bytes read at once */
    WORDS_LIMIT = 400 /* bytes of what gnuplot said that fit into a message */
};

/* What a stream of the child brought. */
struct stream {
    int fd;
    char *text;
    size_t bytes, room;
};

struct child {
    pid_t pid;
    int in; /* -1: all is written */
    struct stream out, said;
    int why; /* errno of the exec that failed, 0: it started */
};

const char *modprop_gnuplot_advice(void)
{
    return "gnuplot is not installed: get it by `apt install gnuplot-nox` (Debian, Ubuntu), "
           "`dnf install gnuplot-minimal` (Fedora) or `brew install gnuplot` (macOS)";
}

bool modprop_gnuplot_found(void)
{
    const char *path = getenv("PATH");
    for (const char *at = path; at; at = strchr(at, ':') ? strchr(at, ':') + 1 : NULL) {
        char file[4096];
        const int length = (int)strcspn(at, ":");
        const int got = snprintf(file, sizeof file, "%.*s/gnuplot", length, length ? at : ".");
        if (got > 0 && (size_t)got < sizeof file && access(file, X_OK) == 0)
            return true;
    }
    return false;
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* Becomes gnuplot, or tells by `report` why not. Only calls that are safe after a fork; the
 * environment was made before it. */
static void become_gnuplot(int in, int out, int said, int report, char *const *environment)
{
    char *const argument[] = {"gnuplot", "-d", "-", NULL};
    signal(SIGPIPE, SIG_DFL);
    if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0 &&
        dup2(said, STDERR_FILENO) >= 0) {
        environ = (char **)environment;
        execvp(argument[0], argument);
    }
    const int why = errno;
    const ssize_t told = write(report, &why, sizeof why);
    _exit(told == sizeof why ? 127 : 126);
}

/* The environment with texts in UTF-8 (gnuplot's "C" cannot make a degree sign). The caller frees the
 * array alone. NULL: no memory. */
static char **utf8_environment(void)
{
    static char locale[] = "LC_ALL=C.UTF-8";
    size_t count = 0, kept = 0;
    while (environ[count])
        count++;
    char **made = calloc(count + 2, sizeof *made);
    if (!made)
        return NULL;
    for (size_t k = 0; k < count; k++)
        if (strncmp(environ[k], "LC_", 3) != 0 && strncmp(environ[k], "LANG", 4) != 0)
            made[kept++] = environ[k];
    made[kept] = locale;
    return made;
}

/* Pipes whose ends no other child inherits. */
static bool make_pipe(int end[2])
{
    if (pipe(end) != 0)
        return false;
    for (int k = 0; k < 2; k++) {
        /* Above the standard streams, should the caller have closed those. */
        const int moved = fcntl(end[k], F_DUPFD_CLOEXEC, 3);
        if (moved < 0)
            return false;
        close(end[k]);
        end[k] = moved;
    }
    return true;
}

/* Forks; on success the parent's ends are in *child. */
static bool start(struct child *child)
{
    int in[2] = {-1, -1}, out[2] = {-1, -1}, said[2] = {-1, -1}, report[2] = {-1, -1};
    char **environment = utf8_environment();
    bool good = environment && make_pipe(in) && make_pipe(out) && make_pipe(said) &&
                make_pipe(report) && fcntl(in[1], F_SETFL, O_NONBLOCK) == 0;
    if (good) {
        child->pid = fork();
        if (child->pid == 0)
            become_gnuplot(in[0], out[1], said[1], report[1], environment);
        good = child->pid > 0;
    }
    if (good) {
        close_fd(&report[1]);
        ssize_t got;
        do {
            got = read(report[0], &child->why, sizeof child->why);
        } while (got < 0 && errno == EINTR);
        if (got != sizeof child->why)
            child->why = 0;
        child->in = in[1];
        child->out.fd = out[0];
        child->said.fd = said[0];
        in[1] = out[0] = said[0] = -1;
    } else {
        child->why = errno;
    }
    for (int k = 0; k < 2; k++) {
        close_fd(&in[k]);
        close_fd(&out[k]);
        close_fd(&said[k]);
        close_fd(&report[k]);
    }
    free(environment);
    return good;
}

/* Reads what is there; closes the stream at its end. A zero always follows the text. */
static bool drain(struct stream *stream)
{
    if (stream->room - stream->bytes <= CHUNK) {
        const size_t room = 2 * stream->room + 2 * CHUNK;
        char *text = realloc(stream->text, room);
        if (!text)
            return false;
        stream->text = text;
        stream->room = room;
    }
    const ssize_t got = read(stream->fd, stream->text + stream->bytes, CHUNK);
    if (got < 0)
        return errno == EINTR;
    if (got == 0)
        close_fd(&stream->fd);
    stream->bytes += (size_t)got;
    stream->text[stream->bytes] = '\0';
    return true;
}

/* Writes as much of the rest as fits. A child that left early is told by its exit state. */
static void feed(struct child *child, const char **rest, size_t *left)
{
    const ssize_t put = write(child->in, *rest, *left);
    if (put > 0) {
        *rest += put;
        *left -= (size_t)put;
    }
    if (*left == 0 || (put < 0 && errno != EAGAIN && errno != EINTR))
        close_fd(&child->in);
}

/* Passes the script and collects both streams until they end. false: too long, or no memory (errno).
 */
static bool talk(struct child *child, const char *script)
{
    size_t left = strlen(script);
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    const time_t latest = now.tv_sec + PATIENCE_S;
    while (child->out.fd >= 0 || child->said.fd >= 0) {
        struct pollfd wait[] = {
            {child->in, POLLOUT, 0}, {child->out.fd, POLLIN, 0}, {child->said.fd, POLLIN, 0}};
        clock_gettime(CLOCK_MONOTONIC, &now);
        if (now.tv_sec >= latest) {
            errno = ETIMEDOUT;
            return false;
        }
        if (poll(wait, 3, 1000) < 0 && errno != EINTR)
            return false;
        if (child->in >= 0 && wait[0].revents)
            feed(child, &script, &left);
        if (child->out.fd >= 0 && wait[1].revents && !drain(&child->out))
            return false;
        if (child->said.fd >= 0 && wait[2].revents && !drain(&child->said))
            return false;
    }
    return true;
}

/* The last words of gnuplot on one line: those before are the script's line and a caret below it. */
static const char *last_words(const struct stream *said, char *text)
{
    size_t length = 0;
    for (const char *from = said->text; from && *from && length < WORDS_LIMIT - 2; from++) {
        const bool blank = (unsigned char)*from <= ' ';
        if (!blank || (length && text[length - 1] != ' '))
            text[length++] = blank ? ' ' : *from;
    }
    while (length && text[length - 1] == ' ')
        length--;
    text[length] = '\0';
    return text;
}

static enum modprop_status judge(const struct child *child, int state, struct modprop_error *err)
{
    char words[WORDS_LIMIT] = "";
    last_words(&child->said, words);
    if (child->why == ENOENT)
        return MODPROP_FAIL(err, MODPROP_IO, "%s", modprop_gnuplot_advice());
    if (child->why)
        return MODPROP_FAIL(err, MODPROP_IO, "gnuplot cannot be started: %s", strerror(child->why));
    if (WIFSIGNALED(state))
        return MODPROP_FAIL(err, MODPROP_IO, "gnuplot was ended by signal %d%s%s", WTERMSIG(state),
                            *words ? ": " : "", words);
    if (WEXITSTATUS(state) != 0)
        return MODPROP_FAIL(err, MODPROP_IO, "gnuplot left with %d: %s", WEXITSTATUS(state),
                            *words ? words : "it said nothing");
    if (child->out.bytes == 0)
        return MODPROP_FAIL(err, MODPROP_IO, "gnuplot drew nothing: %s",
                            *words ? words : "it said nothing");
    return MODPROP_OK;
}

enum modprop_status modprop_gnuplot_run(const char *script, char **image, size_t *bytes,
                                        struct modprop_error *err)
{
    struct child child = {.pid = -1, .in = -1, .out = {.fd = -1}, .said = {.fd = -1}};
    /* A gnuplot that leaves early must not take us along. */
    struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
    enum modprop_status status = MODPROP_OK;
    int state = 0;
    *image = NULL;
    *bytes = 0;
    sigaction(SIGPIPE, &ignore, &before);
    if (!start(&child)) {
        status = MODPROP_FAIL(err, MODPROP_IO, "gnuplot cannot be started: %s",
                              strerror(child.why));
        goto cleanup;
    }
    if (!talk(&child, script)) {
        status = errno == ENOMEM
                     ? MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for what gnuplot drew")
                     : MODPROP_FAIL(err, MODPROP_IO, "gnuplot was given up: %s", strerror(errno));
        kill(child.pid, SIGKILL);
    }
    while (waitpid(child.pid, &state, 0) < 0 && errno == EINTR) {}
    if (status == MODPROP_OK)
        status = judge(&child, state, err);
    if (status == MODPROP_OK) {
        *image = child.out.text;
        *bytes = child.out.bytes;
        child.out.text = NULL;
    }
cleanup:
    close_fd(&child.in);
    close_fd(&child.out.fd);
    close_fd(&child.said.fd);
    free(child.out.text);
    free(child.said.text);
    sigaction(SIGPIPE, &before, NULL);
    return status;
}
