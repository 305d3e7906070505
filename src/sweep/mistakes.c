#include "sweep/mistakes.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void modprop_mistakes_clear(struct modprop_mistakes *mistakes)
{
    for (size_t k = 0; k < mistakes->count; k++)
        free(mistakes->line[k]);
    free(mistakes->line);
    free(mistakes->at);
    *mistakes = (struct modprop_mistakes){0};
}

bool modprop_mistakes_full(const struct modprop_mistakes *mistakes)
{
    return mistakes->count >= MODPROP_MISTAKES_MOST;
}

/* Room for all lines, made once: one more for the last line. */
static bool make_room(struct modprop_mistakes *mistakes)
{
    if (mistakes->line)
        return true;
    mistakes->line = calloc(MODPROP_MISTAKES_MOST + 1, sizeof *mistakes->line);
    mistakes->at = calloc(MODPROP_MISTAKES_MOST + 1, sizeof *mistakes->at);
    if (mistakes->line && mistakes->at)
        return true;
    free(mistakes->line);
    free(mistakes->at);
    mistakes->line = NULL;
    mistakes->at = NULL;
    return false;
}

static char *compose(const char *source, size_t line, const char *message)
{
    char number[32] = "";
    if (line)
        snprintf(number, sizeof number, ":%zu", line);
    const size_t size = strlen(source) + strlen(number) + strlen(message) + 3;
    char *text = malloc(size);
    if (!text)
        return NULL;
    snprintf(text, size, "%s%s: %s", source, number, message);
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
    return text;
}

/* Before the first mistake of a later line: those of one line stay in the order they were found. */
static void insert(struct modprop_mistakes *mistakes, size_t at, char *text)
{
    size_t place = mistakes->count++;
    for (; place > 0 && mistakes->at[place - 1] > at; place--) {
        mistakes->line[place] = mistakes->line[place - 1];
        mistakes->at[place] = mistakes->at[place - 1];
    }
    mistakes->line[place] = text;
    mistakes->at[place] = at;
}

void modprop_mistakes_add(struct modprop_mistakes *mistakes, size_t line, const char *format, ...)
{
    if (modprop_mistakes_full(mistakes))
        return;
    char message[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    const char *source = mistakes->source ? mistakes->source : "sweep";
    char *text = make_room(mistakes) ? compose(source, line, message) : NULL;
    if (text)
        insert(mistakes, line ? line : SIZE_MAX, text);
    else
        mistakes->refused = true;
}

void modprop_mistakes_finish(struct modprop_mistakes *mistakes)
{
    if (modprop_mistakes_full(mistakes)) {
        char message[80];
        snprintf(message, sizeof message,
                 "there may be more mistakes than these %d: mend them first",
                 MODPROP_MISTAKES_MOST);
        char *text = compose(mistakes->source ? mistakes->source : "sweep", 0, message);
        if (text)
            insert(mistakes, SIZE_MAX, text);
        else
            mistakes->refused = true;
    }
    mistakes->source = NULL;
}
