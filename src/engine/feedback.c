#include "engine/feedback.h"

#include "engine/error.h"
#include "engine/memory.h"

static size_t types(const struct modprop_config *config)
{
    return config->feedback == MODPROP_FEEDBACK_TYPE ? 2 * (size_t)config->types_per_sign : 0;
}

/* Boundaries of the types of the units [begin, end): `count` groups, the last with the remainder. */
static void cut(size_t begin, size_t end, size_t count, size_t *first)
{
    for (size_t k = 0; k < count; k++)
        first[k] = begin + k * ((end - begin) / count);
}

enum modprop_status modprop_feedback_create(struct modprop_feedback **feedback,
                                            const struct modprop_config *config,
                                            const struct modprop_network *network,
                                            struct modprop_error *err)
{
    const size_t C = types(config);
    struct modprop_memory_plan plan = {0};
    struct modprop_feedback *fb = modprop_memory_take(&plan, 1, sizeof *fb);
    if (fb) {
        fb->first = modprop_memory_take(&plan, C + 1, sizeof *fb->first);
        fb->W_ab = modprop_memory_take(&plan, modprop_memory_product(C, C), sizeof *fb->W_ab);
        fb->pooled = modprop_memory_take(&plan, 2 * C, sizeof *fb->pooled);
    }
    if (plan.refused) {
        modprop_feedback_free(fb);
        *feedback = NULL;
        return modprop_memory_error("the feedback weights", plan.bytes, err);
    }
    fb->network = network;
    fb->C = C;
    if (C) {
        cut(0, network->n_inh, C / 2, fb->first);
        cut(network->n_inh, network->n, C / 2, fb->first + C / 2);
    }
    fb->first[C] = network->n;
    *feedback = fb;
    return MODPROP_OK;
}

void modprop_feedback_free(struct modprop_feedback *feedback)
{
    if (!feedback)
        return;
    modprop_memory_free(feedback->first);
    modprop_memory_free(feedback->W_ab);
    modprop_memory_free(feedback->pooled);
    modprop_memory_free(feedback);
}

size_t modprop_feedback_bytes(const struct modprop_config *config)
{
    const size_t C = types(config);
    return (C * C + 2 * C) * sizeof(modprop_real);
}

void modprop_feedback_refresh(struct modprop_feedback *feedback)
{
    const size_t C = feedback->C, n = feedback->network->n, *first = feedback->first;
    const modprop_real *W_rec = feedback->network->w.W_rec;
    for (size_t a = 0; a < C; a++) {
        for (size_t b = 0; b < C; b++) {
            double sum = 0;
            for (size_t pre = first[a]; pre < first[a + 1]; pre++)
                for (size_t post = first[b]; post < first[b + 1]; post++)
                    sum += W_rec[pre * n + post];
            const double pairs = (double)(first[a + 1] - first[a]) *
                                 (double)(first[b + 1] - first[b]);
            feedback->W_ab[a * C + b] = (modprop_real)(sum / pairs);
        }
    }
}

/* pooled [C] = sums of in [n] over the units of each type */
static void pool(const struct modprop_feedback *fb, const modprop_real *restrict in,
                 modprop_real *restrict pooled)
{
    for (size_t c = 0; c < fb->C; c++) {
        modprop_real sum = 0;
        for (size_t i = fb->first[c]; i < fb->first[c + 1]; i++)
            sum += in[i];
        pooled[c] = sum;
    }
}

/* sent [C] = received [C] W_ab^T */
static void cross(const struct modprop_feedback *fb, const modprop_real *restrict received,
                  modprop_real *restrict sent)
{
    const size_t C = fb->C;
    for (size_t a = 0; a < C; a++) {
        modprop_real sum = 0;
        for (size_t b = 0; b < C; b++)
            sum += received[b] * fb->W_ab[a * C + b];
        sent[a] = sum;
    }
}

/* out [n]: each unit gets its type's value */
static void spread(const struct modprop_feedback *fb, const modprop_real *restrict sent,
                   modprop_real *restrict out)
{
    for (size_t c = 0; c < fb->C; c++)
        for (size_t i = fb->first[c]; i < fb->first[c + 1]; i++)
            out[i] = sent[c];
}

void modprop_feedback_apply(const struct modprop_feedback *feedback, size_t R,
                            const modprop_real *in, modprop_real *out)
{
    const size_t C = feedback->C, ldn = feedback->network->ldn;
    if (C == 0) {
        modprop_network_return(feedback->network, R, in, out);
        return;
    }
    for (size_t r = 0; r < R; r++) {
        pool(feedback, in + r * ldn, feedback->pooled);
        cross(feedback, feedback->pooled, feedback->pooled + C);
        spread(feedback, feedback->pooled + C, out + r * ldn);
    }
}

double modprop_feedback_cost(const struct modprop_config *config)
{
    const double n = (double)config->n, C = (double)types(config), B = (double)config->batch;
    return C > 0 ? B * (2 * n + 2 * C * C) : 2 * B * n * n;
}
