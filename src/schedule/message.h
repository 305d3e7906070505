/*
 * message.h - what ranks say to each other, and how it travels.
 *
 *     rank 0 -> others                        others -> rank 0
 *     ASSIGN   train this run next            BEGUN     training of the run starts now
 *     RECALL   give your queued run back      PROGRESS  iterations done
 *     STOP     the last word                  RESULT    the run is over
 *                                             REMARK    something users should know of a run
 *                                             RETURNED  answer to RECALL: the run, or none
 *                                             LEAVING   the last word
 *
 * Every rank gets exactly one STOP and says exactly one LEAVING, so that nothing is on its way when
 * MPI ends. All sends are non-blocking from buffers of their own (the outbox): nobody ever waits
 * for a receiver, therefore nothing can deadlock. This header and message.c are the only place
 * where MPI is called, but for start and end (world.c).
 */
#ifndef MODPROP_SCHEDULE_MESSAGE_H
#define MODPROP_SCHEDULE_MESSAGE_H

#include "schedule/job.h"

enum modprop_tag {
    MODPROP_TAG_ASSIGN = 1, /* struct modprop_job */
    MODPROP_TAG_RECALL,     /* empty */
    MODPROP_TAG_STOP,       /* empty */
    MODPROP_TAG_BEGUN,      /* struct modprop_note */
    MODPROP_TAG_PROGRESS,   /* struct modprop_note */
    MODPROP_TAG_RESULT,     /* packed, see modprop_message_send_result */
    MODPROP_TAG_RETURNED,   /* struct modprop_note */
    MODPROP_TAG_REMARK,     /* struct modprop_remark */
    MODPROP_TAG_LEAVING,    /* struct modprop_note; iteration: enum modprop_reason */
};

/* Why a rank leaves. */
enum modprop_reason {
    MODPROP_REASON_TOLD,     /* rank 0 said STOP */
    MODPROP_REASON_SIGNAL,   /* a signal arrived */
    MODPROP_REASON_WALLTIME, /* no iteration would end in time */
};

/* A few words about a run. */
struct modprop_note {
    long run; /* -1: none */
    long iteration;
    double started;   /* seconds since 1970-01-01 UTC */
    double longest_s; /* what an iteration took at most */
};

struct modprop_remark {
    size_t run;
    char text[640];
};

/* Messages on their way. Zero-initialise. */
struct modprop_outbox {
    struct modprop_parcel *first;
};

/* Sends a copy of the bytes. */
void modprop_message_send(struct modprop_outbox *outbox, int rank, enum modprop_tag tag,
                          const void *bytes, size_t size);

/* Sends a finished run to rank 0. A result that is too large for a message or for the memory left
 * arrives as a failed run that says so. */
void modprop_message_send_result(struct modprop_outbox *outbox, struct modprop_job_result *result);

/* Lets go of what has arrived. Cheap; also gives MPI the occasion to move data. */
void modprop_message_tidy(struct modprop_outbox *outbox);

/* Waits until all has arrived. */
void modprop_message_drain(struct modprop_outbox *outbox);

/* A message that has come in, or is coming. Zero-initialise. */
struct modprop_message {
    int rank;
    enum modprop_tag tag;
    size_t size; /* bytes */
    const char *bytes;
    struct modprop_parcel *parcel; /* where the bytes are */
    bool coming;                   /* announced and not all here yet */
};

/* Takes the next message, in the place of the one before, if it is here; from rank 0 alone, or from
 * anybody (rank = -1). A large one arrives while its sender trains: does not wait for it either. */
bool modprop_message_receive(struct modprop_message *message, int rank);

/* The content of a message of fixed size. */
void modprop_message_read(const struct modprop_message *message, void *content, size_t size);

/* The content of a RESULT. Its arrays stay in the message: do not clear them, and use them before
 * the next modprop_message_receive. */
void modprop_message_read_result(const struct modprop_message *message,
                                 struct modprop_job_result *result);

void modprop_message_clear(struct modprop_message *message);

#endif
