/*
 * The check of the BLAS library, against one that computes wrong.
 */
#include <cblas.h>
#include <math.h>
#include <string.h>

#include "small_training.h"

enum fault { NONE, ONE_VALUE, TRANSPOSED, NOT_A_NUMBER };
static enum fault fault;

/* As cblas_sgemm, which the linker puts here. */
void __real_cblas_sgemm(enum CBLAS_ORDER order, enum CBLAS_TRANSPOSE a_form,
                        enum CBLAS_TRANSPOSE b_form, blasint M, blasint N, blasint K, float alpha,
                        const float *A, blasint lda, const float *B, blasint ldb, float beta,
                        float *C, blasint ldc);
void __wrap_cblas_sgemm(enum CBLAS_ORDER order, enum CBLAS_TRANSPOSE a_form,
                        enum CBLAS_TRANSPOSE b_form, blasint M, blasint N, blasint K, float alpha,
                        const float *A, blasint lda, const float *B, blasint ldb, float beta,
                        float *C, blasint ldc);

void __wrap_cblas_sgemm(enum CBLAS_ORDER order, enum CBLAS_TRANSPOSE a_form,
                        enum CBLAS_TRANSPOSE b_form, blasint M, blasint N, blasint K, float alpha,
                        const float *A, blasint lda, const float *B, blasint ldb, float beta,
                        float *C, blasint ldc)
{
    if (fault == TRANSPOSED && M == K)
        a_form = a_form == CblasTrans ? CblasNoTrans : CblasTrans;
    __real_cblas_sgemm(order, a_form, b_form, M, N, K, alpha, A, lda, B, ldb, beta, C, ldc);
    if (fault == ONE_VALUE) /* the last column of a block, as a kernel's edge would */
        C[(M - 1) * ldc + N - 1] *= 1 + 1e-3f;
    if (fault == NOT_A_NUMBER)
        C[0] = NAN;
}

static void the_library_that_is_there_is_right(void **state)
{
    (void)state;
    struct modprop_error err = {0};
    fault = NONE;
    assert_int_equal(modprop_blas_verify(&err), MODPROP_OK);
    assert_int_equal(err.code, MODPROP_OK);
}

static void a_wrong_product_is_found_and_the_core_named(void **state)
{
    (void)state;
    for (fault = ONE_VALUE; fault <= NOT_A_NUMBER; fault++) {
        struct modprop_error err = {0};
        assert_int_equal(modprop_blas_verify(&err), MODPROP_INVALID);
        assert_non_null(strstr(err.message, modprop_blas_name()));
        assert_non_null(strstr(err.message, "OPENBLAS_CORETYPE"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_library_that_is_there_is_right),
        cmocka_unit_test(a_wrong_product_is_found_and_the_core_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
