#include "store/structure.h"

#include <hdf5_hl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "engine/memory.h"
#include "store/h5.h"
#include "store/history.h"
#include "store/stored.h"

/* A dimension that is no variable, in the words by which netCDF-4 knows it. */
#define ONLY_A_DIMENSION "This is a netCDF dimension but not a netCDF variable.%10zu"

/* What is open while the structure is made. */
struct making {
    const char *path;
    const struct modprop_layout *layout;
    hid_t file;
    hid_t scale[MODPROP_AXES];
    struct modprop_error *err;
};

static enum modprop_status failed(const struct making *making, const char *what)
{
    return MODPROP_H5_FAIL(making->err, MODPROP_IO, "%s: cannot make %s", making->path, what);
}

/* ------------------------------------------------------------------ file, groups, datasets */

/* Creation order of links and attributes is kept (netCDF-4 wants it), times are not. */
static bool keep_order(hid_t list, bool links)
{
    const unsigned order = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
    return list >= 0 && H5Pset_attr_creation_order(list, order) >= 0 &&
           H5Pset_obj_track_times(list, false) >= 0 &&
           (!links || H5Pset_link_creation_order(list, order) >= 0);
}

static enum modprop_status make_file(struct making *making)
{
    const hid_t creation = H5Pcreate(H5P_FILE_CREATE), access = H5Pcreate(H5P_FILE_ACCESS);
    if (keep_order(creation, true) && access >= 0 &&
        H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18) >= 0)
        making->file = H5Fcreate(making->path, H5F_ACC_TRUNC, creation, access);
    modprop_h5_drop(access);
    modprop_h5_drop(creation);
    return making->file >= 0 ? MODPROP_OK : failed(making, "the file");
}

static enum modprop_status make_group(struct making *making, const char *name)
{
    const hid_t creation = H5Pcreate(H5P_GROUP_CREATE);
    const hid_t group = keep_order(creation, true)
                            ? H5Gcreate2(making->file, name, H5P_DEFAULT, creation, H5P_DEFAULT)
                            : -1;
    modprop_h5_drop(creation);
    modprop_h5_drop(group);
    return group >= 0 ? MODPROP_OK : failed(making, name);
}

/* A contiguous dataset whose storage is allocated and left as it is; negative on failure. */
static hid_t make_dataset(const struct making *making, const char *name, hid_t type, size_t rank,
                          const hsize_t *dims, const void *fill)
{
    const hid_t space = H5Screate_simple((int)rank, dims, NULL),
                creation = H5Pcreate(H5P_DATASET_CREATE);
    hid_t dataset = -1;
    if (space >= 0 && keep_order(creation, false) && H5Pset_layout(creation, H5D_CONTIGUOUS) >= 0 &&
        H5Pset_alloc_time(creation, H5D_ALLOC_TIME_EARLY) >= 0 &&
        H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER) >= 0 &&
        H5Pset_fill_value(creation, type, fill) >= 0)
        dataset = H5Dcreate2(making->file, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    modprop_h5_drop(creation);
    modprop_h5_drop(space);
    return dataset;
}

/* ------------------------------------------------------------------ dimensions */

static enum modprop_status make_dimension(struct making *making, enum modprop_axis axis)
{
    const char *name = modprop_layout_axis_name(axis);
    const hsize_t size = making->layout->size[axis];
    const float fill = 0;
    char text[100];
    snprintf(text, sizeof text, ONLY_A_DIMENSION, making->layout->size[axis]);
    making->scale[axis] = make_dataset(making, name, H5T_IEEE_F32BE, 1, &size, &fill);
    return making->scale[axis] >= 0 && H5DSset_scale(making->scale[axis], text) >= 0
               ? MODPROP_OK
               : failed(making, name);
}

