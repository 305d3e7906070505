/*
 * modprop.h - trains recurrent networks with biologically plausible learning rules.
 *
 * One run = one network, one task, one learning rule, one seed. The engine behind this header needs
 * neither MPI nor HDF5, prints nothing and never exits. Rules: bptt, rtrl, eprop (Bellec et al. 2020),
 * rflo (Murray 2019), mdgl (Liu et al., PNAS 2021), modprop (Liu et al., NeurIPS 2022, arXiv
 * 2206.01338), snap1 and snap2 (Menick et al., ICLR 2021).
 *
 * The simplest complete use, the published network for 100 iterations:
 *
 *     #include <modprop.h>
 *     #include <stdio.h>
 *     int main(void)
 *     {
 *         struct modprop_config config;
 *         struct modprop_run *run;
 *         struct modprop_evaluation now = {0};
 *         struct modprop_error err = {0};
 *         modprop_config_init(&config);
 *         modprop_run_create(&run, &config, &err);
 *         while (!err.code && now.iteration < 100) {
 *             for (int k = 0; k < 20 && modprop_run_step(run, &err) == MODPROP_OK; k++) { }
 *             if (modprop_run_evaluate(run, &now, &err) == MODPROP_OK)
 *                 printf("%g: loss %.3f, accuracy %.2f\n", now.iteration, now.loss, now.accuracy);
 *         }
 *         modprop_run_free(run);
 *         return err.code ? (fprintf(stderr, "%s\n", err.message), 1) : 0;
 *     }
 *
 * Build: cc example.c $(pkg-config --cflags --libs modprop)
 *
 * Objects in the order they are used: error, config (with its table of parameters), evaluation (with
 * its table of figures), run. Everything is single-threaded per object; objects do not share state.
 */
#ifndef MODPROP_H
#define MODPROP_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MODPROP_VERSION "0.1.0"

/* Weights and activity are float32; the engine can be compiled in double for its own checks. */
#ifndef MODPROP_REAL
#define MODPROP_REAL float
#endif
typedef MODPROP_REAL modprop_real;

/* ------------------------------------------------------------------ errors */

enum modprop_status {
    MODPROP_OK = 0,
    MODPROP_INVALID,   /* a value, a file or a combination that cannot be used */
    MODPROP_NO_MEMORY, /* an allocation was refused */
    MODPROP_DIVERGED,  /* the network blew up: a result, told with its iteration */
    MODPROP_STOPPED,   /* the caller asked for the stop */
    MODPROP_IO,        /* a file could not be read or written */
    MODPROP_BUSY,      /* another process holds the results file */
    MODPROP_DIFFERENT, /* the results file belongs to another sweep */
};

/* Why something failed: what, where, what to do. Zero-initialise; the first error wins. */
struct modprop_error {
    enum modprop_status code;
    char message[512];
    const char *file; /* of the source that set it */
    int line;
};

/* ------------------------------------------------------------------ configuration of one run */

enum modprop_feedback_kind { MODPROP_FEEDBACK_CELL, MODPROP_FEEDBACK_TYPE };
enum modprop_feedback_weights {
    MODPROP_WEIGHTS_SYMMETRIC,
    MODPROP_WEIGHTS_RANDOM,
    MODPROP_WEIGHTS_ADAPTIVE
};
enum modprop_type_labels {
    MODPROP_LABELS_CONTIGUOUS,
    MODPROP_LABELS_SHUFFLED,
    MODPROP_LABELS_SHUFFLED_BY_SIGN,
    MODPROP_LABELS_CLUSTERED,
    MODPROP_LABELS_FILE
};
enum modprop_mu_mode { MODPROP_MU_FIXED, MODPROP_MU_ADAPTIVE, MODPROP_MU_TRIAL };
enum modprop_mu_pool { MODPROP_POOL_TYPE, MODPROP_POOL_ALL };
enum modprop_signal {
    MODPROP_SIGNAL_SYMMETRIC,
    MODPROP_SIGNAL_RANDOM,
    MODPROP_SIGNAL_ADAPTIVE
};
enum modprop_path { MODPROP_PATH_AUTO, MODPROP_PATH_ONLINE, MODPROP_PATH_OFFLINE };
enum modprop_digit_order { MODPROP_DIGIT_ROWS, MODPROP_DIGIT_PIXELS };
enum modprop_structure_kind {
    MODPROP_STRUCTURE_FULL,
    MODPROP_STRUCTURE_RANDOM,
    MODPROP_STRUCTURE_RING,
    MODPROP_STRUCTURE_GRID,
    MODPROP_STRUCTURE_BLOCK
};

