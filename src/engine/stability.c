#include "engine/stability.h"

#include <math.h>

#include "engine/error.h"
#include "engine/feedback.h"
#include "engine/spectrum.h"

/* The largest factor c with |alpha + (1-alpha) c l| <= 1; infinite for l = 0. */
static double largest_factor(double alpha, double real, double imaginary)
{
    const double squared = real * real + imaginary * imaginary;
    const double root = sqrt(alpha * alpha * real * real + squared * (1 - alpha * alpha));
    return squared > 0 ? (root - alpha * real) / ((1 - alpha) * squared) : (double)INFINITY;
}

enum modprop_status modprop_stability_bound(const struct modprop_config *config, double *bound,
                                            struct modprop_error *err)
{
    const struct modprop_shape shape = modprop_shape_of(config);
    struct modprop_network *network = NULL;
    struct modprop_feedback *feedback = NULL;
    struct modprop_spectrum spectrum = {0};
    *bound = HUGE_VAL;
    enum modprop_status status = modprop_network_create(&network, config, &shape, err);
    if (status == MODPROP_OK)
        status = modprop_network_start(network, config->seed, err);
    if (status == MODPROP_OK)
        status = modprop_feedback_create(&feedback, config, network, err);
    if (status == MODPROP_OK)
        status = modprop_feedback_start(feedback, config->seed, err);
    if (status == MODPROP_OK)
        status = modprop_spectrum_init(&spectrum, feedback->C > 0 ? feedback->C : shape.n, err);
    if (status != MODPROP_OK)
        goto cleanup;
    modprop_feedback_refresh(feedback, 0);
    const size_t size = modprop_feedback_matrix(feedback, NULL, spectrum.matrix);
    if (modprop_spectrum_compute(&spectrum, size))
        for (size_t k = 0; k < size; k++)
            *bound = fmin(*bound,
                          largest_factor(network->alpha, spectrum.real[k], spectrum.imaginary[k]));
cleanup:
    modprop_spectrum_clear(&spectrum);
    modprop_feedback_free(feedback);
    modprop_network_free(network);
    return status;
}
