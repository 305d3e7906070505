/*
 * modprop_sweep - trains a sweep of configurations over MPI ranks into one results file.
 *
 * Only the training starts MPI; everything else works anywhere, and prints once under mpirun too.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/blas_core.h"
#include "cli/check.h"
#include "cli/gather.h"
#include "cli/launch.h"
#include "cli/options.h"
#include "cli/reference.h"
#include "cli/rehearsal.h"
#include "cli/session.h"
#include "cli/status.h"
#include "cli/trial.h"
#include "cli/version.h"
#include "sweep/plan.h"

static const char usage[] =
    "usage: mpirun -n RANKS modprop_sweep SWEEP.ini [options]\n"
    "       modprop_sweep --status RESULTS.h5\n"
    "       modprop_sweep --gather SWEEP.ini\n"
    "       modprop_sweep --dry-run SWEEP.ini\n"
    "       modprop_sweep --check [CASE.h5...]\n"
    "\n"
    "Trains every configuration of a sweep, one per MPI rank, into one HDF5 file. The\n"
    "same command again continues an interrupted sweep. SIGINT, SIGTERM and SIGUSR1\n"
    "stop it in an orderly way.\n";

static const char usage_end[] =
    "Exit codes: 0 every run has a result, 1 some failed or timed out, 2 wrong use or\n"
    "bad input, 75 interrupted and resumable.\n";

static int help(const struct modprop_options *options)
{
    struct modprop_error err = {0};
    for (int k = 0; k < options->files; k++)
        if (strcmp(options->file[k], "all") == 0)
            modprop_reference_help(stdout);
        else if (modprop_reference_entry(stdout, options->file[k], &err) != MODPROP_OK)
            break;
    if (err.code) {
        modprop_session_complain(&err);
        return MODPROP_EXIT_UNUSABLE;
    }
    if (options->files)
        return MODPROP_EXIT_DONE;
    printf("%s\nOptions:\n", usage);
    modprop_options_print(stdout);
    printf("\nSweep file:\n%s\nEvery key with its default:\n\n", modprop_plan_syntax());
    modprop_reference_help(stdout);
    printf("\n%s", usage_end);
    return MODPROP_EXIT_DONE;
}

static int status(const struct modprop_options *options)
{
    struct modprop_error err = {0};
    size_t damaged = 0;
    if (options->action == MODPROP_ACTION_VERIFY)
        modprop_status_verify(options->results, &damaged, &err);
    else if (options->watch)
        modprop_status_watch(options->results, options->watch_s, &err);
    else
        modprop_status_print(options->results, &err);
    if (err.code) {
        modprop_session_complain(&err);
        return MODPROP_EXIT_UNUSABLE;
    }
    return damaged ? MODPROP_EXIT_FAILED : MODPROP_EXIT_DONE;
}

/* What is done once, however many ranks there are, and without MPI. */
static int act_alone(const struct modprop_options *options, int argc, char **argv)
{
    switch (options->action) {
    case MODPROP_ACTION_DRY_RUN: return modprop_rehearsal_show(options);
    case MODPROP_ACTION_GATHER: return modprop_cli_gather(options, argc, argv);
    case MODPROP_ACTION_SHOW_TRIAL: return modprop_cli_trial(options);
    case MODPROP_ACTION_STATUS:
    case MODPROP_ACTION_VERIFY: return status(options);
    case MODPROP_ACTION_CHECK: return modprop_cli_check(options->files, options->file);
    case MODPROP_ACTION_REFERENCE: modprop_reference_markdown(stdout); break;
    case MODPROP_ACTION_VERSION: modprop_version_print(stdout); break;
    case MODPROP_ACTION_HELP:
    case MODPROP_ACTION_TRAIN: return help(options);
    }
    return MODPROP_EXIT_DONE;
}

/* A kernel that this processor lacks, or that does not exist, is not worth the end of a sweep. */
static void warn_of_kernel(void)
{
    const char *const wanted = getenv("MODPROP_KERNEL");
    if (wanted && strcmp(wanted, modprop_kernel_name()) != 0 && modprop_launch_rank() == 0)
        fprintf(stderr,
                "modprop_sweep: MODPROP_KERNEL=%s cannot be had here (avx512, avx2 or portable, "
                "as the processor allows); using %s\n",
                wanted, modprop_kernel_name());
}

/* Told by each process: their processors may differ. */
static bool blas_is_wrong(void)
{
    struct modprop_error err = {0};
    if (modprop_blas_verify(&err) != MODPROP_OK)
        modprop_session_complain(&err);
    return err.code != MODPROP_OK;
}

int main(int argc, char **argv)
{
    struct modprop_options options;
    struct modprop_error err = {0};
    modprop_blas_core_choose(argv);
    if (!modprop_launch_standard_files())
        return MODPROP_EXIT_UNUSABLE;
    modprop_launch_outlive_readers();
    const bool good = modprop_options_read(&options, argc, argv, &err) == MODPROP_OK;
    modprop_blas_single_thread();
    warn_of_kernel();
    if (good &&
        (options.action == MODPROP_ACTION_TRAIN || options.action == MODPROP_ACTION_CHECK) &&
        blas_is_wrong())
        return MODPROP_EXIT_UNUSABLE;
    if (good && options.action == MODPROP_ACTION_TRAIN)
        return modprop_session_train(&options, argc, argv);
    if (modprop_launch_rank() != 0)
        return MODPROP_EXIT_DONE;
    if (!good) {
        modprop_session_complain(&err);
        fprintf(stderr, "`modprop_sweep --help` lists the options\n");
        return MODPROP_EXIT_UNUSABLE;
    }
    const int code = act_alone(&options, argc, argv);
    if (modprop_launch_printed())
        return code;
    fprintf(stderr, "modprop_sweep: the output could not be written\n");
    return MODPROP_EXIT_UNUSABLE;
}
