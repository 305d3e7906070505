#include "analyze/report_command.h"

#include <string.h>

void modprop_report_command_word(FILE *out, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789_=.,:/+-@%";
    if (*word && strspn(word, plain) == strlen(word)) {
        fprintf(out, " %s", word);
        return;
    }
    fputs(" '", out);
    for (; *word; word++)
        fputs(*word == '\'' ? "'\\''" : (char[2]){*word, '\0'}, out);
    putc('\'', out);
}

void modprop_report_command_option(FILE *out, const char *option, const char *value)
{
    if (!value)
        return;
    fprintf(out, " %s", option);
    modprop_report_command_word(out, value);
}
