/*
 * What follows from a configuration: whether its values fit each other, the path it takes, its sizes.
 */
#include <cblas.h>
#include <stdio.h>
#include <string.h>

#include "engine/budget.h"
#include "engine/error.h"
#include "engine/network.h"
#include "engine/registry.h"
#include "engine/structure.h"

static enum modprop_status check_network(const struct modprop_config *config,
                                         struct modprop_error *err)
{
    if (modprop_network_inhibitory(config) < 1)
        return MODPROP_FAIL(err, MODPROP_INVALID,
                            "n = %ld with proportion_excitatory = %g leaves no inhibitory unit "
                            "(excitatory: floor(p n) + 1); take a larger n or a smaller proportion",
                            config->n, config->proportion_excitatory);
    const enum modprop_status status = modprop_types_check(config, err);
    return status == MODPROP_OK ? modprop_structure_check(config, err) : status;
}

static enum modprop_status check_units(const struct modprop_config *config,
                                       struct modprop_error *err)
{
    if (modprop_config_reads_parameter(config, "n_adaptive") && config->n_adaptive > config->n)
        return MODPROP_FAIL(err, MODPROP_INVALID,
                            "n_adaptive = %ld is above n = %ld; take at most %ld",
                            config->n_adaptive, config->n, config->n);
    return MODPROP_OK;
}

static enum modprop_status check_sizes(const struct modprop_config *config,
                                       const struct modprop_shape *shape, struct modprop_error *err)
{
    if (shape->n_out > shape->n)
        return MODPROP_FAIL(err, MODPROP_INVALID, "n = %zu is below the %zu outputs of the task",
                            shape->n, shape->n_out);
    if (modprop_config_reads_parameter(config, "loss_steps") &&
        (size_t)config->loss_steps > shape->T)
        return MODPROP_FAIL(err, MODPROP_INVALID,
                            "loss_steps = %ld is above the %zu steps of a trial",
                            config->loss_steps, shape->T);
    if (config->iterations % config->evaluate_every != 0)
        return MODPROP_FAIL(err, MODPROP_INVALID,
                            "iterations = %ld is not a multiple of evaluate_every = %ld; take %ld",
                            config->iterations, config->evaluate_every,
                            (config->iterations / config->evaluate_every + 1) *
                                config->evaluate_every);
    return MODPROP_OK;
}

static enum modprop_status check_rule(const struct modprop_config *config,
                                      const struct modprop_shape *shape, struct modprop_error *err)
{
    const struct modprop_rule *rule = modprop_rule_at((size_t)config->rule);
    return rule->check ? rule->check(config, shape, err) : MODPROP_OK;
}

static enum modprop_status check_task(const struct modprop_config *config,
                                      struct modprop_error *err)
{
    const struct modprop_task *task = modprop_task_at((size_t)config->task);
    return task->check ? task->check(config, err) : MODPROP_OK;
}

/* ------------------------------------------------------------------ the way to the gradient */

static enum modprop_path path_of(const struct modprop_method *method)
{
    return method->trajectory ? MODPROP_PATH_OFFLINE : MODPROP_PATH_ONLINE;
}

static const char *obstacle(const struct modprop_method *method,
                            const struct modprop_config *config)
{
    return method->obstacle ? method->obstacle(config) : NULL;
}

/* The cheapest method that can, of that path or (auto) of both; NULL: there is none. */
static const struct modprop_method *cheapest(const struct modprop_config *config,
                                             enum modprop_path path)
{
    const struct modprop_shape shape = modprop_shape_of(config);
    const struct modprop_method *const *m = modprop_rule_at((size_t)config->rule)->methods;
    const struct modprop_method *best = NULL;
    for (; *m; m++) {
        const bool allowed = path == MODPROP_PATH_AUTO || path == path_of(*m);
        if (allowed && !obstacle(*m, config) &&
            (!best || (*m)->cost(config, &shape) < best->cost(config, &shape)))
            best = *m;
    }
    return best;
}

const struct modprop_method *modprop_config_method(const struct modprop_config *config)
{
    const struct modprop_method *const wanted = cheapest(config, (enum modprop_path)config->path);
    return wanted ? wanted : cheapest(config, MODPROP_PATH_AUTO);
}

