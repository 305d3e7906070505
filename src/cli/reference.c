#include "cli/reference.h"

#include <string.h>

#include "cli/text.h"
#include "engine/error.h"
#include "engine/name.h"
#include "sweep/plan.h"

enum { INDENT = 30 };

/* ------------------------------------------------------------------ one parameter in words */

/* "0 to 1000", "above 0, up to 1", "cell, type". */
static void describe_range(const struct modprop_parameter *p, char *text, size_t size)
{
    if (p->kind == MODPROP_NAME_VALUE)
        modprop_name_list(p->choice, text, size);
    else if (p->kind == MODPROP_TEXT_VALUE)
        snprintf(text, size, "text");
    else if (p->minimum_excluded)
        snprintf(text, size, "above %.10g, up to %.10g", p->minimum, p->maximum);
    else
        snprintf(text, size, "%.10g to %.10g", p->minimum, p->maximum);
}

/* The parameter whose value decides who reads p; NULL if everybody does. */
static const char *decider(const struct modprop_parameter *p)
{
    switch (p->reader) {
    case MODPROP_READ_BY_RULE: return "rule";
    case MODPROP_READ_BY_TASK: return "task";
    case MODPROP_READ_BY_UNITS: return "units";
    case MODPROP_READ_BY_OPTIMISER: return "optimiser";
    case MODPROP_READ_ALWAYS: break;
    }
    return NULL;
}

/* Makes `when` ("feedback=type or ..., and type_labels=file") hold: the first of each part. What must
 * not have a value does not have it by default. */
static void fulfil(const char *when, struct modprop_config *config)
{
    static const char both[] = ", and ";
    for (; when; when = strstr(when, both) ? strstr(when, both) + sizeof both - 1 : NULL) {
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(when, " ,"), when);
        char *value = strchr(name, '=');
        *value++ = '\0';
        modprop_config_set(config, name, value, NULL); /* "name!" is no parameter */
    }
}

/* Adds a word to a list. */
static void append(char *text, size_t size, const char *word)
{
    const size_t used = strlen(text);
    snprintf(text + used, size - used, "%s%s", used ? ", " : "", word);
}

/* "mdgl, modprop", "" if everybody reads it; found by asking the engine. */
static void describe_readers(size_t index, char *text, size_t size)
{
    const struct modprop_parameter *p = modprop_parameter_at(index);
    const char *by = decider(p);
    bool read[256], all = true; /* more than there are parameters */
    text[0] = '\0';
    if (!by || modprop_parameter_count() > sizeof read / sizeof *read)
        return;
    const size_t at = modprop_parameter_find(by);
    const struct modprop_parameter *choices = modprop_parameter_at(at);
    for (size_t k = 0; choices->choice(k); k++) {
        struct modprop_config config;
        modprop_config_init(&config);
        modprop_parameter_assign(at, &config, (double)k);
        if (p->when)
            fulfil(p->when, &config);
        modprop_config_reads(&config, read);
        all = all && read[index];
        if (read[index])
            append(text, size, choices->choice(k));
    }
    if (all)
        text[0] = '\0';
}

/* `when` with blanks around its signs. */
static void condition_of(const struct modprop_parameter *p, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (const char *c = p->when; c && *c && used + 4 < size; c++) {
        const char *const before = *c == '!' || (*c == '=' && c[-1] != '!') ? " " : "";
        used += (size_t)snprintf(text + used, size - used, "%s%c%s", before, *c,
                                 *c == '=' ? " " : "");
    }
}

/* ------------------------------------------------------------------ --help */

static void print_parameter(FILE *out, size_t index)
{
    const struct modprop_parameter *p = modprop_parameter_at(index);
    char left[64], range[256], readers[256], when[128], right[1024];
    describe_range(p, range, sizeof range);
    describe_readers(index, readers, sizeof readers);
    condition_of(p, when, sizeof when);
    const bool has_unit = strcmp(p->unit, "1") != 0;
    snprintf(left, sizeof left, "  %s = %s", p->name, p->fallback);
    snprintf(right, sizeof right, "%s (%s%s%s%s%s%s%s)", p->help, range, has_unit ? " " : "",
             has_unit ? p->unit : "", readers[0] ? "; read by " : "", readers,
             when[0] ? "; only with " : "", when);
    modprop_text_entry(out, left, INDENT, right);
}

