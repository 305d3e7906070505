#include "sweep/spec.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/name.h"
#include "sweep/array.h"
#include "sweep/zip.h"

#define VARIANT "variant"

/* Which part the keys of each section belong to. */
struct reading {
    struct modprop_spec *spec;
    const struct modprop_sweepfile *file;
    struct modprop_mistakes *mistakes;
    struct modprop_values_reader values;
    size_t *part_of; /* [sections] */
};

/* ------------------------------------------------------------------ names */

/* Sections of the parameter table, each once, in its order. */
static const char *section_choice(size_t index)
{
    const size_t parameters = modprop_parameter_count();
    for (size_t p = 0; p < parameters; p++) {
        const char *section = modprop_parameter_at(p)->section;
        size_t earlier = 0;
        while (strcmp(modprop_parameter_at(earlier)->section, section) != 0)
            earlier++;
        if (earlier == p && index-- == 0)
            return section;
    }
    return NULL;
}

/* All keys: parameters, then the settings of [sweep]. */
static const char *key_choice(size_t index)
{
    const size_t parameters = modprop_parameter_count();
    if (index < parameters)
        return modprop_parameter_at(index)->name;
    index -= parameters;
    return index < modprop_sweep_key_count() ? modprop_sweep_key_at(index)->name : NULL;
}

static bool known_section(const char *name)
{
    for (size_t p = 0; p < modprop_parameter_count(); p++)
        if (strcmp(modprop_parameter_at(p)->section, name) == 0)
            return true;
    return false;
}

/* The name behind "variant", "" if there is none, NULL if this is another section. */
static const char *variant_name(const char *section)
{
    const size_t length = strlen(VARIANT);
    if (strncmp(section, VARIANT, length) != 0 ||
        (section[length] && !strchr(" \t", section[length])))
        return NULL;
    return section + length + strspn(section + length, " \t");
}

/* ------------------------------------------------------------------ sections */

static enum modprop_status add_part(struct modprop_spec *spec, const char *name, size_t line)
{
    const size_t parameters = modprop_parameter_count();
    struct modprop_part *part = &spec->part[spec->parts++];
    part->name = name;
    part->line = line;
    part->values = calloc(parameters, sizeof *part->values);
    part->zip = calloc(parameters, sizeof *part->zip);
    return part->values && part->zip ? MODPROP_OK : MODPROP_NO_MEMORY;
}

static enum modprop_status read_variant(struct reading *r, size_t section, const char *name)
{
    struct modprop_spec *spec = r->spec;
    const size_t line = r->file->section[section].line;
    if (!*name) {
        modprop_mistakes_add(r->mistakes, line, "the variant needs a name: [variant baselines]");
        return MODPROP_OK;
    }
    for (size_t k = 1; k < spec->parts; k++) {
        if (strcmp(spec->part[k].name, name) == 0) {
            modprop_mistakes_add(r->mistakes, line,
                                 "[variant %s] stands here and in line %zu: keep "
                                 "one or give it another name",
                                 name, spec->part[k].line);
            break;
        }
    }
    if (spec->parts > MODPROP_SPEC_VARIANTS) {
        modprop_mistakes_add(r->mistakes, line, "there are more than %d variants",
                             MODPROP_SPEC_VARIANTS);
        return MODPROP_OK;
    }
    r->part_of[section] = spec->parts;
    return add_part(spec, name, line);
}

/* A section that is not known: its keys are read as if they stood where they belong. */
static void tell_section(struct reading *r, const struct modprop_sweepfile_section *section)
{
    char known[128], first[32];
    modprop_name_list(section_choice, known, sizeof known);
    snprintf(first, sizeof first, "%.*s", (int)strcspn(section->name, " \t"), section->name);
    const char *near = modprop_name_nearest(section_choice, section->name);
    if (!near && modprop_name_distance(first, VARIANT) <= 2)
        near = "variant NAME";
    modprop_mistakes_add(
        r->mistakes, section->line, "there is no section [%.60s]%s%s%s (known: %s, variant NAME)",
        section->name, near ? ", did you mean [" : "", near ? near : "", near ? "]?" : "", known);
}