/* The dimensions that some variable has; `run` is a variable itself and made as one. */
static enum modprop_status make_dimensions(struct making *making)
{
    const struct modprop_layout *layout = making->layout;
    enum modprop_status status = MODPROP_OK;
    for (size_t k = 0; k < layout->count; k++)
        for (size_t axis = 1; status == MODPROP_OK && axis < layout->variable[k].rank; axis++)
            if (making->scale[layout->variable[k].axis[axis]] < 0)
                status = make_dimension(making, layout->variable[k].axis[axis]);
    return status;
}

/* ------------------------------------------------------------------ variables */

static enum modprop_status describe(hid_t dataset, const char *help, const char *unit,
                                    struct modprop_error *err)
{
    const enum modprop_status status = modprop_h5_put_text(dataset, "long_name", help, err);
    return status == MODPROP_OK ? modprop_h5_put_text(dataset, "units", unit, err) : status;
}

/* The states in the words of the CF conventions. */
static enum modprop_status describe_states(hid_t dataset, struct modprop_error *err)
{
    int8_t values[MODPROP_RUN_STATES];
    char meanings[200] = "";
    for (int state = 0; state < MODPROP_RUN_STATES; state++) {
        values[state] = (int8_t)state;
        strcat(strcat(meanings, state > 0 ? " " : ""),
               modprop_run_state_name((enum modprop_run_state)state));
    }
    const enum modprop_status status = modprop_h5_put(dataset, "flag_values", H5T_NATIVE_INT8,
                                                      MODPROP_RUN_STATES, values, err);
    return status == MODPROP_OK ? modprop_h5_put_text(dataset, "flag_meanings", meanings, err)
                                : status;
}

/* CF wants no _FillValue on the coordinate `run`: it is never missing, and readers keep it whole.
 */
static enum modprop_status describe_variable(const struct making *making, hid_t dataset,
                                             size_t index)
{
    const struct modprop_variable *variable = &making->layout->variable[index];
    struct modprop_error *err = making->err;
    enum modprop_status status = describe(dataset, variable->help, variable->unit, err);
    if (status == MODPROP_OK && index > 0)
        status = modprop_h5_put(dataset, "_FillValue", modprop_stored_type(variable->element), 1,
                                modprop_layout_fill(variable->element), err);
    if (status == MODPROP_OK && variable->element == MODPROP_CHAR)
        status = modprop_h5_put_text(dataset, "_Encoding", "utf-8", err);
    if (status == MODPROP_OK && variable->rank > 1 && variable->axis[1] == MODPROP_AXIS_EVALUATION)
        status = modprop_h5_put_text(dataset, "coordinates", "iteration", err);
    if (status == MODPROP_OK && index == making->layout->status)
        status = describe_states(dataset, err);
    return status;
}

static enum modprop_status make_variable(struct making *making, size_t index)
{
    const struct modprop_variable *variable = &making->layout->variable[index];
    enum modprop_status status = MODPROP_OK;
    hsize_t dims[MODPROP_LAYOUT_RANK];
    for (size_t axis = 0; axis < variable->rank; axis++)
        dims[axis] = making->layout->size[variable->axis[axis]];
    const hid_t dataset = make_dataset(making, variable->name,
                                       modprop_stored_type(variable->element), variable->rank, dims,
                                       modprop_layout_fill(variable->element));
    if (dataset < 0)
        return failed(making, variable->name);
    if (index == 0) { /* `run`, the dimension of all others */
        making->scale[MODPROP_AXIS_RUN] = dataset;
        return H5DSset_scale(dataset, variable->name) < 0
                   ? failed(making, "the dimension run")
                   : describe_variable(making, dataset, index);
    }
    for (size_t axis = 0; status == MODPROP_OK && axis < variable->rank; axis++)
        if (H5DSattach_scale(dataset, making->scale[variable->axis[axis]], (unsigned)axis) < 0)
            status = failed(making, variable->name);
    if (status == MODPROP_OK)
        status = describe_variable(making, dataset, index);
    modprop_h5_drop(dataset);
    return status;
}

