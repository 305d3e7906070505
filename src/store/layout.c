#include "store/layout.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/error.h"
#include "engine/memory.h"

_Static_assert(sizeof(modprop_real) == sizeof(float),
               "weights are stored as the engine holds them");

enum { HOST_LENGTH = 64, MESSAGE_LENGTH = 256, KEY_LENGTH = 16, LONGEST_LABEL = 255 };

/* ------------------------------------------------------------------ names, sizes, fill values */

const char *modprop_layout_axis_name(enum modprop_axis axis)
{
    static const char *const names[MODPROP_AXES] = {
        "run",          "evaluation",     "key_length",     "name_length",    "variant_length",
        "label_length", "host_length",    "message_length", "weights/input",  "weights/pre",
        "weights/post", "weights/output", "log/start",      "log/line_length"};
    return names[axis];
}

size_t modprop_layout_element_size(enum modprop_element element)
{
    static const size_t sizes[MODPROP_ELEMENTS] = {1, 8, 4, 8, 1};
    return sizes[element];
}

const void *modprop_layout_fill(enum modprop_element element)
{
    static const int8_t byte = -1;
    static const int64_t whole = -1;
    static const float single = NAN;
    static const double real = NAN;
    static const char text = '\0';
    static const void *const fills[MODPROP_ELEMENTS] = {&byte, &whole, &single, &real, &text};
    return fills[element];
}

/* ------------------------------------------------------------------ values from the plan */

static void put_whole(void *out, int64_t value)
{
    memcpy(out, &value, sizeof value);
}

static void put_real(void *out, double value)
{
    memcpy(out, &value, sizeof value);
}

/* Copies what fits; never half of a UTF-8 character, whose later bytes are all 10xxxxxx. */
static void put_text(const struct modprop_variable *variable, void *out, const char *text)
{
    size_t length = strlen(text);
    if (length > variable->bytes)
        for (length = variable->bytes; length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80;)
            length--;
    memcpy(out, text, length);
}

static void put_run(const struct modprop_variable *variable, const struct modprop_row *row,
                    void *out)
{
    (void)variable;
    put_whole(out, (int64_t)row->run);
}

static void put_key(const struct modprop_variable *variable, const struct modprop_row *row,
                    void *out)
{
    char text[KEY_LENGTH + 1];
    snprintf(text, sizeof text, "%016" PRIx64, row->plan->key[row->run]);
    put_text(variable, out, text);
}

static void put_variant(const struct modprop_variable *variable, const struct modprop_row *row,
                        void *out)
{
    put_text(variable, out, row->plan->variant_name[row->plan->variant[row->run]]);
}

static void put_condition(const struct modprop_variable *variable, const struct modprop_row *row,
                          void *out)
{
    (void)variable;
    put_whole(out, row->plan->condition[row->run]);
}

static void put_label(const struct modprop_variable *variable, const struct modprop_row *row,
                      void *out)
{
    char text[LONGEST_LABEL + 1];
    modprop_plan_label(row->plan, row->run, text, sizeof text);
    put_text(variable, out, text);
}

static void put_path(const struct modprop_variable *variable, const struct modprop_row *row,
                     void *out)
{
    struct modprop_config config;
    modprop_plan_config(row->plan, row->run, &config);
    put_text(variable, out, modprop_path_name(modprop_config_path(&config)));
}

static void put_parameter(const struct modprop_variable *variable, const struct modprop_row *row,
                          void *out)
{
    const struct modprop_parameter *parameter = modprop_parameter_at(variable->index);
    const double value = row->plan->values[row->run * row->plan->parameters + variable->index];
    if (isnan(value))
        return;
    switch (parameter->kind) {
    case MODPROP_REAL_VALUE: put_real(out, value); break;
    case MODPROP_INTEGER_VALUE: put_whole(out, (int64_t)value); break;
    case MODPROP_NAME_VALUE: put_text(variable, out, parameter->choice((size_t)value)); break;
    case MODPROP_TEXT_VALUE:
        put_text(variable, out, modprop_texts_find(&row->plan->texts, value));
        break;
    }
}