static void print_key(FILE *out, const struct modprop_sweep_key *key)
{
    char left[64];
    const bool empty = !key->fallback || !key->fallback[0];
    snprintf(left, sizeof left, "  %s%s%s", key->name, empty ? "" : " = ",
             empty ? "" : key->fallback);
    modprop_text_entry(out, left, INDENT, key->help);
}

void modprop_reference_help(FILE *out)
{
    const char *section = "sweep";
    fprintf(out, "  [sweep]\n");
    for (size_t k = 0; k < modprop_sweep_key_count(); k++)
        print_key(out, modprop_sweep_key_at(k));
    for (size_t k = 0; k < modprop_parameter_count(); k++) {
        const struct modprop_parameter *p = modprop_parameter_at(k);
        if (strcmp(p->section, section) != 0)
            fprintf(out, "\n  [%s]\n", section = p->section);
        print_parameter(out, k);
    }
}

/* Names of parameters, then of sweep keys; NULL past the last. */
static const char *any_name(size_t index)
{
    const size_t parameters = modprop_parameter_count();
    if (index < parameters)
        return modprop_parameter_at(index)->name;
    return index - parameters < modprop_sweep_key_count()
               ? modprop_sweep_key_at(index - parameters)->name
               : NULL;
}

enum modprop_status modprop_reference_entry(FILE *out, const char *name, struct modprop_error *err)
{
    for (size_t k = 0; any_name(k); k++) {
        if (strcmp(any_name(k), name) != 0)
            continue;
        if (k < modprop_parameter_count()) {
            fprintf(out, "  [%s]\n", modprop_parameter_at(k)->section);
            print_parameter(out, k);
        } else {
            fprintf(out, "  [sweep]\n");
            print_key(out, modprop_sweep_key_at(k - modprop_parameter_count()));
        }
        return MODPROP_OK;
    }
    const char *near = modprop_name_nearest(any_name, name);
    return MODPROP_FAIL(err, MODPROP_INVALID, "there is no parameter %s%s%s%s", name,
                        near ? ", did you mean " : "; `modprop_sweep --help all` lists them",
                        near ? near : "", near ? "?" : "");
}

/* ------------------------------------------------------------------ Markdown */

/* Text inside a cell: a bar would end it. */
static void print_cell(FILE *out, const char *text)
{
    fputs(" ", out);
    for (; *text; text++)
        fprintf(out, *text == '|' ? "\\%c" : "%c", *text);
    fputs(" |", out);
}

static void print_row(FILE *out, size_t index)
{
    const struct modprop_parameter *p = modprop_parameter_at(index);
    char name[80], fallback[80], range[256], readers[256], when[128];
    describe_range(p, range, sizeof range);
    describe_readers(index, readers, sizeof readers);
    condition_of(p, when, sizeof when);
    if (!readers[0])
        snprintf(readers, sizeof readers, "%s",
                 p->reader == MODPROP_READ_ALWAYS ? "all runs" : "all");
    if (when[0]) {
        const size_t used = strlen(readers);
        snprintf(readers + used, sizeof readers - used, " with %s", when);
    }
    snprintf(name, sizeof name, "`%s`", p->name);
    snprintf(fallback, sizeof fallback, "`%s`", p->fallback);
    fputs("|", out);
    print_cell(out, name);
    print_cell(out, fallback);
    print_cell(out, range);
    print_cell(out, strcmp(p->unit, "1") == 0 ? "" : p->unit);
    print_cell(out, readers);
    print_cell(out, p->help);
    fputs("\n", out);
}

void modprop_reference_markdown(FILE *out)
{
    const char *section = "";
    fprintf(out, "#### Keys of `[sweep]` that steer the sweep\n\n"
                 "| Key | Default | Meaning |\n|---|---|---|\n");
    for (size_t k = 0; k < modprop_sweep_key_count(); k++) {
        const struct modprop_sweep_key *key = modprop_sweep_key_at(k);
        fprintf(out, "| `%s` |", key->name);
        print_cell(out, key->fallback ? key->fallback : "");
        print_cell(out, key->help);
        fputs("\n", out);
    }
    for (size_t k = 0; k < modprop_parameter_count(); k++) {
        const struct modprop_parameter *p = modprop_parameter_at(k);
        if (strcmp(p->section, section) != 0)
            fprintf(out,
                    "\n#### Parameters of `[%s]`\n\n"
                    "| Parameter | Default | Values | Unit | Read by | Meaning |\n"
                    "|---|---|---|---|---|---|\n",
                    section = p->section);
        print_row(out, k);
    }
}
