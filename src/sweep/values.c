#include "sweep/values.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/name.h"
#include "sweep/array.h"
#include "sweep/draw.h"
#include "sweep/key.h"

enum { COMPUTED_DIGITS = 15, DRAWN_DIGITS = 9, MOST_ARGUMENTS = 3 };
#define LARGEST_WHOLE 9007199254740992.0 /* 2^53: beyond, not every whole number is a double */

/* The reading of one key. */
struct reading {
    struct modprop_values *values;
    size_t parameter;
    const struct modprop_parameter *about;
    struct modprop_values_reader *reader;
    size_t items;
    bool wrong, refused;
};

#define TELL(reading, ...) \
    ((reading)->wrong = true, \
     modprop_mistakes_add((reading)->reader->mistakes, (reading)->values->line, __VA_ARGS__))

static double rounded(double value, int digits)
{
    char text[40];
    snprintf(text, sizeof text, "%.*g", digits, value);
    return strtod(text, NULL) + 0.0; /* no -0 */
}

/* ------------------------------------------------------------------ adding values */

/* Whether `more` values may still come; says so if not. */
static bool room_for(struct reading *r, double more, const char *item)
{
    if ((double)r->values->count + more > MODPROP_VALUES_MOST) {
        TELL(r, "%s: %.60s makes more than %d values", r->about->name, item, MODPROP_VALUES_MOST);
        return false;
    }
    if ((double)(r->reader->total + r->values->count) + more > MODPROP_VALUES_MOST_IN_FILE) {
        TELL(r, "%s: the keys of this file have more than %d values in all", r->about->name,
             MODPROP_VALUES_MOST_IN_FILE);
        return false;
    }
    return true;
}

static bool add(struct reading *r, double value)
{
    struct modprop_values *values = r->values;
    double *larger = modprop_array_grow(values->value, &values->room, values->count + 1,
                                        sizeof *larger);
    if (!larger) {
        r->refused = true;
        return false;
    }
    values->value = larger;
    values->value[values->count++] = value + 0.0;
    return true;
}

/* Adds a value that was computed for the k-th place of an item. */
static bool add_computed(struct reading *r, double value, size_t k, const char *item)
{
    struct modprop_error err = {0};
    if (modprop_parameter_check(r->parameter, value, &err) != MODPROP_OK) {
        TELL(r, "%s (value %zu of %.60s)", err.message, k + 1, item);
        return false;
    }
    return add(r, value);
}

/* ------------------------------------------------------------------ functions */

/* a, b and k of a call. false if an end is not a value the parameter can have. */
static bool ends_fit(struct reading *r, const double *argument, const char *item)
{
    for (size_t k = 0; k < 2; k++) {
        struct modprop_error err = {0};
        if (modprop_parameter_check(r->parameter, argument[k], &err) != MODPROP_OK) {
            TELL(r, "%s (%s of %.60s)", err.message, k ? "the last" : "the first", item);
            return false;
        }
    }
    return true;
}

static bool count_fits(struct reading *r, double count, const char *item)
{
    if (!(count >= 1 && count == floor(count))) {
        TELL(r, "%s: %.60s: how many values must be a whole number, at least 1", r->about->name,
             item);
        return false;
    }
    return room_for(r, count, item);
}

static bool logarithms_exist(struct reading *r, const double *argument, const char *item)
{
    if (argument[0] > 0 && argument[1] > 0)
        return true;
    TELL(r,
         "%s: %.60s: first and last must be above 0; they are the values themselves, not exponents",
         r->about->name, item);
    return false;
}

static void linspace(struct reading *r, const double *argument, const char *item)
{
    const double a = argument[0], b = argument[1], last = argument[2] - 1;
    if (!count_fits(r, argument[2], item) || !ends_fit(r, argument, item))
        return;
    bool fine = true;
    for (size_t k = 0; (double)k <= last && fine; k++) {
        const double between = a + (b - a) * (double)k / last;
        const double value = k == 0 ? a : (double)k == last ? b : rounded(between, COMPUTED_DIGITS);
        fine = add_computed(r, value, k, item);
    }
}

static void logspace(struct reading *r, const double *argument, const char *item)
{
    const double a = argument[0], b = argument[1], last = argument[2] - 1;
    if (!logarithms_exist(r, argument, item) || !count_fits(r, argument[2], item) ||
        !ends_fit(r, argument, item))
        return;
    bool fine = true;
    for (size_t k = 0; (double)k <= last && fine; k++) {
        /* The quotient of two doubles may not be one. */
        const long double between = a * powl((long double)b / a, (long double)k / last);
        const double value = k == 0              ? a
                             : (double)k == last ? b
                                                 : rounded((double)between, COMPUTED_DIGITS);
        fine = add_computed(r, value, k, item);
    }
}

