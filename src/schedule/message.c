#include "schedule/message.h"

#include <assert.h>
#include <limits.h>
#include <mpi.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "schedule/world.h"

/* One message on its way, with its bytes behind it. */
struct modprop_parcel {
    struct modprop_parcel *next;
    MPI_Request request;
    _Alignas(max_align_t) char bytes[];
};

/* What comes first in a RESULT; evaluations, weights and the message's text follow without gaps.
 * All ranks run the same program on hosts of one kind, so bytes mean the same everywhere. */
struct result_header {
    size_t run;
    enum modprop_run_state state;
    long iterations_done, diverged_at;
    double wall_s, cpu_s, started, heard;
    long attempts;
    bool checkpoint;
    size_t evaluations, weights, letters;
};

/* ------------------------------------------------------------------ sending */

/* Room for a message of `size` bytes, NULL if MPI or memory cannot hold it. */
static struct modprop_parcel *make_parcel(size_t size)
{
    return size > INT_MAX ? NULL : malloc(sizeof(struct modprop_parcel) + size);
}

static void send_parcel(struct modprop_outbox *outbox, struct modprop_parcel *parcel, int rank,
                        enum modprop_tag tag, size_t size)
{
    parcel->next = outbox->first;
    outbox->first = parcel;
    MODPROP_MPI(MPI_Isend(parcel->bytes, (int)size, MPI_BYTE, rank, (int)tag, MPI_COMM_WORLD,
                          &parcel->request));
}

void modprop_message_send(struct modprop_outbox *outbox, int rank, enum modprop_tag tag,
                          const void *bytes, size_t size)
{
    struct modprop_parcel *parcel = make_parcel(size);
    if (!parcel) {
        modprop_world_abort("no memory for a message of a few bytes");
        return;
    }
    if (size)
        memcpy(parcel->bytes, bytes, size);
    send_parcel(outbox, parcel, rank, tag, size);
}

static struct result_header header_of(const struct modprop_job_result *result)
{
    const struct modprop_record *record = &result->outcome.record;
    struct result_header header;
    memset(&header, 0, sizeof header); /* the gaps travel too */
    header.run = result->run;
    header.state = result->outcome.state;
    header.iterations_done = record->iterations_done;
    header.diverged_at = record->diverged_at;
    header.wall_s = record->wall_s;
    header.cpu_s = record->cpu_s;
    header.started = result->outcome.started;
    header.heard = result->outcome.heard;
    header.attempts = result->outcome.attempts;
    header.checkpoint = result->checkpoint;
    header.evaluations = record->evaluations;
    header.weights = record->weights ? result->weights : 0;
    header.letters = strlen(result->message) + 1;
    return header;
}

static char *put(char *to, const void *from, size_t size)
{
    if (size)
        memcpy(to, from, size);
    return to + size;
}

/* false if the result does not fit into a message or into memory. */
static bool try_to_send(struct modprop_outbox *outbox, const struct modprop_job_result *result)
{
    const struct modprop_record *record = &result->outcome.record;
    const struct result_header header = header_of(result);
    const size_t evaluation_bytes = header.evaluations * sizeof *record->evaluation;
    const size_t weight_bytes = header.weights * sizeof *record->weights;
    const size_t size = sizeof header + evaluation_bytes + weight_bytes + header.letters;
    struct modprop_parcel *parcel = make_parcel(size);
    if (!parcel)
        return false;
    char *end = put(parcel->bytes, &header, sizeof header);
    end = put(end, record->evaluation, evaluation_bytes);
    end = put(end, record->weights, weight_bytes);
    end = put(end, result->message, header.letters);
    assert(end == parcel->bytes + size);
    send_parcel(outbox, parcel, 0, MODPROP_TAG_RESULT, size);
    return true;
}

void modprop_message_send_result(struct modprop_outbox *outbox, struct modprop_job_result *result)
{
    if (try_to_send(outbox, result))
        return;
    modprop_job_result_fail(result, "the result is too large to be sent to rank 0: leave "
                                    "save_weights off or evaluate less often");
    if (!try_to_send(outbox, result))
        modprop_world_abort("no memory for a message of a few bytes");
}