enum { MODPROP_TEXT_SIZE = 256 }; /* bytes a parameter's text has room for, its end included */

/*
 * All that determines a run. Each field is a row of the parameter table (its default, range, unit and
 * help: modprop_parameter_at). Fields of rules, tasks, units and optimisers are indices into their
 * tables: set them by name with modprop_config_set.
 */
struct modprop_config {
    long seed;
    /* network */
    int units;
    long n;
    double proportion_excitatory;
    double tau_ms;
    double threshold;
    double spike_threshold;
    double gamma;
    long refractory_steps;
    long n_adaptive;
    double beta;
    double tau_a_ms;
    double rate_cost;
    double rate_target_hz;
    double activity_cost;
    int structure;
    double structure_width;
    long blocks;
    double block_between;
    /* task */
    int task;
    long delay_ms;
    long cue_ms;
    double cue_amplitude;
    double cue_baseline;
    double input_noise;
    long loss_steps;
    long match_cues;
    long match_fixation_ms;
    long match_cue_ms;
    long match_delay_ms;
    long evidence_cues;
    double evidence_bias;
    long evidence_cue_ms;
    long evidence_gap_ms;
    long evidence_delay_ms;
    long evidence_recall_ms;
    long pattern_ms;
    long pattern_inputs;
    double pattern_amplitude;
    long context_ms;
    double context_strength;
    double context_noise;
    long flip_bits;
    long flip_intervals;
    long flip_interval_ms;
    long flip_pulse_ms;
    char data[MODPROP_TEXT_SIZE];
    int digit_order;
    long digit_rows;
    long digit_columns;
    long digit_step_ms;
    long digit_blank_ms;
    double digit_held_out;
    /* drift */
    int wander;
    double wander_gain;
    double wander_baseline;
    double wander_noise;
    double wander_within;
    double wander_iterations;
    double wander_ms;
    int change;
    long change_at;
    long change_every;
    /* training */
    int optimiser;
    long iterations;
    long batch;
    long evaluate_every;
    double learning_rate;
    double learning_rate_decay;
    long learning_rate_decay_every;
    double learning_rate_rec;
    double beta2;
    double l1;
    double weight_decay;
    double clip_norm;
    double radius_bound;
    double homeostasis;
    double connectivity;
    double temperature;
    long max_memory;
    /* rule */
    int rule;
    int feedback;
    long types_per_sign;
    int type_labels;
    long type_relabel_every;
    char type_file[MODPROP_TEXT_SIZE];
    int feedback_weights;
    double feedback_decay;
    double mu;
    int mu_mode;
    int mu_pool;
    double mu_gain;
    double mu_tau_iterations;
    double mu_tau_ms;
    double radius_max;
    long window;
    int learning_signal;
    double signal_decay;
    int path;
    double tap_tolerance;
};

enum modprop_kind {
    MODPROP_REAL_VALUE,
    MODPROP_INTEGER_VALUE,
    MODPROP_NAME_VALUE,
    MODPROP_TEXT_VALUE /* such as a path: char [MODPROP_TEXT_SIZE], in UTF-8 */
};

/* Which choice decides whether a parameter is read: always, or if the chosen rule / task / units /
 * optimiser lists it among its parameters. */
