/*
 * queue.h - the runs that no rank has yet, in the order in which they are handed out.
 */
#ifndef MODPROP_SCHEDULE_QUEUE_H
#define MODPROP_SCHEDULE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

struct modprop_queue {
    size_t *run; /* [count] */
    size_t count;
    size_t next; /* runs before this one have been taken */
};

/* Copies the order. false: no memory. */
bool modprop_queue_init(struct modprop_queue *queue, const size_t *todo, size_t count);
void modprop_queue_clear(struct modprop_queue *queue);

size_t modprop_queue_left(const struct modprop_queue *queue);

/* The next run; there must be one. */
size_t modprop_queue_take(struct modprop_queue *queue);

/* A run that had been taken becomes the next. */
void modprop_queue_give_back(struct modprop_queue *queue, size_t run);

/* Drops all that is left. */
void modprop_queue_empty(struct modprop_queue *queue);

#endif
