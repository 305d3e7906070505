/*
 * sequential_digits: which digit is it, its image seen row by row or pixel by pixel? (LeCun et al.
 * 1998; pixel by pixel: Le et al., arXiv 1504.00941. 1 ms a pixel and 56 ms to answer are those of the
 * published code of Bellec et al., NeurIPS 2018, where spikes tell the pixels and one more input that
 * an answer is due. By row, and how a loss counts: this program's.)
 *
 * Each trial shows an image drawn from the folder `data`: training trials those of the train-...
 * files, evaluations those of the t10k-... files or, where there are none, a share that training
 * never sees, the same for all seeds. A row (an input per column) or a pixel (one input) is shown
 * for digit_step_ms, 0 black and 1 white; digit_blank_ms without input follow. Noise
 * N(0, input_noise) is added to every input at every step. Class: the digit. Loss: the mean cross
 * entropy of the last loss_steps steps.
 */
#include <stdio.h>

#include "engine/error.h"
#include "engine/idx.h"
#include "engine/memory.h"
#include "engine/task.h"

enum { CLASSES = 10, LONGEST_PATH = MODPROP_TEXT_SIZE + 64 };
enum { TRAIN, TEST, SETS };

/* The files of a set. */
struct files {
    struct modprop_idx images, labels;
};

/* Images to draw from: `count` of a set's, in the order of `index`, or the first ones. */
struct pool {
    const struct files *files;
    const uint32_t *index; /* NULL: all, as they are */
    size_t count;
};

struct digits_task {
    struct files files[SETS];
    struct pool pool[SETS];
    uint32_t *split;     /* [images]: those to train on, then those kept; NULL with t10k files */
    size_t n_in, places; /* inputs, rows or pixels of an image */
    size_t step;         /* steps a place is shown */
    modprop_real noise[];
};

static void shape(const struct modprop_config *config, struct modprop_task_shape *s)
{
    const bool rows = config->digit_order == MODPROP_DIGIT_ROWS;
    const size_t places = (size_t)config->digit_rows * (rows ? 1 : (size_t)config->digit_columns);
    s->T = places * (size_t)config->digit_step_ms + (size_t)config->digit_blank_ms;
    s->n_in = rows ? (size_t)config->digit_columns : 1;
    s->n_out = CLASSES;
    s->loss_steps = (size_t)config->loss_steps < s->T ? (size_t)config->loss_steps : s->T;
    s->loss = MODPROP_LOSS_CROSS_ENTROPY;
}

/* ------------------------------------------------------------------ files */

static void name_files(const struct modprop_config *config, size_t set, char images[LONGEST_PATH],
                       char labels[LONGEST_PATH])
{
    static const char *const names[SETS] = {"train", "t10k"};
    snprintf(images, LONGEST_PATH, "%s/%s-images-idx3-ubyte", config->data, names[set]);
    snprintf(labels, LONGEST_PATH, "%s/%s-labels-idx1-ubyte", config->data, names[set]);
}

/* Reads a set by modprop_idx_head or modprop_idx_read and compares what its heads say. */
static enum modprop_status read_set(struct files *files, const struct modprop_config *config,
                                    size_t set,
                                    enum modprop_status (*read)(struct modprop_idx *idx,
                                                                const char *name, size_t rank,
                                                                struct modprop_error *err),
                                    struct modprop_error *err)
{
    char images[LONGEST_PATH], labels[LONGEST_PATH];
    struct modprop_error why = {0};
    name_files(config, set, images, labels);
    enum modprop_status status = read(&files->images, images, 3, &why);
    if (status == MODPROP_OK)
        status = read(&files->labels, labels, 1, &why);
    if (status != MODPROP_OK)
        return MODPROP_FAIL(err, status, "data = %s: %s", config->data, why.message);
    const size_t *const size = files->images.size;
    if (size[0] != files->labels.size[0])
        return MODPROP_FAIL(err, MODPROP_INVALID, "%s has %zu images, but %s has %zu labels",
                            images, size[0], labels, files->labels.size[0]);
    if (size[1] != (size_t)config->digit_rows || size[2] != (size_t)config->digit_columns)
        return MODPROP_FAIL(err, MODPROP_INVALID,
                            "the images in %s are %zu x %zu; set digit_rows = %zu and "
                            "digit_columns = %zu",
                            images, size[1], size[2], size[1], size[2]);
    return MODPROP_OK;
}