enum modprop_reader {
    MODPROP_READ_ALWAYS,
    MODPROP_READ_BY_RULE,
    MODPROP_READ_BY_TASK,
    MODPROP_READ_BY_UNITS,
    MODPROP_READ_BY_OPTIMISER
};

/* One parameter: the only place where it is described. */
struct modprop_parameter {
    const char *section; /* of the sweep file */
    const char *name;
    enum modprop_kind kind;
    size_t offset;        /* in struct modprop_config */
    const char *fallback; /* default, as text */
    double minimum, maximum;
    bool minimum_excluded;
    enum modprop_reader reader;
    const char *when; /* NULL, or "feedback=type": read only if that parameter has that value ("!=":
                       * another one); more of them, " or " between: if one of them holds; such parts,
                       * ", and " between: if all of them do */
    bool one_value;   /* may not differ between the runs of one sweep */
    bool later;       /* results files are older: its default is in no run's key */
    const char *unit; /* "1" for numbers without a unit */
    const char *help;
    const char *(*choice)(size_t index); /* MODPROP_NAME_VALUE: the names, NULL past the last */
};

size_t modprop_parameter_count(void);

/* index < modprop_parameter_count(); never NULL. Static storage. */
const struct modprop_parameter *modprop_parameter_at(size_t index);

/* Index of the parameter of that name, or modprop_parameter_count() if there is none. */
size_t modprop_parameter_find(const char *name);

/* A parameter's value as a number; a name's is its index, a text's is a hash of it: equal texts have
 * equal numbers. */
double modprop_parameter_value(size_t index, const struct modprop_config *config);

/* Sets it from a number. Not for texts, which modprop_config_set sets. */
void modprop_parameter_assign(size_t index, struct modprop_config *config, double value);

/* Sets it to what it is in another configuration. */
void modprop_parameter_copy(size_t index, struct modprop_config *to,
                            const struct modprop_config *from);

/* A MODPROP_TEXT_VALUE itself; part of the configuration. */
const char *modprop_parameter_text(size_t index, const struct modprop_config *config);

/* Reads one value ("0.25", "8", "modprop") and checks kind and range; a wrong name is told with the
 * nearest known one. *value is untouched on failure. */
enum modprop_status modprop_parameter_parse(size_t index, const char *text, double *value,
                                            struct modprop_error *err);

/* Checks a value that was computed rather than read (linspace, uniform): its kind and its range. */
enum modprop_status modprop_parameter_check(size_t index, double value, struct modprop_error *err);

/* Writes the value as the sweep file would have it; the shortest text that reads back the same. Not
 * for MODPROP_TEXT_VALUE, whose number does not tell the text. */
void modprop_parameter_format(size_t index, double value, char *text, size_t size);

/* read[modprop_parameter_count()]: which parameters this configuration's rule, task, units and
 * optimiser read. The others have no influence on the run. */
void modprop_config_reads(const struct modprop_config *config, bool *read);

/* The same for the parameter of that name alone. */
bool modprop_config_reads_parameter(const struct modprop_config *config, const char *name);

/* The published run: every parameter at its default. */
void modprop_config_init(struct modprop_config *config);

/* Sets one parameter from text. Errors: unknown name (with the nearest), bad or out-of-range value. */
enum modprop_status modprop_config_set(struct modprop_config *config, const char *name,
                                       const char *value, struct modprop_error *err);

/* Whether the values fit each other: what no single range can say (cell types against units, a rule
 * against its path, ...). Called by modprop_run_create too. */
enum modprop_status modprop_config_check(const struct modprop_config *config,
                                         struct modprop_error *err);

/* Whether values that are allowed are wise: MODPROP_INVALID with the reason if the run is not likely to
 * be what was meant, such as a fixed mu beyond what the modulatory filter bears. For a configuration
 * that modprop_config_check has passed. */
