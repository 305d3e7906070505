/*
 * The results file: its structure, what is written and read back, taking it up again, refusals.
 *
 * `test_results --hold FILE` makes the fixture's file with half of its runs finished and one
 * running, prints "ready", and holds it open until its input ends: for tests/readers.sh.
 */
#include "results_fixture.h"

#include <fcntl.h>
#include <hdf5.h>
#include <hdf5_hl.h>
#include <sys/wait.h>

#include "store/layout.h"
#include "store/stored.h"

/* ------------------------------------------------------------------ structure */

static void assert_scale_on_every_axis(hid_t dataset, const char *name)
{
    hid_t space = H5Dget_space(dataset);
    const int rank = H5Sget_simple_extent_ndims(space);
    for (int axis = 0; axis < rank; axis++)
        if (H5DSget_num_scales(dataset, (unsigned)axis) != 1)
            fail_msg("%s: axis %d has no dimension scale", name, axis);
    H5Sclose(space);
}

static void assert_storage(hid_t dataset, const char *name)
{
    hid_t list = H5Dget_create_plist(dataset);
    H5D_alloc_time_t when = H5D_ALLOC_TIME_ERROR;
    H5D_fill_value_t fill = H5D_FILL_VALUE_ERROR;
    bool times = true;
    assert_int_equal(H5Pget_layout(list), H5D_CONTIGUOUS);
    assert_true(H5Pget_alloc_time(list, &when) >= 0);
    assert_int_equal(when, H5D_ALLOC_TIME_EARLY);
    assert_true(H5Pget_obj_track_times(list, &times) >= 0);
    assert_false(times);
    assert_true(H5Pfill_value_defined(list, &fill) >= 0);
    assert_int_equal(fill, H5D_FILL_VALUE_USER_DEFINED);
    if (H5Dget_offset(dataset) == HADDR_UNDEF)
        fail_msg("%s has no place in the file", name);
    H5Pclose(list);
}

static void assert_described(hid_t dataset, const char *name)
{
    const char *const attribute[] = {"long_name", "units", "_FillValue"};
    for (size_t k = 0; k < 3; k++)
        if (H5Aexists(dataset, attribute[k]) <= 0)
            fail_msg("%s has no %s", name, attribute[k]);
    hid_t fill = H5Aopen(dataset, "_FillValue", H5P_DEFAULT), type = H5Aget_type(fill);
    hid_t own = H5Dget_type(dataset);
    assert_true(H5Tequal(type, own) > 0); /* netCDF wants the variable's own type */
    H5Tclose(own);
    H5Tclose(type);
    H5Aclose(fill);
}

static herr_t look_at(hid_t group, const char *name, const H5L_info_t *info, void *context)
{
    (void)info;
    size_t *variables = context;
    hid_t object = H5Oopen(group, name, H5P_DEFAULT);
    if (H5Iget_type(object) == H5I_DATASET) {
        assert_storage(object, name);
        if (H5DSis_scale(object) == 0) {
            assert_scale_on_every_axis(object, name);
            assert_described(object, name);
            ++*variables;
        }
    }
    H5Oclose(object);
    return 0;
}