/* iteration(evaluation): one for all runs, because evaluate_every is the same for all. */
static enum modprop_status make_iteration(struct making *making, const struct modprop_plan *plan)
{
    static const int64_t none = -1;
    struct modprop_config config;
    enum modprop_status status = MODPROP_OK;
    const size_t count = making->layout->size[MODPROP_AXIS_EVALUATION];
    const hsize_t size = count;
    int64_t *values = modprop_memory_get(count, sizeof *values);
    if (!values)
        return MODPROP_FAIL(making->err, MODPROP_NO_MEMORY, "no memory for %zu evaluations", count);
    modprop_plan_config(plan, 0, &config);
    for (size_t k = 0; k < count; k++)
        values[k] = (int64_t)k * config.evaluate_every;
    const hid_t dataset = make_dataset(making, "iteration", H5T_NATIVE_INT64, 1, &size, &none);
    if (dataset < 0 || H5DSattach_scale(dataset, making->scale[MODPROP_AXIS_EVALUATION], 0) < 0 ||
        H5Dwrite(dataset, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
        status = failed(making, "iteration");
    if (status == MODPROP_OK)
        status = describe(dataset, "training iterations done at the evaluation", "1", making->err);
    if (status == MODPROP_OK)
        status = modprop_h5_put(dataset, "_FillValue", H5T_NATIVE_INT64, 1, &none, making->err);
    modprop_h5_drop(dataset);
    modprop_memory_free(values);
    return status;
}

/* log/starts, empty; all its bytes are written here, because nothing else fills it. */
static enum modprop_status make_log(struct making *making)
{
    static const char none = '\0';
    const hsize_t dims[] = {MODPROP_HISTORY_LINES, MODPROP_HISTORY_WIDTH};
    char *lines = modprop_memory_get(MODPROP_HISTORY_LINES, MODPROP_HISTORY_WIDTH);
    hid_t log = -1;
    enum modprop_status status = MODPROP_OK;
    if (!lines)
        return MODPROP_FAIL(making->err, MODPROP_NO_MEMORY, "no memory for the log");
    status = make_group(making, "log");
    if (status == MODPROP_OK)
        status = make_dimension(making, MODPROP_AXIS_START);
    if (status == MODPROP_OK)
        status = make_dimension(making, MODPROP_AXIS_LINE);
    if (status == MODPROP_OK)
        log = make_dataset(making, MODPROP_HISTORY_LOG, H5T_C_S1, 2, dims, &none);
    if (status == MODPROP_OK &&
        (log < 0 || H5DSattach_scale(log, making->scale[MODPROP_AXIS_START], 0) < 0 ||
         H5DSattach_scale(log, making->scale[MODPROP_AXIS_LINE], 1) < 0 ||
         H5Dwrite(log, H5T_C_S1, H5S_ALL, H5S_ALL, H5P_DEFAULT, lines) < 0))
        status = failed(making, MODPROP_HISTORY_LOG);
    if (status == MODPROP_OK)
        status = describe(log, "when the sweep was started or continued, and what there was to do",
                          "1", making->err);
    if (status == MODPROP_OK)
        status = modprop_h5_put_text(log, "_Encoding", "utf-8", making->err);
    modprop_h5_drop(log);
    modprop_memory_free(lines);
    return status;
}

static enum modprop_status make_variables(struct making *making, const struct modprop_plan *plan)
{
    enum modprop_status status = make_variable(making, 0);
    if (status == MODPROP_OK && plan->save_weights)
        status = make_group(making, "weights");
    if (status == MODPROP_OK)
        status = make_dimensions(making);
    if (status == MODPROP_OK)
        status = make_iteration(making, plan);
    for (size_t k = 1; status == MODPROP_OK && k < making->layout->count; k++)
        status = make_variable(making, k);
    return status == MODPROP_OK ? make_log(making) : status;
}

/* ------------------------------------------------------------------ global attributes */

static enum modprop_status put_provenance(const struct making *making,
                                          const struct modprop_plan *plan,
                                          const struct modprop_provenance *provenance)
{
    char hash[20], now[40], library[40], history[600], source[100], title[300], shard[48] = "";
    unsigned major = 0, minor = 0, release = 0;
    (void)H5get_libversion(&major, &minor, &release);
    modprop_history_date(now, sizeof now);
    if (plan->shards)
        snprintf(shard, sizeof shard, "%zu/%zu", plan->shard, plan->shards);
    const char *command = provenance->command_line ? provenance->command_line : "modprop";
    snprintf(hash, sizeof hash, "%016" PRIx64, plan->hash);
    snprintf(library, sizeof library, "HDF5 %u.%u.%u", major, minor, release);
    snprintf(history, sizeof history, "%s: made by %s", now, command);
    snprintf(source, sizeof source, "modprop %s", MODPROP_VERSION);
    snprintf(title, sizeof title, "modprop sweep %s", plan->source ? plan->source : "");
    const char *const attribute[][2] = {
        {"Conventions", "CF-1.8"},
        {"title", title},
        {"history", provenance->history ? provenance->history : history},
        {"source", source},
        {"format", MODPROP_STORED_FORMAT},
        {"created", now},
        {"version", MODPROP_VERSION},
        {"commit", provenance->commit},
        {"command_line", provenance->command_line},
        {"mpi", provenance->mpi},
        {"compiler", provenance->compiler},
        {"cpu", provenance->cpu},
        {"blas", provenance->blas},
        {"kernel", provenance->kernel},
        {"hdf5", provenance->hdf5 ? provenance->hdf5 : library},
        {"sweep_file", plan->source},
        {"plan_hash", hash},
        {"shard", shard},
        {"sweep_text", plan->text}};
    enum modprop_status status = MODPROP_OK;
    for (size_t k = 0; status == MODPROP_OK && k < sizeof attribute / sizeof *attribute; k++)
        status = modprop_h5_put_text(making->file, attribute[k][0],
                                     attribute[k][1] ? attribute[k][1] : "unknown", making->err);
    return status;
}

static enum modprop_status put_names(const struct making *making)
{
    const struct modprop_layout *layout = making->layout;
    size_t length = 1;
    for (size_t k = 0; k < layout->count; k++)
        length += strlen(layout->variable[k].name) + 1;
    char *names = modprop_memory_get(length, 1);
    if (!names)
        return MODPROP_FAIL(making->err, MODPROP_NO_MEMORY, "no memory for the names of variables");
    for (size_t k = 0; k < layout->count; k++)
        strcat(strcat(names, k > 0 ? " " : ""), layout->variable[k].name);
    const enum modprop_status status = modprop_h5_put_text(making->file, MODPROP_STORED_VARIABLES,
                                                           names, making->err);
    modprop_memory_free(names);
    return status;
}

enum modprop_status modprop_structure_make(const char *path, const struct modprop_layout *layout,
                                           const struct modprop_plan *plan,
                                           const struct modprop_provenance *provenance,
                                           struct modprop_error *err)
{
    struct making making = {.path = path, .layout = layout, .file = -1, .err = err};
    for (size_t axis = 0; axis < MODPROP_AXES; axis++)
        making.scale[axis] = -1;
    modprop_h5_quiet();
    enum modprop_status status = make_file(&making);
    if (status == MODPROP_OK)
        status = put_provenance(&making, plan, provenance);
    if (status == MODPROP_OK)
        status = put_names(&making);
    if (status == MODPROP_OK)
        status = make_variables(&making, plan);
    for (size_t axis = 0; axis < MODPROP_AXES; axis++)
        modprop_h5_drop(making.scale[axis]);
    if (making.file >= 0 && H5Fclose(making.file) < 0 && status == MODPROP_OK)
        status = failed(&making, "the file");
    return status;
}
