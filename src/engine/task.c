#include "engine/task.h"

#include <math.h>

/* A trial's noise has the blocks from b 2^32 on, what it is those from here; b < 2^28. */
static const uint64_t WORD_BLOCKS = (uint64_t)1 << 60;

void modprop_task_words(const struct modprop_trials *trials, size_t b, size_t k, uint32_t words[4])
{
    modprop_random_words(trials->stream, WORD_BLOCKS + ((uint64_t)k << 32) + b, words);
}

double modprop_task_share(uint32_t word)
{
    return (double)word * 0x1p-32;
}

size_t modprop_task_choice_of(uint32_t word, size_t count)
{
    return (size_t)((uint64_t)word * count >> 32);
}

void modprop_task_bump(const struct modprop_config *config, size_t steps, modprop_real *bump)
{
    const double reach = 50, width = 25;
    for (size_t k = 0; k < steps; k++) {
        const double s = steps > 1 ? reach * (2 * (double)k / (double)(steps - 1) - 1) : 0;
        bump[k] = (modprop_real)(config->cue_amplitude * exp(-s * s / (2 * width * width)) +
                                 config->cue_baseline);
    }
}

void modprop_task_fill(const struct modprop_task_input *input, modprop_real value)
{
    const size_t count = input->steps * input->R * input->n_in;
    for (size_t k = 0; k < count; k++)
        input->x[k] = value;
}

void modprop_task_show(const struct modprop_task_input *input, size_t r, size_t channel,
                       size_t start, size_t length, const modprop_real *course)
{
    const size_t from = start > input->t0 ? start : input->t0;
    const size_t end = input->t0 + input->steps;
    for (size_t t = from; t < start + length && t < end; t++)
        input->x[((t - input->t0) * input->R + r) * input->n_in + channel] = course[t - start];
}

/* The noise of the r-th trial: values at ... end - 1 of its sequence. */
static void add_noise(const struct modprop_task_input *input, size_t r,
                      const modprop_real *deviation)
{
    enum { SPAN = 256, BLOCK = 4 }; /* a block of random numbers holds four */
    const uint64_t first = (uint64_t)input->trial[r] << 32;
    const size_t n_in = input->n_in, end = (input->t0 + input->steps) * n_in;
    modprop_real *x = input->x + r * n_in;
    for (size_t at = input->t0 * n_in, channel = 0, count; at < end; at += count) {
        modprop_real normal[SPAN];
        const size_t skip = at % BLOCK;
        count = end - at < SPAN - skip ? end - at : SPAN - skip;
        modprop_random_noise(input->trials->stream, first + at / BLOCK, skip + count, normal);
        for (size_t k = skip; k < skip + count; k++) {
            x[channel] += deviation[channel] * normal[k];
            if (++channel == n_in) {
                channel = 0;
                x += input->R * n_in;
            }
        }
    }
}

void modprop_task_noise(const struct modprop_task_input *input, const modprop_real *deviation)
{
    for (size_t r = 0; r < input->R; r++)
        add_noise(input, r, deviation);
}