/* ------------------------------------------------------------------ values from the outcome */

const struct modprop_outcome modprop_layout_nothing = {
    .state = MODPROP_RUN_PENDING,
    .rank = -1,
    .host = "",
    .started = NAN,
    .message = "",
    .attempts = 0,
    .heard = NAN,
    .record = {.iterations_done = -1, .diverged_at = -1, .wall_s = NAN, .cpu_s = NAN}};

static void put_state(const struct modprop_variable *variable, const struct modprop_row *row,
                      void *out)
{
    (void)variable;
    *(int8_t *)out = (int8_t)row->outcome->state;
}

/* Fields of the outcome, `index` being their offset. */
static const void *field(const struct modprop_variable *variable, const struct modprop_row *row)
{
    return (const char *)row->outcome + variable->index;
}

static void put_long(const struct modprop_variable *variable, const struct modprop_row *row,
                     void *out)
{
    put_whole(out, *(const long *)field(variable, row));
}

static void put_double(const struct modprop_variable *variable, const struct modprop_row *row,
                       void *out)
{
    put_real(out, *(const double *)field(variable, row));
}

static void put_string(const struct modprop_variable *variable, const struct modprop_row *row,
                       void *out)
{
    const char *text = *(const char *const *)field(variable, row);
    put_text(variable, out, text ? text : "");
}

/* The last evaluation, `index` being the offset of its field. */
static void put_final(const struct modprop_variable *variable, const struct modprop_row *row,
                      void *out)
{
    const struct modprop_record *record = &row->outcome->record;
    if (record->evaluations > 0)
        memcpy(out, (const char *)&record->evaluation[record->evaluations - 1] + variable->index,
               sizeof(double));
}

static void put_figure(const struct modprop_variable *variable, const struct modprop_row *row,
                       void *out)
{
    const size_t offset = modprop_figure_at(variable->index)->offset;
    const struct modprop_record *record = &row->outcome->record;
    assert(record->evaluations <= variable->width[1]);
    for (size_t k = 0; k < record->evaluations; k++)
        memcpy((char *)out + k * sizeof(double), (const char *)&record->evaluation[k] + offset,
               sizeof(double));
}

/* One matrix of the record's weights, rows of the run's own width into rows of the file's. */
static void put_matrix(const struct modprop_variable *variable, const struct modprop_row *row,
                       void *out)
{
    if (!row->outcome->record.weights)
        return;
    struct modprop_config config;
    size_t n_in, n_out;
    modprop_plan_config(row->plan, row->run, &config);
    modprop_config_shape(&config, &n_in, &n_out);
    const size_t n = (size_t)config.n;
    const size_t shape[][2] = {{n_in, n}, {n, n}, {n, n_out}, {1, n_out}};
    const modprop_real *from = row->outcome->record.weights;
    for (size_t before = 0; before < variable->index; before++)
        from += shape[before][0] * shape[before][1];
    const size_t *own = shape[variable->index];
    const size_t stride = variable->width[variable->rank - 1];
    for (size_t k = 0; k < own[0]; k++)
        memcpy((float *)out + k * stride, from + k * own[1], own[1] * sizeof(float));
}

void modprop_layout_put(const struct modprop_variable *variable, const struct modprop_row *row,
                        void *out)
{
    const size_t size = modprop_layout_element_size(variable->element);
    memcpy(out, modprop_layout_fill(variable->element), size);
    for (size_t done = size; done < variable->bytes; done += done) /* each time twice as much */
        memcpy((char *)out + done, out,
               done < variable->bytes - done ? done : variable->bytes - done);
    if (variable->put)
        variable->put(variable, row, out);
}

/* ------------------------------------------------------------------ the table */

