#include "engine/sparse.h"

/* Costs of a dense entry's eighth of a tile, and of a row or column, in units of that of a sparse
 * entry, measured (sparse.h). */
static const size_t DENSE_SHARE = 4, EDGE_COST = 10;

size_t modprop_sparse_most(size_t m, size_t n, size_t R)
{
    const size_t dense = modprop_memory_product(m, n) / (DENSE_SHARE * MODPROP_KERNEL_TILE) * R;
    const size_t edges = EDGE_COST * (m + n);
    return R <= MODPROP_KERNEL_TILE && dense > edges ? dense - edges : 0;
}

static size_t room(size_t m, size_t n, size_t expected)
{
    const size_t most = modprop_sparse_most(m, n, MODPROP_KERNEL_TILE);
    return expected <= most ? most : 0;
}

void modprop_sparse_take(struct modprop_sparse *sparse, struct modprop_memory_plan *plan, size_t m,
                         size_t n, size_t expected)
{
    const size_t most = room(m, n, expected);
    *sparse = (struct modprop_sparse){.m = m, .n = n, .most = most, .count = SIZE_MAX};
    if (!most)
        return;
    sparse->first = modprop_memory_take(plan, m + 1, sizeof *sparse->first);
    sparse->column = modprop_memory_take(plan, most, sizeof *sparse->column);
    sparse->value = modprop_memory_take(plan, most, sizeof *sparse->value);
}

void modprop_sparse_clear(struct modprop_sparse *sparse)
{
    modprop_memory_free(sparse->first);
    modprop_memory_free(sparse->column);
    modprop_memory_free(sparse->value);
    *sparse = (struct modprop_sparse){.count = SIZE_MAX};
}

size_t modprop_sparse_bytes(size_t m, size_t n, size_t expected)
{
    const size_t most = room(m, n, expected);
    return most ? (m + 1 + most) * sizeof(uint32_t) + most * sizeof(modprop_real) : 0;
}

void modprop_sparse_fill(struct modprop_sparse *sparse, const modprop_real *W, size_t ldw)
{
    size_t count = 0;
    sparse->count = SIZE_MAX;
    for (size_t row = 0; row < sparse->m && sparse->most > 0; row++) {
        sparse->first[row] = (uint32_t)count;
        for (size_t k = 0; k < sparse->n; k++) {
            if (W[row * ldw + k] == 0)
                continue;
            if (count == sparse->most)
                return;
            sparse->column[count] = (uint32_t)(k * MODPROP_KERNEL_TILE);
            sparse->value[count++] = W[row * ldw + k];
        }
    }
    if (sparse->most > 0) {
        sparse->first[sparse->m] = (uint32_t)count;
        sparse->count = count;
    }
}
