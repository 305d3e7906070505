#include "cli/text.h"

#include <math.h>
#include <string.h>

#include "cli/launch.h"

struct modprop_text modprop_text_duration(double seconds)
{
    struct modprop_text t = {"unknown"};
    const double minute = 60, hour = 3600, day = 86400;
    if (isnan(seconds) || seconds > 1e9)
        return t;
    if (seconds < 0.0995)
        snprintf(t.text, sizeof t.text, "%.2g ms", 1e3 * seconds);
    else if (seconds < 9.95)
        snprintf(t.text, sizeof t.text, "%.1f s", seconds);
    else if (seconds < 2 * minute)
        snprintf(t.text, sizeof t.text, "%.0f s", seconds);
    else if (seconds < hour)
        snprintf(t.text, sizeof t.text, "%d min %02d s", (int)(seconds / minute),
                 (int)fmod(seconds, minute));
    else if (seconds < day)
        snprintf(t.text, sizeof t.text, "%d h %02d min", (int)(seconds / hour),
                 (int)(fmod(seconds, hour) / minute));
    else
        snprintf(t.text, sizeof t.text, "%d d %d h", (int)(seconds / day),
                 (int)(fmod(seconds, day) / hour));
    return t;
}

struct modprop_text modprop_text_bytes(double bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB"};
    size_t k = 0;
    for (; bytes >= 999.5 && k + 1 < sizeof units / sizeof *units; k++)
        bytes /= 1000;
    struct modprop_text t;
    snprintf(t.text, sizeof t.text, "%.*f %s", k && bytes < 99.95 ? 1 : 0, bytes, units[k]);
    return t;
}

struct modprop_text modprop_text_count(size_t count, const char *noun)
{
    struct modprop_text t;
    snprintf(t.text, sizeof t.text, "%zu %s%s", count, noun, count == 1 ? "" : "s");
    return t;
}

void modprop_text_entry(FILE *out, const char *left, size_t indent, const char *right)
{
    const size_t width = modprop_launch_width(MODPROP_TEXT_WIDTH);
    size_t column = (size_t)fprintf(out, "%s", left);
    if (column && column + 2 > indent) {
        fputc('\n', out);
        column = 0;
    }
    fprintf(out, "%*s", (int)(indent - column), "");
    column = indent;
    while (*right) {
        const size_t word = strcspn(right, " ");
        if (column > indent && column + 1 + word > width) {
            fprintf(out, "\n%*s", (int)indent, "");
            column = indent;
        }
        if (column > indent)
            column += (size_t)fprintf(out, " ");
        column += (size_t)fprintf(out, "%.*s", (int)word, right);
        right += word;
        right += strspn(right, " ");
    }
    fputc('\n', out);
}