/* A table reads best by rows. */
/* clang-format off */
#define PLANNED MODPROP_KNOWN_PLANNED
#define AT_START MODPROP_KNOWN_AT_START
#define AT_END MODPROP_KNOWN_AT_END
#define ROW(name, element, rank, second, third, unit, help, known, put, index) \
    {name, element, {MODPROP_AXIS_RUN, second, third}, rank, unit, help, put, known, index, {1}, 0, 0}
#define WHOLE(name, known, put, index, unit, help) \
    ROW(name, MODPROP_INT64, 1, MODPROP_AXIS_RUN, MODPROP_AXIS_RUN, unit, help, known, put, index)
#define REAL(name, known, put, index, unit, help) \
    ROW(name, MODPROP_FLOAT64, 1, MODPROP_AXIS_RUN, MODPROP_AXIS_RUN, unit, help, known, put, index)
#define TEXT(name, known, put, index, axis, help) \
    ROW(name, MODPROP_CHAR, 2, axis, MODPROP_AXIS_RUN, "1", help, known, put, index)
#define MATRIX(name, index, rank, second, third, help) \
    ROW(name, MODPROP_FLOAT32, rank, second, third, "1", help, AT_END, put_matrix, index)
#define OUTCOME(field) offsetof(struct modprop_outcome, field)
#define FINAL(field) offsetof(struct modprop_evaluation, field)

static const struct modprop_variable of_plan[] = {
    WHOLE("run", PLANNED, put_run, 0, "1", "index of the run, from 0"),
    TEXT("run_key", PLANNED, put_key, 0, MODPROP_AXIS_KEY,
         "hash of all that the run reads, in hexadecimal: equal keys, equal runs"),
    TEXT("variant", PLANNED, put_variant, 0, MODPROP_AXIS_VARIANT,
         "section [variant ...] the run comes from, empty for the common part"),
    WHOLE("condition", PLANNED, put_condition, 0, "1",
          "runs that differ in nothing but the seed share this number"),
    TEXT("label", PLANNED, put_label, 0, MODPROP_AXIS_LABEL,
         "what tells the condition from the others"),
    TEXT("path_taken", PLANNED, put_path, 0, MODPROP_AXIS_NAME,
         "way the gradient is computed: online or offline"),
};

static const struct modprop_variable of_outcome[] = {
    WHOLE("iterations_done", AT_END, put_long, OUTCOME(record.iterations_done), "1",
          "training iterations that were finished"),
    WHOLE("diverged_at", AT_END, put_long, OUTCOME(record.diverged_at), "1",
          "iteration at which the network blew up"),
    REAL("wall_s", AT_END, put_double, OUTCOME(record.wall_s), "s", "time the run took"),
    REAL("cpu_s", AT_END, put_double, OUTCOME(record.cpu_s), "s", "processor time the run took"),
    REAL("final_loss", AT_END, put_final, FINAL(loss), "1", "loss of the last evaluation"),
    REAL("final_accuracy", AT_END, put_final, FINAL(accuracy), "1", "accuracy of the last evaluation"),
    WHOLE("rank", AT_START, put_long, OUTCOME(rank), "1", "MPI rank that trained the run"),
    TEXT("host", AT_START, put_string, OUTCOME(host), MODPROP_AXIS_HOST, "host that trained the run"),
    REAL("started", AT_START, put_double, OUTCOME(started), "seconds since 1970-01-01 00:00:00",
         "start of the run, UTC"),
    REAL("heard", AT_START, put_double, OUTCOME(heard), "seconds since 1970-01-01 00:00:00",
         "last sign of life of the run, its end once it is over, UTC"),
    WHOLE("attempts", AT_START, put_long, OUTCOME(attempts), "1",
          "times the run was begun from its start: more than 1 after --retry"),
    TEXT("message", AT_END, put_string, OUTCOME(message), MODPROP_AXIS_MESSAGE,
         "why the run failed, empty if it did not"),
};