static void draw(struct reading *r, const double *argument, const char *item, bool logarithmic)
{
    const double a = argument[0], b = argument[1];
    const struct modprop_sweep_settings *settings = r->reader->settings;
    const bool whole = r->about->kind == MODPROP_INTEGER_VALUE;
    r->values->drawn = true;
    if (!ends_fit(r, argument, item))
        return;
    if (a > b) {
        TELL(r, "%s: %.60s: the first end is above the second, exchange them", r->about->name,
             item);
        return;
    }
    if (settings->samples == 0) {
        TELL(r, "%s: %.60s: say in [sweep] how many are drawn, samples = 20", r->about->name, item);
        return;
    }
    if (!room_for(r, (double)settings->samples, item))
        return;
    bool fine = true;
    for (size_t sample = 0; sample < settings->samples && fine; sample++) {
        const double u = modprop_draw(settings->sample_seed, r->about->name, sample);
        double value = logarithmic ? exp(log(a) + (log(b) - log(a)) * u)
                       : whole     ? floor(a + (b - a + 1) * u)
                                   : a + (b - a) * u;
        value = whole ? floor(value + 0.5) : rounded(value, DRAWN_DIGITS);
        fine = add_computed(r, fmin(fmax(value, a), b), sample, item);
    }
}

static void uniform(struct reading *r, const double *argument, const char *item)
{
    draw(r, argument, item, false);
}

static void loguniform(struct reading *r, const double *argument, const char *item)
{
    if (logarithms_exist(r, argument, item))
        draw(r, argument, item, true);
}

static const struct function {
    const char *name;
    const char *usage;
    size_t arguments;
    void (*fill)(struct reading *r, const double *argument, const char *item);
} functions[] = {
    {"linspace", "linspace(first, last, how many)", 3, linspace},
    {"logspace", "logspace(first, last, how many)", 3, logspace},
    {"uniform", "uniform(lowest, highest)", 2, uniform},
    {"loguniform", "loguniform(lowest, highest)", 2, loguniform},
};
enum { FUNCTIONS = sizeof functions / sizeof *functions };

static const char *function_choice(size_t index)
{
    return index < FUNCTIONS ? functions[index].name : NULL;
}

/* ------------------------------------------------------------------ items */

/* Without the white space around it; cuts the text. */
static char *trimmed(char *text)
{
    text += strspn(text, " \t");
    size_t length = strlen(text);
    while (length && strchr(" \t", text[length - 1]))
        length--;
    text[length] = '\0';
    return text;
}

/* Cuts off what stands before the next comma outside brackets. NULL past the last item. */
static char *next_item(char **rest)
{
    char *item = *rest, *c = item;
    if (!item)
        return NULL;
    for (int depth = 0; *c && (*c != ',' || depth > 0); c++)
        depth += (*c == '(') - (*c == ')');
    *rest = *c ? c + 1 : NULL;
    *c = '\0';
    return trimmed(item);
}

static bool number(const char *text, double *value)
{
    char *end;
    *value = strtod(text, &end);
    /* strtod alone would take hexadecimal numbers too. */
    return end != text && *end == '\0' && !text[strspn(text, "+-.0123456789eE")] &&
           isfinite(*value);
}

/* name(arguments): item is told in messages, text is a copy that is cut up. */
static void read_call(struct reading *r, const char *item, char *text)
{
    char *open = strchr(text, '('), *close = strrchr(text, ')');
    *open = '\0';
    const char *name = trimmed(text);
    const struct function *f = functions;
    while (f < functions + FUNCTIONS && strcmp(f->name, name) != 0)
        f++;
    if (f == functions + FUNCTIONS) {
        const char *near = modprop_name_nearest(function_choice, name);
        TELL(r,
             "%s: there is no function %.60s%s%s%s (known: linspace, logspace, uniform, "
             "loguniform)",
             r->about->name, name, near ? ", did you mean " : "", near ? near : "",
             near ? "?" : "");
        return;
    }
    if (!close || close[1] != '\0') {
        TELL(r, "%s: %.60s does not end with its closing bracket: write %s", r->about->name, item,
             f->usage);
        return;
    }
    *close = '\0';
    double argument[MOST_ARGUMENTS] = {0};
    size_t count = 0;
    char *rest = open + 1;
    for (char *next; (next = next_item(&rest)) != NULL; count++) {
        if (count < f->arguments && !number(next, &argument[count])) {
            TELL(r, "%s: %.60s: \"%.40s\" is not a number; write %s", r->about->name, item, next,
                 f->usage);
            return;
        }
    }
    if (count != f->arguments)
        TELL(r, "%s: %.60s has %zu numbers in its brackets; write %s", r->about->name, item, count,
             f->usage);
    else
        f->fill(r, argument, item);
}