static enum modprop_status read_sections(struct reading *r)
{
    const size_t sections = r->file->sections;
    size_t variants = 0;
    for (size_t k = 0; k < sections; k++)
        variants += variant_name(r->file->section[k].name) != NULL;
    if (variants > MODPROP_SPEC_VARIANTS)
        variants = MODPROP_SPEC_VARIANTS;
    r->part_of = calloc(sections + 1, sizeof *r->part_of);
    r->spec->part = calloc(variants + 1, sizeof *r->spec->part);
    if (!r->part_of || !r->spec->part)
        return MODPROP_NO_MEMORY;
    enum modprop_status status = add_part(r->spec, "", 0);
    for (size_t k = 0; k < sections && status == MODPROP_OK; k++) {
        if (modprop_mistakes_full(r->mistakes))
            break;
        const struct modprop_sweepfile_section *section = &r->file->section[k];
        const char *variant = variant_name(section->name);
        if (variant)
            status = read_variant(r, k, variant);
        else if (!known_section(section->name))
            tell_section(r, section);
    }
    return status;
}

/* ------------------------------------------------------------------ keys */

/* Says so if a key of section `home` may not stand where it does. It is read all the same, so that
 * what else is wrong with it is told too. A section nobody knows has been told already. */
static void check_place(struct reading *r, const struct modprop_sweepfile_entry *entry,
                        const char *home)
{
    if (entry->section == MODPROP_SWEEPFILE_NONE) {
        modprop_mistakes_add(r->mistakes, entry->line,
                             "%s stands above the first section: put it "
                             "under [%s]",
                             entry->name, home);
        return;
    }
    const char *section = r->file->section[entry->section].name;
    if (known_section(section) && strcmp(section, home) != 0)
        modprop_mistakes_add(r->mistakes, entry->line, "%s belongs under [%s], not [%s]",
                             entry->name, home, section);
}

static bool in_variant(const struct reading *r, const struct modprop_sweepfile_entry *entry)
{
    return entry->section != MODPROP_SWEEPFILE_NONE &&
           variant_name(r->file->section[entry->section].name);
}

/* Whether the key came before in the same part. */
static bool twice(struct reading *r, const struct modprop_sweepfile_entry *entry, size_t *line)
{
    if (*line == 0) {
        *line = entry->line;
        return false;
    }
    modprop_mistakes_add(r->mistakes, entry->line, "%s is given here and in line %zu: keep one",
                         entry->name, *line);
    return true;
}

static struct modprop_part *part_of(struct reading *r, const struct modprop_sweepfile_entry *entry)
{
    const size_t section = entry->section;
    return &r->spec->part[section == MODPROP_SWEEPFILE_NONE ? 0 : r->part_of[section]];
}

static enum modprop_status read_setting(struct reading *r,
                                        const struct modprop_sweepfile_entry *entry, size_t index)
{
    struct modprop_part *part = part_of(r, entry);
    const bool zip = index == MODPROP_SWEEP_KEY_ZIP;
    if (!zip && in_variant(r, entry)) {
        modprop_mistakes_add(r->mistakes, entry->line,
                             "%s holds for the whole sweep: put it under "
                             "[sweep], not into a variant",
                             entry->name);
        return MODPROP_OK;
    }
    check_place(r, entry, "sweep");
    if (twice(r, entry, zip ? &part->zip_line : &r->spec->setting_line[index]))
        return MODPROP_OK;
    if (zip)
        return modprop_zip_read(part->zip, entry->value, entry->line, &part->zip_wrong,
                                r->mistakes);
    struct modprop_error err = {0};
    const enum modprop_status status = modprop_sweep_key_set(&r->spec->settings, index,
                                                             entry->value, &err);
    if (status == MODPROP_INVALID)
        modprop_mistakes_add(r->mistakes, entry->line, "%s", err.message);
    return status == MODPROP_NO_MEMORY ? status : MODPROP_OK;
}