enum modprop_status modprop_config_doubt(const struct modprop_config *config,
                                         struct modprop_error *err);

/* MODPROP_PATH_ONLINE or _OFFLINE: how the run will compute its gradient (auto: the cheaper one). */
enum modprop_path modprop_config_path(const struct modprop_config *config);
const char *modprop_path_name(enum modprop_path path);

/* Operations of one iteration, forward pass and gradient, as a dense product would count them (two for
 * a product and its sum). For rough estimates of time. */
double modprop_config_operations(const struct modprop_config *config);

/* Memory one run takes at most, all arrays together; with its state, should it be saved. */
size_t modprop_config_bytes(const struct modprop_config *config);

/* Number of evaluations of a run: before the first iteration, then every evaluate_every. */
size_t modprop_config_evaluations(const struct modprop_config *config);

/* ------------------------------------------------------------------ what a run tells */

/* One evaluation on a fresh batch. Each field is a row of the figure table. NaN: does not apply. */
struct modprop_evaluation {
    double iteration;  /* iterations done */
    double loss;       /* of the task */
    double loss_total; /* with weight decay */
    double accuracy;
    double mean_rate;
    double largest_rate;
    double active_fraction; /* mean of the activation derivative h */
    double spectral_radius; /* of W_rec */
    double filter_radius;   /* of the modulatory filter alpha I + (1-alpha) mu W_fb */
    double mu_effective;
    double gradient_norm; /* largest since the last evaluation, before clipping */
    double taps;          /* filter taps of the online form */
    double elapsed_s;
};

struct modprop_figure {
    const char *name;
    const char *unit;
    const char *help;
    size_t offset; /* of a double in struct modprop_evaluation */
};

size_t modprop_figure_count(void);
const struct modprop_figure *modprop_figure_at(size_t index); /* index < count; static storage */

/* The outcome of a run. `evaluation` is the caller's array of modprop_config_evaluations(config)
 * entries; `weights` NULL, or the caller's array of modprop_config_weights(config) values, which gets
 * W_in [n_in][n], W_rec [n][n], W_out [n][n_out], b_out [n_out] one after another at the end. */
struct modprop_record {
    long iterations_done;
    long diverged_at; /* iteration, or -1 */
    double wall_s, cpu_s;
    size_t evaluations; /* filled */
    struct modprop_evaluation *evaluation;
    modprop_real *weights;
};

/* Number of inputs and outputs of the configured task, and of all weights together. */
void modprop_config_shape(const struct modprop_config *config, size_t *n_in, size_t *n_out);
size_t modprop_config_weights(const struct modprop_config *config);

/* ------------------------------------------------------------------ one run, step by step */

struct modprop_run;

/* Makes the network, task and work memory of a run. On failure *run is NULL and err says why. The
 * caller frees the run. `config` is copied. */
enum modprop_status modprop_run_create(struct modprop_run **run,
                                       const struct modprop_config *config,
                                       struct modprop_error *err);
void modprop_run_free(struct modprop_run *run); /* accepts NULL */

/* One training iteration (science: gradient by the rule, clipping, optimiser, rewiring).
 * MODPROP_DIVERGED: the gradient or the weights are not finite; the run must not be stepped again. */
enum modprop_status modprop_run_step(struct modprop_run *run, struct modprop_error *err);

/* Figures on a fresh batch; does not change the course of the training. MODPROP_DIVERGED as above. */
enum modprop_status modprop_run_evaluate(struct modprop_run *run,
                                         struct modprop_evaluation *evaluation,
                                         struct modprop_error *err);

long modprop_run_iteration(const struct modprop_run *run); /* iterations done */

/* Lets somebody end an iteration or evaluation in its middle: `halt` is asked every few milliseconds,
 * and once it says true modprop_run_step or modprop_run_evaluate drops what it was at and returns
 * MODPROP_STOPPED. Done again, it has the bits it would have had. NULL: nobody. */