/* first..last: dots points at the two dots in text, a copy of the item. */
static void read_range(struct reading *r, const char *item, char *text, char *dots)
{
    double first, last;
    *dots = '\0';
    if (!number(trimmed(text), &first) || !number(trimmed(dots + 2), &last) ||
        first != floor(first) || last != floor(last) || fabs(first) > LARGEST_WHOLE ||
        fabs(last) > LARGEST_WHOLE) {
        TELL(r,
             "%s: %.60s is not a range of whole numbers such as 1..8; for other steps there is "
             "linspace(first, last, how many)",
             r->about->name, item);
        return;
    }
    if (first > last) {
        TELL(r, "%s: %.60s runs backwards, write %.15g..%.15g", r->about->name, item, last, first);
        return;
    }
    const double ends[2] = {first, last};
    if (!ends_fit(r, ends, item) || !room_for(r, last - first + 1, item))
        return;
    bool fine = true;
    for (double value = first; value <= last && fine; value++)
        fine = add_computed(r, value, (size_t)(value - first), item);
}

static void read_plain(struct reading *r, const char *item)
{
    struct modprop_error err = {0};
    double value = 0;
    if (modprop_parameter_parse(r->parameter, item, &value, &err) != MODPROP_OK)
        TELL(r, "%s", err.message);
    else if (r->about->kind == MODPROP_TEXT_VALUE &&
             !modprop_texts_keep(r->reader->texts, value, item))
        r->refused = true;
    else if (room_for(r, 1, item))
        add(r, value);
}

static void read_item(struct reading *r, const char *item)
{
    const bool names = r->about->kind == MODPROP_NAME_VALUE;
    const bool is_text = r->about->kind == MODPROP_TEXT_VALUE; /* may have brackets and dots */
    char *text = modprop_array_text(item, strlen(item));
    if (!text) {
        r->refused = true;
        return;
    }
    char *dots = strstr(text, "..");
    if (!*item)
        TELL(r, "%s has an empty item in its list: is there a comma too many?", r->about->name);
    else if (is_text)
        read_plain(r, item);
    else if (names && strchr(text, '('))
        TELL(r, "%s takes names, not %.60s", r->about->name, item);
    else if (strchr(text, '('))
        read_call(r, item, text);
    else if (dots && !names)
        read_range(r, item, text, dots);
    else
        read_plain(r, item);
    r->items++;
    free(text);
}

/* ------------------------------------------------------------------ whole keys */

static bool make_parts(struct modprop_values *values, size_t parameter)
{
    values->part = calloc(values->count, sizeof *values->part);
    for (size_t k = 0; values->part && k < values->count; k++)
        values->part[k] = modprop_key_part(parameter, values->value[k]);
    return values->part != NULL;
}

enum modprop_status modprop_values_read(struct modprop_values *values, size_t parameter,
                                        const char *text, struct modprop_values_reader *reader)
{
    struct reading r = {values, parameter, modprop_parameter_at(parameter), reader, 0,
                        false,  false};
    char *copy = modprop_array_text(text, strlen(text));
    if (!copy)
        return MODPROP_NO_MEMORY;
    char *rest = copy;
    if (!*trimmed(copy)) {
        TELL(&r, "%s has no value: give it one or take the line away", r.about->name);
        rest = NULL;
    }
    for (char *item; !r.refused && !modprop_mistakes_full(reader->mistakes) &&
                     (item = next_item(&rest)) != NULL;)
        read_item(&r, item);
    if (values->drawn && r.items > 1)
        TELL(&r, "%s is drawn: uniform(...) or loguniform(...) must be its only item",
             r.about->name);
    free(copy);
    if (r.wrong)
        values->count = 0;
    reader->total += values->count;
    if (r.refused || (values->count && !make_parts(values, parameter)))
        return MODPROP_NO_MEMORY;
    return MODPROP_OK;
}

enum modprop_status modprop_values_default(struct modprop_values *values, size_t parameter)
{
    struct modprop_config config;
    modprop_config_init(&config);
    values->value = calloc(1, sizeof *values->value);
    if (!values->value)
        return MODPROP_NO_MEMORY;
    values->value[0] = modprop_parameter_value(parameter, &config);
    values->count = 1;
    return make_parts(values, parameter) ? MODPROP_OK : MODPROP_NO_MEMORY;
}

void modprop_values_clear(struct modprop_values *values)
{
    free(values->value);
    free(values->part);
    *values = (struct modprop_values){0};
}