static enum modprop_status read_parameter(struct reading *r,
                                          const struct modprop_sweepfile_entry *entry, size_t p)
{
    struct modprop_values *values = &part_of(r, entry)->values[p];
    check_place(r, entry, modprop_parameter_at(p)->section);
    if (twice(r, entry, &values->line))
        return MODPROP_OK;
    return modprop_values_read(values, p, entry->value, &r->values);
}

static void tell_unknown(struct reading *r, const struct modprop_sweepfile_entry *entry)
{
    const char *near = modprop_name_nearest(key_choice, entry->name);
    if (!near) {
        modprop_mistakes_add(r->mistakes, entry->line,
                             "there is no key %.60s; modprop_sweep --help "
                             "lists them all",
                             entry->name);
        return;
    }
    const size_t p = modprop_parameter_find(near);
    modprop_mistakes_add(r->mistakes, entry->line,
                         "there is no key %.60s, did you mean %s, under [%s]?", entry->name, near,
                         p < modprop_parameter_count() ? modprop_parameter_at(p)->section
                                                       : "sweep");
}

/* Settings first: the number of samples must be known when values are read. */
static enum modprop_status read_keys(struct reading *r)
{
    enum modprop_status status = MODPROP_OK;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t k = 0; k < r->file->entries && status == MODPROP_OK; k++) {
            const struct modprop_sweepfile_entry *entry = &r->file->entry[k];
            const size_t setting = modprop_sweep_key_find(entry->name);
            const size_t p = modprop_parameter_find(entry->name);
            if (modprop_mistakes_full(r->mistakes))
                return status;
            if (pass == 0 && setting < modprop_sweep_key_count())
                status = read_setting(r, entry, setting);
            else if (pass == 1 && p < modprop_parameter_count())
                status = read_parameter(r, entry, p);
            else if (pass == 1 && setting == modprop_sweep_key_count())
                tell_unknown(r, entry);
        }
    }
    return status;
}

static enum modprop_status make_defaults(struct modprop_spec *spec)
{
    const size_t parameters = modprop_parameter_count();
    struct modprop_config config;
    modprop_config_init(&config);
    modprop_sweep_key_defaults(&spec->settings);
    spec->fallback = calloc(parameters, sizeof *spec->fallback);
    if (!spec->fallback)
        return MODPROP_NO_MEMORY;
    enum modprop_status status = MODPROP_OK;
    for (size_t p = 0; p < parameters && status == MODPROP_OK; p++) {
        status = modprop_values_default(&spec->fallback[p], p);
        if (status == MODPROP_OK && modprop_parameter_at(p)->kind == MODPROP_TEXT_VALUE &&
            !modprop_texts_keep(&spec->texts, spec->fallback[p].value[0],
                                modprop_parameter_text(p, &config)))
            status = MODPROP_NO_MEMORY;
    }
    return status;
}

enum modprop_status modprop_spec_read(struct modprop_spec *spec,
                                      const struct modprop_sweepfile *file,
                                      struct modprop_mistakes *mistakes)
{
    struct reading r = {.spec = spec,
                        .file = file,
                        .mistakes = mistakes,
                        .values = {&spec->settings, mistakes, &spec->texts, 0}};
    enum modprop_status status = make_defaults(spec);
    if (status == MODPROP_OK)
        status = read_sections(&r);
    if (status == MODPROP_OK)
        status = read_keys(&r);
    free(r.part_of);
    return status;
}

void modprop_spec_clear(struct modprop_spec *spec)
{
    const size_t parameters = modprop_parameter_count();
    for (size_t k = 0; k < spec->parts; k++) {
        for (size_t p = 0; spec->part[k].values && p < parameters; p++)
            modprop_values_clear(&spec->part[k].values[p]);
        free(spec->part[k].values);
        free(spec->part[k].zip);
    }
    for (size_t p = 0; spec->fallback && p < parameters; p++)
        modprop_values_clear(&spec->fallback[p]);
    free(spec->part);
    free(spec->fallback);
    modprop_texts_clear(&spec->texts);
    modprop_sweep_key_clear(&spec->settings);
    *spec = (struct modprop_spec){0};
}
