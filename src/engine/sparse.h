/*
 * sparse.h - the entries of a matrix that are not 0, for products that leave the others out.
 *
 * With a tile of eight trials a dense product takes about 0.15 ns for an entry of a weight matrix
 * [m][n] on one core, a sparse one 0.6 ns for an entry that is not 0 and 5.7 ns for every row and column,
 * which go from trial by trial to side by side and back. So it pays where
 *     entries + 10 (m + n) < m n R / 32
 * below a connectivity of 0.08 at n = 120 and of 0.2 at n = 500; at n = 1000 and 0.05 it is four times as
 * fast. Gradients stay dense: disconnected entries get theirs too. Both products have the same bits.
 */
#ifndef MODPROP_ENGINE_SPARSE_H
#define MODPROP_ENGINE_SPARSE_H

#include "engine/kernel.h"
#include "engine/memory.h"

struct modprop_sparse {
    size_t m, n;
    size_t most;  /* entries there is room for; 0: none at all */
    size_t count; /* entries; SIZE_MAX: more than there is room for */
    uint32_t *first, *column;
    modprop_real *value; /* as in struct modprop_kernel_sparse */
};

/* Entries up to which a sparse product of R trials pays. */
size_t modprop_sparse_most(size_t m, size_t n, size_t R);

/* Room for as many entries as pay, if `expected` of them do. A refusal is noted in the plan. */
void modprop_sparse_take(struct modprop_sparse *sparse, struct modprop_memory_plan *plan, size_t m,
                         size_t n, size_t expected);
void modprop_sparse_clear(struct modprop_sparse *sparse); /* accepts a zeroed one */
size_t modprop_sparse_bytes(size_t m, size_t n, size_t expected);

/* The entries of W [m][n], rows ldw apart. */
void modprop_sparse_fill(struct modprop_sparse *sparse, const modprop_real *W, size_t ldw);

/* Whether a product of R trials should be made with it. */
static inline bool modprop_sparse_pays(const struct modprop_sparse *sparse, size_t R)
{
    return sparse->count <= modprop_sparse_most(sparse->m, sparse->n, R);
}

static inline struct modprop_kernel_sparse modprop_sparse_matrix(
    const struct modprop_sparse *sparse)
{
    return (struct modprop_kernel_sparse){sparse->first, sparse->column, sparse->value};
}

#endif