typedef bool modprop_halt(void *context);
void modprop_run_halt(struct modprop_run *run, modprop_halt *halt, void *context);

/* modprop_run_create, for large networks takes seconds: this one asks `halt` meanwhile, and the run goes
 * on to ask it. MODPROP_STOPPED: it said true, and *run is NULL. */
enum modprop_status modprop_run_create_halting(struct modprop_run **run,
                                               const struct modprop_config *config,
                                               modprop_halt *halt, void *context,
                                               struct modprop_error *err);

/* Copies all weights out, in the order told at struct modprop_record. */
void modprop_run_weights(const struct modprop_run *run, modprop_real *weights);

/* ------------------------------------------------------------------ a run's state, to go on later */

/* Bytes of the state of a run; the same as long as the run lives. */
size_t modprop_run_state_bytes(const struct modprop_run *run);

/* Writes all that the next iterations depend on to state [modprop_run_state_bytes(run)], in the
 * machine's byte order. It carries its length and versions, but no checksum. */
void modprop_run_save(const struct modprop_run *run, void *state);

/* Puts a run of the same configuration (which is not checked) to where the saved one stood: what
 * follows has the same bits as if that one had gone on. MODPROP_DIFFERENT: it could not, another
 * version of the program, instruction set or BLAS core made the state. MODPROP_INVALID: no state, or
 * that of a run of another shape. MODPROP_NO_MEMORY. On failure the run stands where it stood. */
enum modprop_status modprop_run_restore(struct modprop_run *run, const void *state, size_t bytes,
                                        struct modprop_error *err);

/* ------------------------------------------------------------------ a whole run */

/* Asked after every iteration and every evaluation; `evaluation` is NULL for an iteration.
 * true: stop here; a run whose iterations are all done is still evaluated and is complete. */
typedef bool modprop_watch(void *context, const struct modprop_config *config, long iteration,
                           const struct modprop_evaluation *evaluation);

/* Trains from the start to the end with evaluations in between. `watch` and `record` may be NULL.
 * Returns MODPROP_OK, MODPROP_DIVERGED (the record is complete up to there), MODPROP_STOPPED, or the
 * error that kept the run from starting. */
enum modprop_status modprop_train(const struct modprop_config *config, modprop_watch *watch,
                                  void *context, struct modprop_record *record,
                                  struct modprop_error *err);

/* Trains a run on from where it stands, a new one or a restored one, as modprop_train does. `record`
 * (NULL-able) holds what the run has told before, nothing for a new one: evaluations are added to
 * it, and so are the seconds from here on. `watch` may save the run. */
enum modprop_status modprop_train_on(struct modprop_run *run, modprop_watch *watch, void *context,
                                     struct modprop_record *record, struct modprop_error *err);

/* "OpenBLAS 0.3.21, core Haswell": the BLAS that computes. Static storage. */
const char *modprop_blas_name(void);

/* The core's code that OpenBLAS should be told to use by OPENBLAS_CORETYPE, before it is loaded: its
 * AVX-512 one, where this CPU can run that and the library's detection has chosen another (0.3.21 takes
 * the one for AVX2 on CPUs it does not know: half the speed). NULL: what it has chosen is right. */
const char *modprop_blas_better_core(void);

/* Compares products of OpenBLAS with plain loops. MODPROP_FAILED: they differ by more than rounding;
 * err says by how much, and which core's code it is. */
enum modprop_status modprop_blas_verify(struct modprop_error *err);

/* The instruction set the engine's own loops use here: "avx512", "avx2" or "portable". The best one the
 * CPU has, or what MODPROP_KERNEL in the environment names. Static storage. */
const char *modprop_kernel_name(void);

/* One BLAS thread in this process: for programs that run one training per process. A run's bits do
 * not depend on other runs then. */
void modprop_blas_single_thread(void);

#ifdef __cplusplus
}
#endif

#endif
