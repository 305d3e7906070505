#include "schedule/queue.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

bool modprop_queue_init(struct modprop_queue *queue, const size_t *todo, size_t count)
{
    *queue = (struct modprop_queue){.run = calloc(count ? count : 1, sizeof *queue->run)};
    if (!queue->run)
        return false;
    if (count)
        memcpy(queue->run, todo, count * sizeof *todo);
    queue->count = count;
    return true;
}

void modprop_queue_clear(struct modprop_queue *queue)
{
    free(queue->run);
    *queue = (struct modprop_queue){0};
}

size_t modprop_queue_left(const struct modprop_queue *queue)
{
    return queue->count - queue->next;
}

size_t modprop_queue_take(struct modprop_queue *queue)
{
    assert(queue->next < queue->count);
    return queue->run[queue->next++];
}

void modprop_queue_give_back(struct modprop_queue *queue, size_t run)
{
    assert(queue->next > 0);
    queue->run[--queue->next] = run;
}

void modprop_queue_empty(struct modprop_queue *queue)
{
    queue->next = queue->count;
}