/* Whether the folder has images to evaluate on. */
static bool has_test(const struct modprop_config *config)
{
    char images[LONGEST_PATH], labels[LONGEST_PATH];
    name_files(config, TEST, images, labels);
    return modprop_idx_exists(images) || modprop_idx_exists(labels);
}

static void clear(struct files files[SETS])
{
    for (size_t set = 0; set < SETS; set++) {
        modprop_idx_clear(&files[set].images);
        modprop_idx_clear(&files[set].labels);
    }
}

static enum modprop_status check(const struct modprop_config *config, struct modprop_error *err)
{
    struct files files[SETS] = {0};
    enum modprop_status status = read_set(&files[TRAIN], config, TRAIN, modprop_idx_head, err);
    if (status == MODPROP_OK && has_test(config))
        status = read_set(&files[TEST], config, TEST, modprop_idx_head, err);
    clear(files);
    return status;
}

/* What the heads say; 0 for files that cannot be read, which check tells. */
static size_t bytes_of(const struct modprop_config *config)
{
    struct files files[SETS] = {0};
    size_t bytes = 0;
    for (size_t set = 0; set < SETS; set++)
        if ((set == TRAIN || has_test(config)) &&
            read_set(&files[set], config, set, modprop_idx_head, NULL) == MODPROP_OK)
            bytes += files[set].images.bytes + files[set].labels.bytes;
    if (!has_test(config))
        bytes += files[TRAIN].labels.bytes * sizeof(uint32_t);
    clear(files);
    return bytes;
}

static enum modprop_status check_labels(const struct modprop_idx *labels,
                                        const struct modprop_config *config,
                                        struct modprop_error *err)
{
    for (size_t k = 0; k < labels->bytes; k++)
        if (labels->data[k] >= CLASSES)
            return MODPROP_FAIL(err, MODPROP_INVALID,
                                "data = %s: label %zu of %zu is %d, but digits go from 0 to %d",
                                config->data, k, labels->bytes, labels->data[k], CLASSES - 1);
    return MODPROP_OK;
}

/* ------------------------------------------------------------------ life cycle */

/* Keeps each image back with probability digit_held_out, by a stream that no seed changes. */
static enum modprop_status split(struct digits_task *task, const struct modprop_config *config,
                                 struct modprop_error *err)
{
    const struct modprop_stream stream = modprop_random_stream(0, MODPROP_STREAM_TASK, 0);
    const size_t count = task->files[TRAIN].labels.bytes;
    size_t first = 0, last = count;
    task->split = modprop_memory_get(count, sizeof *task->split);
    if (!task->split)
        return modprop_memory_error("the images", count * sizeof *task->split, err);
    for (size_t k = 0; k < count; k++)
        task->split[modprop_random_uniform(stream, k) < config->digit_held_out ? --last : first++] =
            (uint32_t)k;
    if (first == 0 || last == count)
        return MODPROP_FAIL(err, MODPROP_INVALID,
                            "data = %s: %zu images are too few to keep a share digit_held_out = %g "
                            "of them for evaluation",
                            config->data, count, config->digit_held_out);
    task->pool[TRAIN] = (struct pool){&task->files[TRAIN], task->split, first};
    task->pool[TEST] = (struct pool){&task->files[TRAIN], task->split + first, count - first};
    return MODPROP_OK;
}

static enum modprop_status load(struct digits_task *task, const struct modprop_config *config,
                                struct modprop_error *err)
{
    const bool tested = has_test(config);
    enum modprop_status status = MODPROP_OK;
    for (size_t set = 0; set < SETS && (set == TRAIN || tested) && status == MODPROP_OK; set++) {
        status = read_set(&task->files[set], config, set, modprop_idx_read, err);
        if (status == MODPROP_OK)
            status = check_labels(&task->files[set].labels, config, err);
        task->pool[set] = (struct pool){&task->files[set], NULL, task->files[set].labels.bytes};
    }
    return status == MODPROP_OK && !tested ? split(task, config, err) : status;
}