enum modprop_path modprop_config_path(const struct modprop_config *config)
{
    return path_of(modprop_config_method(config));
}

/* A path that the rule has, but not for this configuration. */
static enum modprop_status check_path(const struct modprop_config *config,
                                      struct modprop_error *err)
{
    const struct modprop_method *const *m = modprop_rule_at((size_t)config->rule)->methods;
    const enum modprop_path path = (enum modprop_path)config->path;
    const char *reason = NULL;
    if (!modprop_config_reads_parameter(config, "path") || path == MODPROP_PATH_AUTO ||
        cheapest(config, path))
        return MODPROP_OK;
    for (; *m; m++)
        if (path == path_of(*m) && !reason)
            reason = obstacle(*m, config);
    return MODPROP_FAIL(err, MODPROP_INVALID, "path = %s cannot be had: %s; take path = auto",
                        modprop_path_name(path), reason ? reason : "the rule has none");
}

/* ------------------------------------------------------------------ what follows from it */

enum modprop_status modprop_config_check(const struct modprop_config *config,
                                         struct modprop_error *err)
{
    for (size_t index = 0; index < modprop_parameter_count(); index++) {
        const enum modprop_status status = modprop_parameter_check(
            index, modprop_parameter_value(index, config), err);
        if (status != MODPROP_OK)
            return status;
    }
    const struct modprop_shape shape = modprop_shape_of(config);
    enum modprop_status status = check_network(config, err);
    if (status == MODPROP_OK)
        status = check_units(config, err);
    if (status == MODPROP_OK)
        status = check_sizes(config, &shape, err);
    if (status == MODPROP_OK)
        status = check_rule(config, &shape, err);
    if (status == MODPROP_OK)
        status = check_path(config, err);
    if (status == MODPROP_OK)
        status = check_task(config, err);
    if (status == MODPROP_OK)
        status = modprop_budget_check(config, err);
    return status;
}

enum modprop_status modprop_config_doubt(const struct modprop_config *config,
                                         struct modprop_error *err)
{
    static const double nearly_all = 0.9;
    const struct modprop_rule *rule = modprop_rule_at((size_t)config->rule);
    if (config->structure == MODPROP_STRUCTURE_FULL && config->connectivity < nearly_all)
        return MODPROP_FAIL(err, MODPROP_INVALID,
                            "connectivity = %g makes no sparse network with structure = full: all "
                            "connections are there at the start, and single ones die; take "
                            "structure = random to start with that share",
                            config->connectivity);
    return rule->doubt ? rule->doubt(config, err) : MODPROP_OK;
}

double modprop_config_operations(const struct modprop_config *config)
{
    const struct modprop_shape s = modprop_budget_shape(config);
    const double steps = (double)(s.T + (s.segments - 1) * s.segment); /* some are made twice */
    const double forward = 2.0 * (double)s.m * (double)s.n * (double)s.B * steps;
    return forward + modprop_config_method(config)->cost(config, &s);
}

const char *modprop_path_name(enum modprop_path path)
{
    static const char *const names[] = {"auto", "online", "offline"};
    return names[path];
}

void modprop_config_shape(const struct modprop_config *config, size_t *n_in, size_t *n_out)
{
    const struct modprop_shape shape = modprop_shape_of(config);
    *n_in = shape.n_in;
    *n_out = shape.n_out;
}

size_t modprop_config_weights(const struct modprop_config *config)
{
    const struct modprop_shape shape = modprop_shape_of(config);
    return modprop_weights_lay(&shape, NULL).count;
}

size_t modprop_config_bytes(const struct modprop_config *config)
{
    const struct modprop_shape shape = modprop_budget_shape(config);
    return modprop_budget_bytes(config, &shape);
}

size_t modprop_config_evaluations(const struct modprop_config *config)
{
    return (size_t)(config->iterations / config->evaluate_every) + 1;
}

void modprop_blas_single_thread(void)
{
    openblas_set_num_threads(1);
}

const char *modprop_blas_name(void)
{
    static char name[96];
    char version[32] = "";
    const char *const config = openblas_get_config(); /* "OpenBLAS 0.3.21 NO_LAPACKE ..." */
    sscanf(config, "OpenBLAS %31s", version);
    snprintf(name, sizeof name, "OpenBLAS %s, core %s", version, openblas_get_corename());
    return name;
}