static void every_variable_is_contiguous_allocated_and_described(void **state)
{
    size_t variables = 0;
    struct modprop_plan *plan = fixture_plan(fixture_path(state, "a.h5"), FIXTURE_SWEEP);
    fixture_close(fixture_open(plan));
    hid_t file = H5Fopen(plan->output, H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(H5Literate(file, H5_INDEX_CRT_ORDER, H5_ITER_INC, NULL, look_at, &variables) >= 0);
    assert_true(variables > modprop_parameter_count() + modprop_figure_count() + 10);
    hid_t weights = H5Gopen2(file, "weights", H5P_DEFAULT);
    variables = 0;
    assert_true(H5Literate(weights, H5_INDEX_CRT_ORDER, H5_ITER_INC, NULL, look_at, &variables) >=
                0);
    assert_int_equal(variables, 4);
    H5Gclose(weights);
    H5Fclose(file);
    modprop_plan_free(plan);
}

/* Byte 8 of an HDF5 file is the version of its superblock; 1.8 knows 0 to 2, and 3 has a flag that
 * keeps readers out after a crash. */
static void file_has_the_superblock_of_hdf5_1_8(void **state)
{
    char head[9] = "";
    struct modprop_plan *plan = fixture_plan(fixture_path(state, "a.h5"), FIXTURE_SWEEP);
    fixture_close(fixture_open(plan));
    FILE *file = fopen(plan->output, "rb");
    assert_int_equal(fread(head, 1, sizeof head, file), sizeof head);
    assert_memory_equal(head, "\x89HDF\r\n\x1a\n", 8);
    assert_int_equal(head[8], 2);
    fclose(file);
    modprop_plan_free(plan);
}

static void no_two_variables_share_a_name(void **state)
{
    struct modprop_layout layout;
    struct modprop_plan *plan = fixture_plan(fixture_path(state, "a.h5"), FIXTURE_SWEEP);
    assert_int_equal(modprop_layout_init(&layout, plan, NULL), MODPROP_OK);
    for (size_t a = 0; a < layout.count; a++) {
        for (size_t b = 0; b < a; b++)
            assert_string_not_equal(layout.variable[a].name, layout.variable[b].name);
        for (int axis = 1; axis < MODPROP_AXES; axis++)
            assert_string_not_equal(layout.variable[a].name,
                                    modprop_layout_axis_name((enum modprop_axis)axis));
        assert_string_not_equal(layout.variable[a].name, "iteration");
    }
    modprop_layout_clear(&layout);
    modprop_plan_free(plan);
}

/* -1 is how the file says that a whole number does not apply. */
static void no_whole_parameter_may_be_minus_one(void **state)
{
    (void)state;
    for (size_t k = 0; k < modprop_parameter_count(); k++)
        if (modprop_parameter_at(k)->kind == MODPROP_INTEGER_VALUE &&
            modprop_parameter_check(k, -1, NULL) == MODPROP_OK)
            fail_msg("%s may be -1", modprop_parameter_at(k)->name);
}

static void a_sweep_file_of_a_megabyte_is_kept_verbatim(void **state)
{
    enum { LINES = 20000 };
    static const char comment[] = "; a comment of fifty bytes, and a long sweep file\n";
    char *sweep = malloc(LINES * (sizeof comment - 1) + sizeof FIXTURE_SWEEP);
    strcpy(sweep, FIXTURE_SWEEP);
    char *end = sweep + strlen(sweep);
    for (int k = 0; k < LINES; k++, end += sizeof comment - 1)
        memcpy(end, comment, sizeof comment);
    struct modprop_plan *plan = fixture_plan(fixture_path(state, "a.h5"), sweep);
    struct modprop_overview *overview = NULL;
    fixture_close(fixture_open(plan));
    assert_int_equal(modprop_overview_read(&overview, plan->output, NULL), MODPROP_OK);
    assert_true(strlen(plan->text) > 1000000);
    assert_string_equal(overview->sweep_text, plan->text);
    modprop_overview_free(overview);
    modprop_plan_free(plan);
    free(sweep);
}

/* ------------------------------------------------------------------ rows */

static void figures_are_read_back_as_they_were_written(void **state)
{
    struct modprop_plan *plan = fixture_plan(fixture_path(state, "a.h5"), FIXTURE_SWEEP);
    assert_int_equal(plan->runs, FIXTURE_RUNS);
    fixture_finished(plan);
    assert_int_equal(fixture_check(plan->output), FIXTURE_RUNS);
    modprop_plan_free(plan);
}

/* More than a batch holds, and more of a column than is written at once. */
static void many_rows_in_any_order_reach_their_places(void **state)
{
    size_t checked;
    char text[sizeof FIXTURE_SWEEP + 20];
    snprintf(text, sizeof text, "seed = 1..200%s", strchr(FIXTURE_SWEEP, '\n'));
    struct modprop_plan *plan = fixture_plan(fixture_path(state, "a.h5"), text);
    struct modprop_results *results = fixture_open(plan);
    for (size_t k = 0; k < plan->runs; k++)
        fixture_write(results, k ^ 1);
    fixture_close(results);
    assert_int_equal(fixture_check(plan->output), plan->runs);
    assert_int_equal(fixture_damaged(plan->output, &checked), 0);
    assert_int_equal(checked, plan->runs);
    modprop_plan_free(plan);
}

static void parameters_that_a_run_does_not_read_are_missing(void **state)
{
    size_t count, missing = 0;
    struct modprop_plan *plan = fixture_plan(fixture_path(state, "a.h5"), FIXTURE_SWEEP);
    fixture_close(fixture_open(plan));
    for (size_t index = 0; index < plan->parameters; index++) {
        const struct modprop_parameter *parameter = modprop_parameter_at(index);
        if (parameter->kind == MODPROP_NAME_VALUE || parameter->kind == MODPROP_TEXT_VALUE)
            continue;
        double *values = fixture_read(plan->output, parameter->name, &count);
        assert_int_equal(count, plan->runs);
        for (size_t run = 0; run < plan->runs; run++) {
            const double meant = plan->values[run * plan->parameters + index];
            const double none = parameter->kind == MODPROP_INTEGER_VALUE ? -1 : NAN;
            const double expected = isnan(meant) ? none : meant;
            missing += isnan(meant) ? 1 : 0;
            assert_true(values[run] == expected || (isnan(expected) && isnan(values[run])));
        }
        free(values);
    }
    assert_true(missing > 0);
    modprop_plan_free(plan);
}

static void outcome_is_read_back_as_it_was_written(void **state)
{
    struct modprop_overview *overview = NULL;
    struct modprop_plan *plan = fixture_plan(fixture_path(state, "a.h5"), FIXTURE_SWEEP);
    fixture_finished(plan);
    assert_int_equal(modprop_overview_read(&overview, plan->output, NULL), MODPROP_OK);
    assert_int_equal(overview->runs, plan->runs);
    assert_int_equal(overview->conditions, plan->conditions);
    assert_null(overview->holder);
    assert_string_equal(overview->sweep_text, plan->text);
    for (size_t run = 0; run < plan->runs; run++) {
        struct fixture_outcome meant;
        char label[300];
        fixture_fill(&meant, run);
        modprop_plan_label(plan, run, label, sizeof label);
        const struct modprop_record *record = &meant.outcome.record;
        assert_int_equal(overview->state[run], meant.outcome.state);
        assert_int_equal(overview->iterations_done[run], record->iterations_done);
        assert_int_equal(overview->diverged_at[run], record->diverged_at);
        assert_true(overview->wall_s[run] == record->wall_s);
        assert_true(overview->final_loss[run] == record->evaluation[record->evaluations - 1].loss);
        assert_true(overview->final_accuracy[run] ==
                    record->evaluation[record->evaluations - 1].accuracy);
        assert_string_equal(overview->label[run], label);
        assert_int_equal(overview->condition[run], plan->condition[run]);
        assert_int_equal(strlen(overview->message[run]), meant.message[0] ? 256 : 0);
        assert_memory_equal(overview->message[run], meant.message, strlen(overview->message[run]));
    }
    modprop_overview_free(overview);
    modprop_plan_free(plan);
}

/* 64 bytes hold 63 bytes of this name and half of its last character, which is left out. */
static void a_text_is_never_cut_within_a_character(void **state)
{
    char host[66] = "", read[65] = "";
    memset(host, 'x', 63);
    memcpy(host + 63, "\xC3\xA9", 2);
    struct modprop_plan *plan = fixture_plan(fixture_path(state, "a.h5"), FIXTURE_SWEEP);
    struct modprop_results *results = fixture_open(plan);
    assert_int_equal(modprop_results_begin(results, 0, 0, host, 0, NULL), MODPROP_OK);
    fixture_close(results);
    hid_t file = H5Fopen(plan->output, H5F_ACC_RDONLY, H5P_DEFAULT);
    hid_t column = H5Dopen2(file, "host", H5P_DEFAULT);
    char all[FIXTURE_RUNS][64];
    assert_true(H5Dread(column, H5T_C_S1, H5S_ALL, H5S_ALL, H5P_DEFAULT, all) >= 0);
    memcpy(read, all[0], 64);
    assert_int_equal(strlen(read), 63);
    H5Dclose(column);
    H5Fclose(file);
    modprop_plan_free(plan);
}

/* Runs of 8 and 10 units share W_rec(run, pre, post): [10][10] with NaN around the smaller ones. */
static void weights_of_smaller_networks_are_padded(void **state)
{
    size_t count, n_in, n_out;
    struct modprop_config config;
    struct modprop_plan *plan = fixture_plan(fixture_path(state, "a.h5"), FIXTURE_SWEEP);
    fixture_finished(plan);
    double *values = fixture_read(plan->output, "weights/W_rec", &count);
    assert_int_equal(count, FIXTURE_RUNS * 10 * 10);
    for (size_t run = 0; run < plan->runs; run++) {
        modprop_plan_config(plan, run, &config);
        modprop_config_shape(&config, &n_in, &n_out);
        const size_t n = (size_t)config.n, first = 1000 * run + n_in * n;
        for (size_t pre = 0; pre < 10; pre++)
            for (size_t post = 0; post < 10; post++) {
                const double value = values[(run * 10 + pre) * 10 + post];
                if (pre < n && post < n)
                    assert_true(value == (double)(first + pre * n + post));
                else
                    assert_true(isnan(value));
            }
    }
    free(values);
    modprop_plan_free(plan);
}

/* ------------------------------------------------------------------ taking up again */

static void finished_runs_are_kept_and_interrupted_ones_cleared(void **state)
{
    size_t count, checked;
    struct modprop_plan *plan = fixture_plan(fixture_path(state, "a.h5"), FIXTURE_SWEEP);
    struct modprop_results *results = fixture_open(plan);
    assert_true(modprop_results_opening(results).created);
    for (size_t run = 0; run < 6; run++)
        fixture_write(results, run);
    assert_int_equal(modprop_results_begin(results, 7, 2, "host", 5.0, NULL), MODPROP_OK);
    assert_int_equal(modprop_results_state(results, 7), MODPROP_RUN_RUNNING);
    fixture_close(results);

    results = fixture_open(plan);
    const struct modprop_opening opening = modprop_results_opening(results);
    assert_false(opening.created);
    assert_int_equal(opening.interrupted, 1);
    assert_int_equal(opening.damaged, 0);
    for (size_t run = 0; run < plan->runs; run++)
        assert_int_equal(modprop_results_state(results, run), run == 4  ? MODPROP_RUN_DIVERGED
                                                              : run < 6 ? MODPROP_RUN_DONE
                                                                        : MODPROP_RUN_PENDING);
    double *started = fixture_read(plan->output, "started", &count);
    assert_true(started[5] == 1.7e9 + 5 && isnan(started[7]));
    free(started);
    for (size_t run = 6; run < plan->runs; run++)
        fixture_write(results, run);
    fixture_close(results);
    assert_int_equal(fixture_check(plan->output), plan->runs);
    assert_int_equal(fixture_damaged(plan->output, &checked), 0);
    assert_int_equal(checked, plan->runs);
    modprop_plan_free(plan);
}

static void a_reset_run_is_as_in_a_new_file(void **state)
{
    size_t count, checked;
    struct modprop_plan *plan = fixture_plan(fixture_path(state, "a.h5"), FIXTURE_SWEEP);
    struct modprop_results *results = fixture_open(plan);
    fixture_write(results, 3);
    assert_int_equal(modprop_results_reset(results, 3, NULL), MODPROP_OK);
    assert_int_equal(modprop_results_state(results, 3), MODPROP_RUN_PENDING);
    fixture_close(results);
    double *checksum = fixture_read(plan->output, "checksum", &count);
    double *loss = fixture_read(plan->output, "loss", &count);
    assert_true(checksum[3] == -1 && isnan(loss[3 * FIXTURE_EVALUATIONS]));
    assert_int_equal(fixture_check(plan->output), 0);
    assert_int_equal(fixture_damaged(plan->output, &checked), 0);
    free(loss);
    free(checksum);
    modprop_plan_free(plan);
}

/* A failed run that is begun again leaves nothing of its first outcome. */
static void a_failed_run_can_be_tried_again(void **state)
{
    struct fixture_outcome failed;
    struct modprop_overview *overview = NULL;
    struct modprop_plan *plan = fixture_plan(fixture_path(state, "a.h5"), FIXTURE_SWEEP);
    struct modprop_results *results = fixture_open(plan);
    fixture_fill(&failed, 2);
    failed.outcome.state = MODPROP_RUN_FAILED;
    failed.outcome.message = "no memory";
    failed.outcome.record.evaluations = 0;
    assert_int_equal(modprop_results_write(results, 2, &failed.outcome, NULL), MODPROP_OK);
    fixture_close(results);
    results = fixture_open(plan);
    assert_int_equal(modprop_results_state(results, 2), MODPROP_RUN_FAILED);
    assert_int_equal(modprop_results_begin(results, 2, 0, "host", 5.0, NULL), MODPROP_OK);
    assert_int_equal(modprop_overview_read(&overview, plan->output, NULL), MODPROP_OK);
    assert_int_equal(overview->state[2], MODPROP_RUN_RUNNING);
    assert_string_equal(overview->message[2], "");
    modprop_overview_free(overview);
    fixture_close(results);
    modprop_plan_free(plan);
}

/* ------------------------------------------------------------------ damage */

static void flip(const char *path, uint64_t place)
{
    const int fd = open(path, O_RDWR);
    unsigned char byte;
    assert_int_equal(pread(fd, &byte, 1, (off_t)place), 1);
    byte ^= 1;
    assert_int_equal(pwrite(fd, &byte, 1, (off_t)place), 1);
    close(fd);
}

static void find_variables(struct modprop_stored *stored, const char *path)
{
    hid_t file;
    assert_int_equal(modprop_stored_open(&file, path, NULL), MODPROP_OK);
    assert_int_equal(modprop_stored_find(stored, file, path, NULL), MODPROP_OK);
    modprop_h5_drop(file);
}

/* A status of one bit more: done (2) becomes diverged (3); the checksum covers the state too. */
static void a_flipped_bit_is_found_in_every_variable(void **state)
{
    enum { RUN = 6 };
    struct modprop_stored stored;
    struct modprop_error err = {0};
    struct modprop_plan *plan = fixture_plan(fixture_path(state, "a.h5"), FIXTURE_SWEEP);
    fixture_finished(plan);
    find_variables(&stored, plan->output);
    assert_true(stored.count > modprop_parameter_count() + modprop_figure_count());
    for (size_t k = 0; k < stored.count; k++) {
        const struct modprop_stored_variable *variable = &stored.variable[k];
        const uint64_t place = variable->offset + RUN * variable->bytes + variable->bytes / 2;
        size_t *damaged = NULL, count, checked;
        flip(plan->output, place);
        assert_int_equal(modprop_results_verify(plan->output, &damaged, &count, &checked, &err),
                         MODPROP_OK);
        if (count != 1 || damaged[0] != RUN || checked != plan->runs)
            fail_msg("%s: %zu rows damaged of %zu", variable->name, count, checked);
        free(damaged);
        flip(plan->output, place);
    }
    modprop_stored_clear(&stored);
    modprop_plan_free(plan);
}

/* Values of the outcome and of the plan: both are repaired, and the run is trained again. */
static void a_damaged_run_is_pending_again_when_reopened(void **state)
{
    size_t checked;
    struct modprop_stored stored;
    struct modprop_plan *plan = fixture_plan(fixture_path(state, "a.h5"), FIXTURE_SWEEP);
    fixture_finished(plan);
    find_variables(&stored, plan->output);
    for (size_t k = 0; k < stored.count; k++) {
        if (strcmp(stored.variable[k].name, "loss") == 0)
            flip(plan->output, stored.variable[k].offset + 3 * stored.variable[k].bytes);
        if (strcmp(stored.variable[k].name, "learning_rate") == 0)
            flip(plan->output, stored.variable[k].offset + 5 * stored.variable[k].bytes);
    }
    struct modprop_results *results = fixture_open(plan);
    assert_int_equal(modprop_results_opening(results).damaged, 2);
    assert_int_equal(modprop_results_opening(results).interrupted, 0);
    for (size_t run = 0; run < plan->runs; run++)
        if ((modprop_results_state(results, run) == MODPROP_RUN_PENDING) != (run == 3 || run == 5))
            fail_msg("run %zu", run);
    fixture_write(results, 3);
    fixture_write(results, 5);
    fixture_close(results);
    assert_int_equal(fixture_damaged(plan->output, &checked), 0);
    assert_int_equal(checked, plan->runs);
    modprop_stored_clear(&stored);
    modprop_plan_free(plan);
}

/* Whether reading tells of damage, naming the file; it must not end otherwise. */
static bool tells_of_damage(const char *path)
{
    struct modprop_overview *overview = NULL;
    struct modprop_error err = {0};
    size_t *damaged = NULL, count = 0, checked = 0;
    (void)modprop_overview_read(&overview, path, &err);
    modprop_overview_free(overview);
    (void)modprop_results_verify(path, &damaged, &count, &checked, &err);
    free(damaged);
    return count > 0 || (err.code != MODPROP_OK && strstr(err.message, path));
}

/* Bits flipped anywhere. In a process of its own: HDF5 leaks memory when it meets damage. */
static void damage_anywhere_is_no_crash(void **state)
{
    enum { FLIPS = 300 };
    int status = 0;
    struct stat info;
    struct modprop_plan *plan = fixture_plan(fixture_path(state, "a.h5"), FIXTURE_SWEEP);
    fixture_finished(plan);
    assert_int_equal(stat(plan->output, &info), 0);
    const pid_t child = fork();
    if (child == 0) {
        uint32_t random = 12345;
        int told = 0;
        for (int k = 0; k < FLIPS; k++) {
            random = random * 1664525u + 1013904223u;
            const uint64_t place = (random >> 4) % (uint64_t)info.st_size;
            flip(plan->output, place);
            told += tells_of_damage(plan->output);
            flip(plan->output, place);
        }
        _exit(told > FLIPS / 2 && !tells_of_damage(plan->output) ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    modprop_plan_free(plan);
}

/* ------------------------------------------------------------------ refusals */

/* Opening must fail with this code and with each of the words in the message. */
static void assert_refused(const struct modprop_plan *plan, enum modprop_status code,
                           const char *word, const char *second)
{
    static const struct modprop_provenance provenance = {0};
    struct modprop_results *results = NULL;
    struct modprop_error err = {0};
    assert_int_equal(modprop_results_open(&results, plan, &provenance, &err), code);
    assert_null(results);
    if (!strstr(err.message, word) || (second && !strstr(err.message, second)))
        fail_msg("%s", err.message);
}

static void another_sweep_is_refused_with_the_difference(void **state)
{
    static const struct {
        const char *sweep, *word, *second;
    } other[] = {
        {"seed = 1, 2\n[training]\niterations = 60\n[rule]\nrule = modprop\nmu = 0.25\n",
         "mu: the file has 0, 0.25, 0.5, the sweep 0.25", "20 runs in the file, 2 in the sweep"},
        {"seed = 1..20\n[training]\niterations = 60\n[network]\nn = 20\n",
         "seed: the file has 1, 2, the sweep 20 values 1 .. 20",
         "n: the file has 8, 10, the sweep 20"},
        {"seed = 1, 2\n[training]\niterations = 60\n[rule]\nrule = mdgl\n", ", the sweep mdgl",
         "line 4 of the sweep file was"},
    };
    const char *path = fixture_path(state, "a.h5");
    struct modprop_plan *plan = fixture_plan(path, FIXTURE_SWEEP);
    fixture_finished(plan);
    for (size_t k = 0; k < sizeof other / sizeof *other; k++) {
        struct modprop_plan *changed = fixture_plan(path, other[k].sweep);
        assert_refused(changed, MODPROP_DIFFERENT, other[k].word, other[k].second);
        modprop_plan_free(changed);
    }
    struct modprop_plan *lean = fixture_plan(path, FIXTURE_SWEEP);
    lean->save_weights = false;
    assert_refused(lean, MODPROP_DIFFERENT, "save_weights", NULL);
    modprop_plan_free(lean);
    assert_int_equal(fixture_check(path), FIXTURE_RUNS);
    modprop_plan_free(plan);
}

static void second_writer_is_refused_with_the_holder(void **state)
{
    int pipe_end[2];
    char byte, pid[40];
    const char *path = fixture_path(state, "a.h5");
    struct modprop_plan *plan = fixture_plan(path, FIXTURE_SWEEP);
    assert_int_equal(pipe(pipe_end), 0);
    const pid_t child = fork();
    if (child == 0) {
        struct modprop_results *results = fixture_open(plan);
        (void)!write(pipe_end[1], results ? "y" : "n", 1);
        pause();
        _exit(0);
    }
    assert_int_equal(read(pipe_end[0], &byte, 1), 1);
    snprintf(pid, sizeof pid, "process %ld on ", (long)child);
    assert_refused(plan, MODPROP_BUSY, pid, "since");
    struct modprop_overview *overview = NULL;
    assert_int_equal(modprop_overview_read(&overview, path, NULL), MODPROP_OK);
    assert_non_null(strstr(overview->holder, pid));
    modprop_overview_free(overview);

    kill(child, SIGKILL); /* the lock goes with its process, though its file stays */
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(modprop_overview_read(&overview, path, NULL), MODPROP_OK);
    assert_null(overview->holder);
    modprop_overview_free(overview);
    assert_int_equal(access(fixture_path(state, "a.h5.lock"), F_OK), 0);
    struct modprop_results *results = fixture_open(plan);
    assert_true(modprop_results_opening(results).locked);
    fixture_close(results);
    assert_int_not_equal(access(fixture_path(state, "a.h5.lock"), F_OK), 0);
    close(pipe_end[0]);
    close(pipe_end[1]);
    modprop_plan_free(plan);
}

static void put_file(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void *get_file(const char *path, size_t *size)
{
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    *size = (size_t)info.st_size;
    void *bytes = malloc(*size + 1);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fread(bytes, 1, *size, file), *size);
    fclose(file);
    return bytes;
}

/* Refused, told, and not a byte of it changed. */
static void assert_left_alone(const char *path, const char *word)
{
    size_t before_size, after_size;
    struct modprop_plan *plan = fixture_plan(path, FIXTURE_SWEEP);
    struct modprop_overview *overview = NULL;
    struct modprop_error err = {0};
    void *before = get_file(path, &before_size);
    assert_refused(plan, MODPROP_INVALID, word, path);
    void *after = get_file(path, &after_size);
    assert_int_equal(before_size, after_size);
    assert_memory_equal(before, after, before_size);
    assert_int_equal(modprop_overview_read(&overview, path, &err), MODPROP_INVALID);
    assert_non_null(strstr(err.message, path));
    free(before);
    free(after);
    modprop_plan_free(plan);
}

static void what_is_no_results_file_is_left_alone(void **state)
{
    size_t size;
    const char *text = fixture_path(state, "text.h5"), *empty = fixture_path(state, "empty.h5");
    put_file(text, "seed = 1\n", 9);
    assert_left_alone(text, "no HDF5 file");
    put_file(empty, "", 0);
    assert_left_alone(empty, "no HDF5 file");

    const char *foreign = fixture_path(state, "foreign.h5");
    H5Fclose(H5Fcreate(foreign, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
    assert_left_alone(foreign, "not a results file");

    const char *path = fixture_path(state, "cut.h5");
    struct modprop_plan *plan = fixture_plan(path, FIXTURE_SWEEP);
    fixture_finished(plan);
    modprop_plan_free(plan);
    char *whole = get_file(path, &size);
    for (size_t keep = 50; keep < size; keep += size / 7) {
        put_file(path, whole, keep);
        assert_left_alone(path, "damaged");
    }
    free(whole);
}

static void places_where_no_file_can_be_are_refused(void **state)
{
    struct modprop_plan *plan = fixture_plan(fixture_path(state, "file"), FIXTURE_SWEEP);
    put_file(plan->output, "", 0);
    modprop_plan_free(plan);
    const struct {
        const char *path, *word;
        enum modprop_status code;
    } place[] = {
        {fixture_path(state, "."), "is a folder", MODPROP_INVALID},
        {fixture_path(state, "file/below/a.h5"), "Not a directory", MODPROP_IO},
        {"/dev/null", "is a device", MODPROP_INVALID},
        {"/proc/modprop/a.h5", "cannot be made", MODPROP_IO},
    };
    for (size_t k = 0; k < sizeof place / sizeof *place; k++) {
        plan = fixture_plan(place[k].path, FIXTURE_SWEEP);
        assert_refused(plan, place[k].code, place[k].word, place[k].path);
        modprop_plan_free(plan);
    }
}

static void the_sweep_file_itself_is_not_overwritten(void **state)
{
    const char *path = fixture_path(state, "sweep.ini");
    put_file(path, "seed = 1\n", 9);
    struct modprop_plan *plan = fixture_plan(path, FIXTURE_SWEEP);
    free(plan->source);
    plan->source = strdup(path);
    assert_refused(plan, MODPROP_INVALID, "the sweep file itself", path);
    modprop_plan_free(plan);
}

static void folders_of_the_path_are_made(void **state)
{
    struct modprop_plan *plan = fixture_plan(fixture_path(state, "x/y/a.h5"), FIXTURE_SWEEP);
    fixture_close(fixture_open(plan));
    assert_int_equal(access(plan->output, R_OK | W_OK), 0);
    modprop_plan_free(plan);
}

/* A killed process may leave its lock file and half a new file. */
static void what_a_killed_process_leaves_is_no_obstacle(void **state)
{
    const char *lock = fixture_path(state, "a.h5.lock"), *half = fixture_path(state, "a.h5.new");
    put_file(lock, "process 1 on elsewhere since long ago\n", 38);
    put_file(half, "half a file", 11);
    struct modprop_plan *plan = fixture_plan(fixture_path(state, "a.h5"), FIXTURE_SWEEP);
    fixture_finished(plan);
    assert_int_equal(fixture_check(plan->output), plan->runs);
    assert_int_not_equal(access(lock, F_OK), 0);
    assert_int_not_equal(access(half, F_OK), 0);
    modprop_plan_free(plan);
}

/* HDF5's own lock: readers are let in, a writer is not, in whichever order they come. */
static void hdf5_readers_are_let_in_and_writers_kept_out(void **state)
{
    struct modprop_plan *plan = fixture_plan(fixture_path(state, "a.h5"), FIXTURE_SWEEP);
    struct modprop_results *results = fixture_open(plan);
    fixture_write(results, 0);
    hid_t file = H5Fopen(plan->output, H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(file >= 0);
    H5Fclose(file);
    assert_true(H5Fopen(plan->output, H5F_ACC_RDWR, H5P_DEFAULT) < 0);
    fixture_close(results);
    file = H5Fopen(plan->output, H5F_ACC_RDWR, H5P_DEFAULT);
    assert_true(file >= 0);
    assert_refused(plan, MODPROP_BUSY, "open for writing", NULL);
    H5Fclose(file);
    modprop_plan_free(plan);
}

/* ------------------------------------------------------------------ for tests/readers.sh */

static int hold(const char *path)
{
    struct modprop_plan *plan = fixture_plan(path, FIXTURE_SWEEP);
    struct modprop_results *results = fixture_open(plan);
    for (size_t run = 0; run < plan->runs / 2; run++)
        fixture_write(results, run);
    if (modprop_results_sync(results, NULL) != MODPROP_OK ||
        modprop_results_begin(results, plan->runs / 2, 1, "host", 1.7e9, NULL) != MODPROP_OK)
        return 1;
    puts("ready");
    fflush(stdout);
    while (getchar() != EOF) {}
    fixture_close(results);
    modprop_plan_free(plan);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(int count, char **argument)
{
    if (count == 3 && strcmp(argument[1], "--hold") == 0)
        return hold(argument[2]);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    const struct CMUnitTest tests[] = {
        TEST(every_variable_is_contiguous_allocated_and_described),
        TEST(file_has_the_superblock_of_hdf5_1_8),
        TEST(no_two_variables_share_a_name),
        TEST(no_whole_parameter_may_be_minus_one),
        TEST(a_sweep_file_of_a_megabyte_is_kept_verbatim),
        TEST(figures_are_read_back_as_they_were_written),
        TEST(many_rows_in_any_order_reach_their_places),
        TEST(parameters_that_a_run_does_not_read_are_missing),
        TEST(outcome_is_read_back_as_it_was_written),
        TEST(a_text_is_never_cut_within_a_character),
        TEST(weights_of_smaller_networks_are_padded),
        TEST(finished_runs_are_kept_and_interrupted_ones_cleared),
        TEST(a_reset_run_is_as_in_a_new_file),
        TEST(a_failed_run_can_be_tried_again),
        TEST(a_flipped_bit_is_found_in_every_variable),
        TEST(a_damaged_run_is_pending_again_when_reopened),
        TEST(damage_anywhere_is_no_crash),
        TEST(another_sweep_is_refused_with_the_difference),
        TEST(second_writer_is_refused_with_the_holder),
        TEST(what_is_no_results_file_is_left_alone),
        TEST(places_where_no_file_can_be_are_refused),
        TEST(the_sweep_file_itself_is_not_overwritten),
        TEST(folders_of_the_path_are_made),
        TEST(what_a_killed_process_leaves_is_no_obstacle),
        TEST(hdf5_readers_are_let_in_and_writers_kept_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