void modprop_message_tidy(struct modprop_outbox *outbox)
{
    struct modprop_parcel **link = &outbox->first;
    while (*link) {
        struct modprop_parcel *parcel = *link;
        int gone = 0;
        MODPROP_MPI(MPI_Test(&parcel->request, &gone, MPI_STATUS_IGNORE));
        if (gone) {
            *link = parcel->next;
            free(parcel);
        } else {
            link = &parcel->next;
        }
    }
}

void modprop_message_drain(struct modprop_outbox *outbox)
{
    long nap_ns = 0;
    for (modprop_message_tidy(outbox); outbox->first; modprop_message_tidy(outbox))
        modprop_world_nap(&nap_ns);
}

/* ------------------------------------------------------------------ receiving */

/* Starts to receive the next message, if one has been announced. */
static bool start_to_receive(struct modprop_message *message, int rank)
{
    MPI_Message handle;
    MPI_Status status;
    int come = 0, size = 0;
    MODPROP_MPI(MPI_Improbe(rank < 0 ? MPI_ANY_SOURCE : rank, MPI_ANY_TAG, MPI_COMM_WORLD, &come,
                            &handle, &status));
    if (!come)
        return false;
    MODPROP_MPI(MPI_Get_count(&status, MPI_BYTE, &size));
    modprop_message_clear(message);
    *message = (struct modprop_message){.rank = status.MPI_SOURCE,
                                        .tag = (enum modprop_tag)status.MPI_TAG,
                                        .size = (size_t)size,
                                        .parcel = make_parcel((size_t)size)};
    if (!message->parcel) {
        modprop_world_abort("no memory to receive a message; fewer ranks on this host would fit");
        return false;
    }
    message->bytes = message->parcel->bytes;
    message->coming = true;
    MODPROP_MPI(
        MPI_Imrecv(message->parcel->bytes, size, MPI_BYTE, &handle, &message->parcel->request));
    return true;
}

bool modprop_message_receive(struct modprop_message *message, int rank)
{
    int here = 0;
    if (!message->coming && !start_to_receive(message, rank))
        return false;
    MODPROP_MPI(MPI_Test(&message->parcel->request, &here, MPI_STATUS_IGNORE));
    message->coming = !here;
    return here;
}

void modprop_message_read(const struct modprop_message *message, void *content, size_t size)
{
    assert(message->size == size);
    memcpy(content, message->bytes, size);
}

void modprop_message_read_result(const struct modprop_message *message,
                                 struct modprop_job_result *result)
{
    struct result_header header;
    assert(message->size > sizeof header);
    memcpy(&header, message->bytes, sizeof header);
    *result = (struct modprop_job_result){
        .run = header.run, .weights = header.weights, .checkpoint = header.checkpoint};
    struct modprop_outcome *outcome = &result->outcome;
    outcome->state = header.state;
    outcome->started = header.started;
    outcome->heard = header.heard;
    outcome->attempts = header.attempts;
    outcome->message = result->message;
    outcome->record = (struct modprop_record){.iterations_done = header.iterations_done,
                                              .diverged_at = header.diverged_at,
                                              .wall_s = header.wall_s,
                                              .cpu_s = header.cpu_s,
                                              .evaluations = header.evaluations};
    char *at = message->parcel->bytes + sizeof header;
    outcome->record.evaluation = (void *)at; /* aligned, as is the header of 8-byte fields */
    at += header.evaluations * sizeof *outcome->record.evaluation;
    if (header.weights)
        outcome->record.weights = (void *)at;
    at += header.weights * sizeof *outcome->record.weights;
    assert(header.letters <= sizeof result->message);
    memcpy(result->message, at, header.letters);
}

void modprop_message_clear(struct modprop_message *message)
{
    free(message->parcel);
    *message = (struct modprop_message){0};
}
