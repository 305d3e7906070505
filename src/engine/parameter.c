/*
 * The parameter table: one row per parameter of a run. Sweep files, --help, the reference in the
 * README, the columns of the results file and the keys of runs are all made from it.
 */
#include <assert.h>
#include <limits.h>
#include <string.h>

#include "engine/registry.h"

static const char *feedback_choice(size_t index)
{
    static const char *const names[] = {"cell", "type"};
    return index < sizeof names / sizeof *names ? names[index] : NULL;
}

static const char *weights_choice(size_t index)
{
    static const char *const names[] = {"symmetric", "random", "adaptive"};
    return index < sizeof names / sizeof *names ? names[index] : NULL;
}

static const char *labels_choice(size_t index)
{
    static const char *const names[] = {"contiguous", "shuffled", "shuffled_by_sign",
                                        "clustered", "file"};
    return index < sizeof names / sizeof *names ? names[index] : NULL;
}

static const char *mu_mode_choice(size_t index)
{
    static const char *const names[] = {"fixed", "adaptive", "trial"};
    return index < sizeof names / sizeof *names ? names[index] : NULL;
}

static const char *mu_pool_choice(size_t index)
{
    static const char *const names[] = {"type", "all"};
    return index < sizeof names / sizeof *names ? names[index] : NULL;
}

static const char *signal_choice(size_t index)
{
    static const char *const names[] = {"symmetric", "random", "adaptive"};
    return index < sizeof names / sizeof *names ? names[index] : NULL;
}

static const char *path_choice(size_t index)
{
    static const char *const names[] = {"auto", "online", "offline"};
    return index < sizeof names / sizeof *names ? names[index] : NULL;
}

static const char *digit_order_choice(size_t index)
{
    static const char *const names[] = {"rows", "pixels"};
    return index < sizeof names / sizeof *names ? names[index] : NULL;
}

static const char *structure_choice(size_t index)
{
    static const char *const names[] = {"full", "random", "ring", "grid", "block"};
    return index < sizeof names / sizeof *names ? names[index] : NULL;
}

static const char *no_yes_choice(size_t index)
{
    static const char *const names[] = {"no", "yes"};
    return index < sizeof names / sizeof *names ? names[index] : NULL;
}

/* clang-format off: a row of the table stays a row */
#define REAL(section, field, fallback, low, high, reader, when, unit, help) \
    { \
        section, #field, MODPROP_REAL_VALUE, offsetof(struct modprop_config, field), fallback, \
            low, high, false, reader, when, false, false, unit, help, NULL \
    }
#define POSITIVE(section, field, fallback, high, reader, when, unit, help) \
    { \
        section, #field, MODPROP_REAL_VALUE, offsetof(struct modprop_config, field), fallback, 0, \
            high, true, reader, when, false, false, unit, help, NULL \
    }
#define COUNT(section, field, fallback, low, high, reader, when, one_value, unit, help) \
    { \
        section, #field, MODPROP_INTEGER_VALUE, offsetof(struct modprop_config, field), fallback, \
            low, high, false, reader, when, one_value, false, unit, help, NULL \
    }
#define NAME(section, field, fallback, reader, when, choice, help) \
    { \
        section, #field, MODPROP_NAME_VALUE, offsetof(struct modprop_config, field), fallback, 0, \
            INT_MAX, false, reader, when, false, false, "1", help, choice \
    }
#define LATER_NAME(section, field, fallback, reader, when, choice, help) \
    { \
        section, #field, MODPROP_NAME_VALUE, offsetof(struct modprop_config, field), fallback, 0, \
            INT_MAX, false, reader, when, false, true, "1", help, choice \
    }
#define LATER_REAL(section, field, fallback, low, high, excluded, reader, unit, help) \
    { \
        section, #field, MODPROP_REAL_VALUE, offsetof(struct modprop_config, field), fallback, \
            low, high, excluded, reader, NULL, false, true, unit, help, NULL \
    }
#define LATER_COUNT(section, field, fallback, low, high, unit, help) \
    { \
        section, #field, MODPROP_INTEGER_VALUE, offsetof(struct modprop_config, field), fallback, \
            low, high, false, ALWAYS, NULL, false, true, unit, help, NULL \
    }
#define TEXT(section, field, fallback, reader, when, help) \
    { \
        section, #field, MODPROP_TEXT_VALUE, offsetof(struct modprop_config, field), fallback, 0, \
            0x1p53, false, reader, when, false, false, "1", help, NULL \
    }

