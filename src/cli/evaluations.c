#include "cli/evaluations.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "cli/table.h"

/* Nine digits tell every float32 from its neighbours. */
enum { EXACT = 9, ROUNDED = 5 };

static const struct {
    const char *head;
    size_t offset; /* in struct modprop_evaluation */
    int digits;
} figure[] = {
    {"iteration", offsetof(struct modprop_evaluation, iteration), EXACT},
    {"loss", offsetof(struct modprop_evaluation, loss), EXACT},
    {"loss_total", offsetof(struct modprop_evaluation, loss_total), EXACT},
    {"accuracy", offsetof(struct modprop_evaluation, accuracy), ROUNDED},
    {"mean_rate", offsetof(struct modprop_evaluation, mean_rate), ROUNDED},
    {"radius", offsetof(struct modprop_evaluation, spectral_radius), ROUNDED},
    {"gradient", offsetof(struct modprop_evaluation, gradient_norm), ROUNDED},
};

enum { FIGURES = sizeof figure / sizeof *figure };

/* Nothing for what was not measured (the gradient before the first iteration). */
static void put_figure(struct modprop_table *table, const struct modprop_evaluation *evaluation,
                       size_t k)
{
    double value;
    memcpy(&value, (const char *)evaluation + figure[k].offset, sizeof value);
    if (isnan(value))
        modprop_table_cell(table, "%s", "");
    else
        modprop_table_cell(table, "%.*g", figure[k].digits, value);
}

void modprop_evaluations_print(FILE *out, const struct modprop_record *record)
{
    struct modprop_error err = {0};
    struct modprop_table *table = modprop_table_create();
    if (!table) {
        fprintf(out, "no memory for its evaluations\n");
        return;
    }
    for (size_t k = 0; k < FIGURES; k++)
        modprop_table_column(table, figure[k].head, MODPROP_RIGHT);
    for (size_t row = 0; row < record->evaluations; row++) {
        modprop_table_row(table, "");
        for (size_t k = 0; k < FIGURES; k++)
            put_figure(table, &record->evaluation[row], k);
    }
    if (modprop_table_print(out, table, &err) != MODPROP_OK)
        fprintf(out, "%s\n", err.message);
    modprop_table_free(table);
}