static const struct modprop_variable of_state[] = {
    ROW("status", MODPROP_INT8, 1, MODPROP_AXIS_RUN, MODPROP_AXIS_RUN, "1", "state of the run",
        AT_START, put_state, 0),
    WHOLE("checksum", AT_END, NULL, 0, "1",
          "CRC-32 of the run's bytes in all other variables, in the order of checksum_order"),
};

static const struct modprop_variable of_weights[] = { /* in the order of the record */
    MATRIX("weights/W_in", 0, 3, MODPROP_AXIS_INPUT, MODPROP_AXIS_POST, "input weights at the end"),
    MATRIX("weights/W_rec", 1, 3, MODPROP_AXIS_PRE, MODPROP_AXIS_POST, "recurrent weights at the end"),
    MATRIX("weights/W_out", 2, 3, MODPROP_AXIS_PRE, MODPROP_AXIS_OUTPUT, "readout weights at the end"),
    MATRIX("weights/b_out", 3, 2, MODPROP_AXIS_OUTPUT, MODPROP_AXIS_RUN, "readout bias at the end"),
};
/* clang-format on */

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static void add(struct modprop_layout *layout, const struct modprop_variable *variable,
                size_t count)
{
    for (size_t k = 0; k < count; k++)
        layout->variable[layout->count++] = variable[k];
}

static void add_parameters(struct modprop_layout *layout)
{
    static const enum modprop_element elements[] = {[MODPROP_REAL_VALUE] = MODPROP_FLOAT64,
                                                    [MODPROP_INTEGER_VALUE] = MODPROP_INT64,
                                                    [MODPROP_NAME_VALUE] = MODPROP_CHAR,
                                                    [MODPROP_TEXT_VALUE] = MODPROP_CHAR};
    for (size_t index = 0; index < modprop_parameter_count(); index++) {
        const struct modprop_parameter *parameter = modprop_parameter_at(index);
        const struct modprop_variable variable = {
            .name = parameter->name,
            .element = elements[parameter->kind],
            .axis = {MODPROP_AXIS_RUN, MODPROP_AXIS_NAME},
            .rank = elements[parameter->kind] == MODPROP_CHAR ? 2 : 1,
            .unit = parameter->unit,
            .help = parameter->help,
            .put = put_parameter,
            .known = PLANNED,
            .index = index};
        add(layout, &variable, 1);
    }
}

static void add_figures(struct modprop_layout *layout)
{
    for (size_t index = 0; index < modprop_figure_count(); index++) {
        const struct modprop_figure *figure = modprop_figure_at(index);
        const struct modprop_variable variable = {
            .name = figure->name,
            .element = MODPROP_FLOAT64,
            .axis = {MODPROP_AXIS_RUN, MODPROP_AXIS_EVALUATION},
            .rank = 2,
            .unit = figure->unit,
            .help = figure->help,
            .put = put_figure,
            .known = AT_END,
            .index = index};
        add(layout, &variable, 1);
    }
}

/* ------------------------------------------------------------------ sizes */

static void widen(size_t *size, size_t length)
{
    *size = length > *size ? length : *size;
}

/* Axes that one run's configuration decides; the file has the largest. */
static void widen_for_run(size_t size[MODPROP_AXES], const struct modprop_plan *plan, size_t run)
{
    struct modprop_config config;
    size_t n_in, n_out;
    char label[LONGEST_LABEL + 1];
    modprop_plan_config(plan, run, &config);
    modprop_plan_label(plan, run, label, sizeof label);
    widen(&size[MODPROP_AXIS_LABEL], strlen(label));
    widen(&size[MODPROP_AXIS_EVALUATION], modprop_config_evaluations(&config));
    if (plan->save_weights) {
        modprop_config_shape(&config, &n_in, &n_out);
        widen(&size[MODPROP_AXIS_INPUT], n_in);
        widen(&size[MODPROP_AXIS_PRE], (size_t)config.n);
        widen(&size[MODPROP_AXIS_POST], (size_t)config.n);
        widen(&size[MODPROP_AXIS_OUTPUT], n_out);
    }
}