#define ALWAYS MODPROP_READ_ALWAYS
#define RULE MODPROP_READ_BY_RULE
#define TASK MODPROP_READ_BY_TASK
#define UNITS MODPROP_READ_BY_UNITS
#define OPTIMISER MODPROP_READ_BY_OPTIMISER

/* What asks for cell types. */
#define TYPED "feedback=type or mu_mode=adaptive or mu_mode=trial"

/* Defaults: the published run (Liu et al. 2022 and its code). */
static const struct modprop_parameter table[] = {
    COUNT(
        "sweep", seed, "1", 0, 4294967295.0, ALWAYS, NULL, false, "1",
        "random seed: initial weights, trials, rewiring; runs with equal seeds see the same of each"),

    NAME("network", units, "relu", ALWAYS, NULL, modprop_units_choice, "kind of units"),
    COUNT("network", n, "120", 2, 100000, ALWAYS, NULL, false, "1", "number of recurrent units"),
    REAL("network", proportion_excitatory, "0.8", 0, 1, ALWAYS, NULL, "1",
         "share p of excitatory units: floor(p n) + 1 of them, the inhibitory ones come first"),
    POSITIVE("network", tau_ms, "100", 1e6, UNITS, NULL, "ms", "membrane time constant"),
    REAL("network", threshold, "0", -1e3, 1e3, UNITS, NULL, "1", "threshold of the activation"),
    POSITIVE("network", spike_threshold, "0.1", 1e3, UNITS, NULL, "1",
             "threshold thr of spiking units, which each spike takes from the membrane"),
    REAL("network", gamma, "0.3", 0, 1e3, UNITS, NULL, "1",
         "height of the surrogate derivative (gamma / thr) max(0, 1 - |v - theta| / thr)"),
    COUNT("network", refractory_steps, "5", 0, 1e6, UNITS, NULL, false, "ms",
          "time after a spike in which a unit neither spikes nor learns"),
    COUNT("network", n_adaptive, "60", 0, 100000, UNITS, NULL, false, "1",
          "units whose threshold adapts, the last ones; at most n"),
    REAL("network", beta, "1.8", 0, 1e3, UNITS, NULL, "1",
         "strength of the adaptation: the threshold rises by beta times the filtered rate"),
    POSITIVE("network", tau_a_ms, "700", 1e9, UNITS, NULL, "ms", "time constant of the adaptation"),
    REAL("network", rate_cost, "0", 0, 1e9, UNITS, NULL, "1",
         "factor on half the sum over units of (firing rate - target)^2, rates in spikes per ms; 0: no "
         "such cost"),
    REAL("network", rate_target_hz, "10", 0, 1000, UNITS, NULL, "Hz", "target of the firing rates"),
    LATER_REAL("network", activity_cost, "0", 0, 1e9, false, UNITS, "1",
               "factor on half the sum over rate units of their squared mean rate; 0: no such cost"),
    LATER_NAME("network", structure, "full", ALWAYS, NULL, structure_choice,
         "recurrent connections: full, all at the start; random, a share `connectivity` of them; ring and "
         "grid, as many, the nearer the likelier; block, as many, likelier within groups"),
    REAL("network", structure_width, "0.1", 0.02, 100, ALWAYS, "structure=ring or structure=grid", "1",
         "a connection over d is exp(-d^2 / (2 width^2)) times as likely; the ring or the side has length 1"),
    COUNT("network", blocks, "4", 1, 100000, ALWAYS, "structure=block", false, "1",
          "groups, of excitatory and inhibitory units each, cut as types_per_sign cuts cell types"),
    REAL("network", block_between, "0.1", 0, 1e6, ALWAYS, "structure=block", "1",
         "how likely a connection between two groups is, against one within a group"),

    NAME("task", task, "delayed_xor", ALWAYS, NULL, modprop_task_choice, "what is learned"),
    COUNT("task", delay_ms, "700", 0, 1e7, TASK, NULL, false, "ms", "delay between the cues"),
    COUNT("task", cue_ms, "100", 1, 1e6, TASK, NULL, false, "ms", "length of a cue"),
    REAL("task", cue_amplitude, "2", -1e3, 1e3, TASK, NULL, "1",
         "height of a cue above the baseline"),
    REAL("task", cue_baseline, "0.02", -1e3, 1e3, TASK, NULL, "1", "input without a cue"),
    REAL("task", input_noise, "0.01", 0, 1e3, TASK, NULL, "1",
         "standard deviation of the noise added to every input at every step"),
    COUNT("task", loss_steps, "1", 1, 1e7, TASK, NULL, false, "steps",
          "the loss is the mean cross entropy of the last so many steps"),
    COUNT("task", match_cues, "2", 2, 64, TASK, NULL, false, "1", "different cues, an input each"),
    COUNT("task", match_fixation_ms, "50", 0, 1e7, TASK, NULL, false, "ms", "time before the first cue"),
    COUNT("task", match_cue_ms, "150", 1, 1e6, TASK, NULL, false, "ms", "length of either cue"),
    COUNT("task", match_delay_ms, "750", 0, 1e7, TASK, NULL, false, "ms", "delay between the cues"),
    COUNT("task", evidence_cues, "7", 1, 63, TASK, NULL, false, "1", "cues in a row, an odd number"),
    REAL("task", evidence_bias, "0.7", 0.5, 1, TASK, NULL, "1",
         "probability that a cue is on the side which the trial favours"),
    COUNT("task", evidence_cue_ms, "100", 1, 1e6, TASK, NULL, false, "ms", "length of a cue"),
    COUNT("task", evidence_gap_ms, "50", 0, 1e6, TASK, NULL, false, "ms", "gap before each cue"),
    COUNT("task", evidence_delay_ms, "1050", 0, 1e7, TASK, NULL, false, "ms",
          "delay from the last cue to the recall cue"),
    COUNT("task", evidence_recall_ms, "150", 1, 1e6, TASK, NULL, false, "ms",
          "length of the recall cue, during which the loss counts"),
    COUNT("task", pattern_ms, "2000", 1, 1e7, TASK, NULL, false, "ms", "length of the pattern"),
    COUNT("task", pattern_inputs, "20", 1, 10000, TASK, NULL, false, "1", "inputs with frozen noise"),
    REAL("task", pattern_amplitude, "5", 0, 1e3, TASK, NULL, "1",
         "standard deviation of the frozen noise"),
    COUNT("task", context_ms, "750", 1, 1e7, TASK, NULL, false, "ms", "length of the stimulus"),
    POSITIVE("task", context_strength, "0.1875", 1e3, TASK, NULL, "1",
             "largest mean of either stream of evidence"),
    REAL("task", context_noise, "1", 0, 1e3, TASK, NULL, "1",
         "standard deviation of the noise on either stream, at every step"),
    COUNT("task", flip_bits, "3", 1, 64, TASK, NULL, false, "1", "bits, an input and an output each"),
    COUNT("task", flip_intervals, "5", 1, 10000, TASK, NULL, false, "1",
          "intervals of a trial: the first one sets every bit, each later one with probability 1/2"),
    COUNT("task", flip_interval_ms, "200", 1, 1e6, TASK, NULL, false, "ms", "length of an interval"),
    COUNT("task", flip_pulse_ms, "50", 1, 1e6, TASK, NULL, false, "ms", "length of a pulse"),
    TEXT("task", data, "data/mnist", TASK, NULL,
         "folder with train-images-idx3-ubyte, train-labels-idx1-ubyte and, to evaluate on, t10k-... "
         "of MNIST's file format, each plain or .gz"),
    NAME("task", digit_order, "rows", TASK, NULL, digit_order_choice,
         "what is shown at a time: rows of the image, or single pixels"),
    COUNT("task", digit_rows, "28", 1, 10000, TASK, NULL, false, "1", "rows of an image"),
    COUNT("task", digit_columns, "28", 1, 10000, TASK, NULL, false, "1", "columns of an image"),
    COUNT("task", digit_step_ms, "1", 1, 1e6, TASK, NULL, false, "ms", "time each row or pixel is shown"),
    COUNT("task", digit_blank_ms, "56", 0, 1e6, TASK, NULL, false, "ms",
          "time without input behind the image"),
    REAL("task", digit_held_out, "0.2", 0.01, 0.99, TASK, NULL, "1",
         "share of the images kept for evaluation where the folder has no t10k-... files"),

    LATER_NAME("drift", wander, "no", ALWAYS, NULL, no_yes_choice,
         "whether gain, baseline and noise of all inputs wander, as Ornstein-Uhlenbeck processes"),
    REAL("drift", wander_gain, "0.2", 0, 10, ALWAYS, "wander=yes", "1",
         "standard deviation of the input gain, about 1"),
    REAL("drift", wander_baseline, "0.1", 0, 1e3, ALWAYS, "wander=yes", "1",
         "standard deviation of what is added to all inputs alike"),
    REAL("drift", wander_noise, "0.05", 0, 1e3, ALWAYS, "wander=yes", "1",
         "noise more on each input: its standard deviation wanders about 0 with this one"),
    REAL("drift", wander_within, "0.5", 0, 1, ALWAYS, "wander=yes", "1",
         "share of these variances that arises within a trial, the rest between iterations"),
    POSITIVE("drift", wander_iterations, "100", 1e9, ALWAYS, "wander=yes", "1",
             "time constant between iterations, in iterations"),
    POSITIVE("drift", wander_ms, "300", 1e9, ALWAYS, "wander=yes", "ms",
             "time constant within a trial"),
    LATER_NAME("drift", change, "no", ALWAYS, NULL, no_yes_choice,
         "whether the rule of the task changes: each class becomes the next one, a target its negative"),
    COUNT("drift", change_at, "1000", 1, 1e9, ALWAYS, "change=yes", false, "1",
          "iteration of the first change"),
    COUNT("drift", change_every, "0", 0, 1e9, ALWAYS, "change=yes", false, "1",
          "iterations from one change to the next; 0: one change only"),

    NAME("training", optimiser, "adam", ALWAYS, NULL, modprop_optimiser_choice, "optimiser"),
    COUNT("training", iterations, "3000", 1, 1e9, ALWAYS, NULL, false, "1",
          "training iterations; a multiple of evaluate_every"),
    COUNT("training", batch, "32", 1, 1e6, ALWAYS, NULL, false, "1", "trials of an iteration"),
    COUNT("training", evaluate_every, "20", 1, 1e9, ALWAYS, NULL, true, "1",
          "iterations from one evaluation to the next; the same for all runs of a sweep"),
    POSITIVE("training", learning_rate, "5e-4", 1e3, ALWAYS, NULL, "1",
             "learning rate at the start"),
    POSITIVE("training", learning_rate_decay, "0.8", 1, ALWAYS, NULL, "1",
             "factor on the learning rate at each of its steps"),
    COUNT("training", learning_rate_decay_every, "300", 1, 1e9, ALWAYS, NULL, false, "1",
          "iterations from one step of the learning rate to the next"),
    LATER_REAL("training", learning_rate_rec, "1", 0, 1e6, false, ALWAYS, "1",
               "factor on the learning rate of the recurrent weights"),
    LATER_REAL("training", beta2, "0.999", 0, 0.999999, false, OPTIMISER, "1",
               "share of the squared gradients' running mean that each iteration keeps"),
    REAL(
        "training", l1, "0.01", 0, 1e3, ALWAYS, NULL, "1",
        "L1 pressure on connected sign-constrained weights: each iteration takes learning rate * l1"),
    REAL("training", weight_decay, "5e-4", 0, 1e3, ALWAYS, NULL, "1",
         "factor on half the sum of squared weights in the loss"),
    REAL("training", clip_norm, "0", 0, 1e30, ALWAYS, NULL, "1",
         "largest Euclidean norm of the gradient, longer ones are scaled to it; 0: no clipping"),
    LATER_REAL("training", radius_bound, "0", 0, 1e6, false, ALWAYS, "1",
               "largest spectral radius of the recurrent weights, larger ones are scaled back after each "
               "iteration; 0: no bound"),
    LATER_REAL("training", homeostasis, "0", 0, 1, false, ALWAYS, "1",
               "share by which each iteration scales the recurrent weights onto a unit back to their "
               "initial sum of sizes; 0: no such scaling"),
    POSITIVE("training", connectivity, "0.99", 1, ALWAYS, NULL, "1",
             "share of possible connections that rewiring (DEEP R) restores; but for structure = full also of "
             "those there are at the start"),
    REAL("training", temperature, "0", 0, 1e3, ALWAYS, NULL, "1",
         "temperature of the noise on connected weights (DEEP R)"),
    LATER_COUNT("training", max_memory, "0", 0, 1e9, "MB",
                "most memory of a run: offline, parts of the trajectory are computed twice rather than "
                "kept, with the same bits; 0: no limit"),

    NAME("rule", rule, "modprop", ALWAYS, NULL, modprop_rule_choice, "learning rule"),
    NAME("rule", feedback, "cell", RULE, NULL, feedback_choice,
         "weights that carry credit back: cell, the recurrent weights themselves, or type, their "
         "mean over each pair of cell types"),
    COUNT("rule", types_per_sign, "1", 1, 100000, RULE, TYPED ", and type_labels!=file", false, "1",
          "cell types among the excitatory units, and as many among the inhibitory ones"),
    LATER_NAME("rule", type_labels, "contiguous", RULE, TYPED, labels_choice,
               "which units are a type: contiguous ones; as a control, shuffled among all units, or "
               "among those of a sign; clustered, as their mean weights fit W_rec best; or as a file says"),
    COUNT("rule", type_relabel_every, "0", 0, 1e9, RULE, TYPED ", and type_labels=clustered", false, "1",
          "iterations after which types are clustered again; 0: only in the initial weights"),
    TEXT("rule", type_file, "types.txt", RULE, TYPED ", and type_labels=file",
         "text file with a label (number or word) for each unit, inhibitory ones first; equal labels "
         "are a type"),
    LATER_NAME("rule", feedback_weights, "symmetric", RULE, NULL, weights_choice,
               "whose weights carry credit back: symmetric, the forward ones; random, another sample "
               "of initial weights, fixed; adaptive, that sample with the forward weights' updates"),
    REAL("rule", feedback_decay, "1e-3", 0, 1, RULE, "feedback_weights=adaptive", "1",
         "share of the difference from the forward weights that each iteration takes away"),
    REAL("rule", mu, "0.25", 0, 1e3, RULE, NULL, "1",
         "constant in place of the activation derivative on the nonlocal path; where it is measured, "
         "its start"),
    LATER_NAME("rule", mu_mode, "fixed", RULE, NULL, mu_mode_choice,
               "fixed: the constant mu; adaptive: the measured mean derivative, over iterations; trial: "
               "it also follows the activity within each trial"),
    LATER_NAME("rule", mu_pool, "type", RULE, "mu_mode=adaptive or mu_mode=trial", mu_pool_choice,
               "units whose derivatives are averaged: those of each cell type, or all"),
    REAL("rule", mu_gain, "1", 0, 1e3, RULE, "mu_mode=adaptive or mu_mode=trial", "1",
         "factor on the measured derivative"),
    POSITIVE("rule", mu_tau_iterations, "100", 1e9, RULE, "mu_mode=adaptive or mu_mode=trial", "1",
             "time constant of the running mean over iterations, in iterations"),
    POSITIVE("rule", mu_tau_ms, "300", 1e18, RULE, "mu_mode=trial", "ms",
             "time constant of the running mean within a trial"),
    POSITIVE("rule", radius_max, "0.999", 0.999999, RULE, "mu_mode=adaptive or mu_mode=trial", "1",
             "largest spectral radius of the modulatory filter: a measured mu is scaled down to it"),
    COUNT("rule", window, "0", 0, 1e7, RULE, NULL, false, "steps",
          "the nonlocal path acts only into the last so many steps; 0: whole trial"),
    NAME("rule", learning_signal, "symmetric", RULE, NULL, signal_choice,
         "weights that broadcast the error: symmetric, those of the readout; random and fixed; "
         "adaptive, random ones with the readout's updates"),
    REAL("rule", signal_decay, "1e-3", 0, 1, RULE, "learning_signal=adaptive", "1",
         "share of the difference from the readout that each iteration takes away"),
    NAME(
        "rule", path, "auto", RULE, NULL, path_choice,
        "online: traces forward in time, memory independent of the trial's length; offline: back in "
        "time over the stored trajectory; auto: the cheaper one"),
    POSITIVE(
        "rule", tap_tolerance, "1e-6", 1e-2, RULE, NULL, "1",
        "online form: filter taps are added until the last one is below this share of the gradient"),
};
/* clang-format on */

enum { PARAMETERS = sizeof table / sizeof *table };

size_t modprop_parameter_count(void)
{
    return PARAMETERS;
}

const struct modprop_parameter *modprop_parameter_at(size_t index)
{
    assert(index < PARAMETERS);
    return &table[index];
}

size_t modprop_parameter_find(const char *name)
{
    size_t index = 0;
    while (index < PARAMETERS && strcmp(table[index].name, name) != 0)
        index++;
    return index;
}
