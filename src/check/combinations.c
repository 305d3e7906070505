#include "check/combinations.h"

#include <assert.h>
#include <stdio.h>

#include "check/naive.h"
#include "engine/registry.h"

/* The problem for a kind of units: odd sizes; spikes want a stronger drive. */
static struct modprop_draw_setting setting_for(const struct modprop_units *units)
{
    struct modprop_draw_setting s = {.n = 19,
                                     .n_in = 3,
                                     .n_out = 3,
                                     .T = 23,
                                     .B = 5,
                                     .proportion_excitatory = 0.6,
                                     .types_per_sign = 2,
                                     .tau_ms = 12,
                                     .threshold = 0.0625,
                                     .recurrent_scale = 1,
                                     .units = units->name};
    if (units->adapts)
        s.n_adaptive = 9;
    if (units->spikes) {
        s.threshold = 0.5;
        s.recurrent_scale = 2;
        s.input_scale = 3;
        s.refractory_steps = 2;
    }
    return s;
}

/* Counts the combinations; at the one of that index it stops and fills *at. */
struct walk {
    size_t index, count;
    struct modprop_combination *at; /* NULL: counts them all */
};

/* Takes one combination into account; whether the walk ends here. */
static bool visit(struct walk *walk, const struct modprop_config *config)
{
    static const char *const feedbacks[] = {"cell", "type"}, *const modes[] = {"", " mu(k)",
                                                                               " mu(t)"};
    const struct modprop_units *const units = modprop_units_at((size_t)config->units);
    const struct modprop_rule *const rule = modprop_rule_at((size_t)config->rule);
    const char *const path = modprop_path_name((enum modprop_path)config->path);
    const char *const feedback = rule->feedback ? feedbacks[config->feedback] : "";
    if (walk->count++ < walk->index || !walk->at)
        return false;
    struct modprop_combination *const c = walk->at;
    snprintf(c->subject, sizeof c->subject, "%s %s%s%s %s%s = loops", units->name, rule->name,
             feedback[0] ? " " : "", feedback, path, modes[config->mu_mode]);
    c->setting = setting_for(units);
    c->comparison = (struct modprop_comparison){
        .subject = c->subject,
        .setting = &c->setting,
        .way = {.rule = rule->name,
                .path = path,
                .feedback = rule->feedback ? feedback : NULL,
                .mu = rule->modulates ? 0.5 : 0,
                .types = 2,
                .mu_mode = config->mu_mode},
        .witness = modprop_naive_gradient,
    };
    return true;
}

/* Each method of a rule that can, with each feedback and mode of mu. */
static bool visit_rule(struct walk *walk, struct modprop_config *config)
{
    const struct modprop_rule *const rule = modprop_rule_at((size_t)config->rule);
    for (size_t k = 0; rule->methods[k]; k++) {
        const struct modprop_method *const m = rule->methods[k];
        config->path = m->trajectory ? MODPROP_PATH_OFFLINE : MODPROP_PATH_ONLINE;
        for (int way = 0; way < (rule->feedback ? 2 : 1) * (rule->modulates ? 3 : 1); way++) {
            config->feedback = way % 2;
            config->mu_mode = way / 2;
            if (!(m->obstacle && m->obstacle(config)) && visit(walk, config))
                return true;
        }
    }
    return false;
}

static void go(struct walk *walk)
{
    struct modprop_config config;
    modprop_config_init(&config);
    for (size_t units = 0; modprop_units_choice(units); units++) {
        for (size_t rule = 0; modprop_rule_choice(rule); rule++) {
            config.units = (int)units;
            config.rule = (int)rule;
            if (visit_rule(walk, &config))
                return;
        }
    }
}

size_t modprop_combinations_count(void)
{
    struct walk walk = {0};
    go(&walk);
    return walk.count;
}

void modprop_combinations_at(size_t index, struct modprop_combination *combination)
{
    struct walk walk = {.index = index, .at = combination};
    assert(index < modprop_combinations_count());
    go(&walk);
}