/* Texts stand where names do. */
static void widen_for_texts(size_t *size, const struct modprop_plan *plan, size_t run)
{
    for (size_t index = 0; index < plan->parameters; index++) {
        const double value = plan->values[run * plan->parameters + index];
        if (modprop_parameter_at(index)->kind == MODPROP_TEXT_VALUE && !isnan(value))
            widen(size, strlen(modprop_texts_find(&plan->texts, value)));
    }
}

static void measure(struct modprop_layout *layout, const struct modprop_plan *plan)
{
    size_t *size = layout->size;
    for (size_t axis = 0; axis < MODPROP_AXES; axis++)
        size[axis] = 1; /* HDF5 and netCDF are at their simplest without empty axes */
    size[MODPROP_AXIS_RUN] = layout->runs = plan->runs;
    size[MODPROP_AXIS_KEY] = KEY_LENGTH;
    size[MODPROP_AXIS_HOST] = HOST_LENGTH;
    size[MODPROP_AXIS_MESSAGE] = MESSAGE_LENGTH;
    size[MODPROP_AXIS_START] = MODPROP_HISTORY_LINES;
    size[MODPROP_AXIS_LINE] = MODPROP_HISTORY_WIDTH;
    for (size_t index = 0; index < modprop_parameter_count(); index++) {
        const struct modprop_parameter *parameter = modprop_parameter_at(index);
        for (size_t k = 0; parameter->choice && parameter->choice(k); k++)
            widen(&size[MODPROP_AXIS_NAME], strlen(parameter->choice(k)));
    }
    for (size_t run = 0; run < plan->runs; run++)
        widen_for_texts(&size[MODPROP_AXIS_NAME], plan, run);
    for (size_t k = 0; k < plan->variants; k++)
        widen(&size[MODPROP_AXIS_VARIANT], strlen(plan->variant_name[k]));
    for (size_t run = 0; run < plan->runs; run++)
        widen_for_run(size, plan, run);
}

/* Widths of each variable and their places in a row image. */
static void arrange(struct modprop_layout *layout)
{
    for (size_t k = 0; k < layout->count; k++) {
        struct modprop_variable *variable = &layout->variable[k];
        variable->bytes = modprop_layout_element_size(variable->element);
        for (size_t axis = 0; axis < variable->rank; axis++) {
            variable->width[axis] = axis == 0 ? 1 : layout->size[variable->axis[axis]];
            variable->bytes = modprop_memory_product(variable->bytes, variable->width[axis]);
        }
        variable->place = layout->bytes;
        layout->bytes += variable->bytes;
        layout->planned += variable->known == PLANNED;
    }
}

enum modprop_status modprop_layout_init(struct modprop_layout *layout,
                                        const struct modprop_plan *plan, struct modprop_error *err)
{
    *layout = (struct modprop_layout){0};
    const size_t most = LENGTH(of_plan) + modprop_parameter_count() + LENGTH(of_outcome) +
                        modprop_figure_count() + LENGTH(of_state) + LENGTH(of_weights);
    layout->variable = modprop_memory_get(most, sizeof *layout->variable);
    if (!layout->variable)
        return MODPROP_FAIL(err, MODPROP_NO_MEMORY, "no memory for the results file's table");
    measure(layout, plan);
    add(layout, of_plan, LENGTH(of_plan));
    add_parameters(layout);
    add(layout, of_outcome, LENGTH(of_outcome));
    add_figures(layout);
    layout->status = layout->count;
    layout->checksum = layout->count + 1;
    add(layout, of_state, LENGTH(of_state));
    if (plan->save_weights)
        add(layout, of_weights, LENGTH(of_weights));
    arrange(layout);
    return MODPROP_OK;
}

void modprop_layout_clear(struct modprop_layout *layout)
{
    modprop_memory_free(layout->variable);
    *layout = (struct modprop_layout){0};
}

uint64_t modprop_layout_bytes(const struct modprop_layout *layout)
{
    return (uint64_t)layout->bytes * layout->runs;
}