static void release(void *state)
{
    struct digits_task *task = state;
    if (!task)
        return;
    clear(task->files);
    modprop_memory_free(task->split);
    modprop_memory_free(task);
}

static enum modprop_status create(void **state, const struct modprop_config *config,
                                  struct modprop_error *err)
{
    struct modprop_task_shape s;
    shape(config, &s);
    const size_t bytes = sizeof(struct digits_task) + s.n_in * sizeof(modprop_real);
    struct digits_task *task = modprop_memory_get(1, bytes);
    *state = NULL;
    if (!task)
        return modprop_memory_error("the task", bytes, err);
    task->n_in = s.n_in;
    task->places = (size_t)(config->digit_rows * config->digit_columns) / s.n_in;
    task->step = (size_t)config->digit_step_ms;
    for (size_t c = 0; c < s.n_in; c++)
        task->noise[c] = (modprop_real)config->input_noise;
    const enum modprop_status status = load(task, config, err);
    if (status == MODPROP_OK)
        *state = task;
    else
        release(task);
    return status;
}

/* ------------------------------------------------------------------ trials */

/* The image that trial b shows: its place in the files. */
static size_t image_of(const struct modprop_trials *trials, size_t b, const struct files **files)
{
    const struct digits_task *task = trials->state;
    const bool evaluates = trials->stream.name == MODPROP_STREAM_EVALUATION;
    const struct pool *pool = &task->pool[evaluates ? TEST : TRAIN];
    uint32_t words[4];
    modprop_task_words(trials, b, 0, words);
    const size_t drawn = modprop_task_choice_of(words[0], pool->count);
    *files = pool->files;
    return pool->index ? pool->index[drawn] : drawn;
}

static void begin(struct modprop_trials *trials)
{
    for (size_t b = 0; b < trials->B; b++) {
        const struct files *files;
        const size_t image = image_of(trials, b, &files);
        trials->label[b] = trials->kind[b] = files->labels.data[image];
    }
}

/* x [n_in]: what of an image is shown at step t. */
static void show(const struct digits_task *task, const unsigned char *pixels, size_t t,
                 modprop_real *x)
{
    const modprop_real white = 255;
    const size_t place = t / task->step;
    for (size_t c = 0; c < task->n_in; c++)
        x[c] = place < task->places ? (modprop_real)pixels[place * task->n_in + c] / white : 0;
}

static void input(const struct modprop_trials *trials, size_t t0, size_t steps, const size_t *trial,
                  size_t R, modprop_real *x)
{
    const struct digits_task *task = trials->state;
    const struct modprop_task_input in = {trials, t0, steps, trial, R, task->n_in, x};
    for (size_t r = 0; r < R; r++) {
        const struct files *files;
        const size_t image = image_of(trials, trial[r], &files);
        const unsigned char *const pixels = files->images.data + image * task->places * task->n_in;
        for (size_t k = 0; k < steps; k++)
            show(task, pixels, t0 + k, x + (k * R + r) * task->n_in);
    }
    modprop_task_noise(&in, task->noise);
}

const struct modprop_task modprop_task_sequential_digits = {
    .name = "sequential_digits",
    .summary = "name a digit whose image is shown row by row or pixel by pixel",
    .citation = "LeCun et al., Proc. IEEE 1998; Le et al., arXiv 1504.00941",
    .params = (const char *const[]){"data", "digit_order", "digit_rows", "digit_columns",
                                    "digit_step_ms", "digit_blank_ms", "digit_held_out",
                                    "input_noise", "loss_steps", NULL},
    .shape = shape,
    .check = check,
    .bytes = bytes_of,
    .create = create,
    .free = release,
    .begin = begin,
    .input = input,
};
