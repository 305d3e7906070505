/*
 * Any bytes as a checkpoint, for libFuzzer (`make fuzz`).
 *
 * A checksum over everything refuses nearly all of them; so the first byte tells whether the two checksums
 * are put right before, as in a file that was written by a program with other ideas of what belongs there.
 * Whatever is read without complaint has to be something that a run can go on from, or refuse.
 * The seeds depend on the processor: with FUZZ_SEEDS=FOLDER they are written there first.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "engine/memory.h"
#include "modprop.h"
#include "store/checkpoints.h"

enum { HEADER_RIGHT = 1, FILE_RIGHT = 2, HEADER_BYTES = 208, HEADER_CRC_AT = 200, CRC_BYTES = 4 };
static const uint64_t key = 0x1234;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* The network of the seeds. */
static struct modprop_config small_config(void)
{
    struct modprop_config config;
    modprop_config_init(&config);
    config.n = 8;
    config.batch = 2;
    config.delay_ms = 4;
    config.cue_ms = 2;
    config.iterations = 4;
    config.evaluate_every = 2;
    return config;
}

static void demand(bool good, const struct modprop_error *err)
{
    if (good)
        return;
    fprintf(stderr, "fuzz_checkpoint: %s\n", err->message);
    abort();
}

static void copy_with_flags(const char *from, const char *folder, const char *name)
{
    char to[512];
    uint8_t bytes[1 << 16];
    FILE *in = fopen(from, "rb"), *out;
    snprintf(to, sizeof to, "%s/%s", folder, name);
    out = fopen(to, "wb");
    if (!in || !out)
        abort();
    const size_t size = fread(bytes, 1, sizeof bytes, in);
    if (fputc(HEADER_RIGHT | FILE_RIGHT, out) == EOF || fwrite(bytes, 1, size, out) != size)
        abort();
    fclose(in);
    fclose(out);
}

/* A run in flight, and a finished one that was kept. */
static void write_seeds(const char *folder)
{
    const struct modprop_config config = small_config();
    struct modprop_run *run = NULL;
    struct modprop_error err = {0};
    struct modprop_evaluation evaluation = {0};
    char work[512], path[560];
    snprintf(work, sizeof work, "%s.work", folder);
    snprintf(path, sizeof path, "%s/%016llx", work, (unsigned long long)key);
    demand(modprop_run_create(&run, &config, &err) == MODPROP_OK &&
               modprop_run_step(run, &err) == MODPROP_OK &&
               modprop_run_evaluate(run, &evaluation, &err) == MODPROP_OK,
           &err);
    struct modprop_checkpoint c = {.key = key, .state_bytes = modprop_run_state_bytes(run)};
    void *state = malloc(c.state_bytes);
    float weights[4096] = {0};
    if (!state)
        abort();
    modprop_run_save(run, state);
    c.state = state;
    c.outcome = (struct modprop_outcome){.state = MODPROP_RUN_RUNNING, .message = ""};
    c.outcome.record.evaluation = &evaluation;
    c.outcome.record.evaluations = 1;
    demand(modprop_checkpoint_write(work, &c, &err) == MODPROP_OK, &err);
    copy_with_flags(path, folder, "flying");
    c.state = NULL;
    c.outcome.state = MODPROP_RUN_DONE;
    c.outcome.message = "kept";
    c.outcome.record.weights = weights;
    c.weights = 20;
    demand(modprop_checkpoint_write(work, &c, &err) == MODPROP_OK, &err);
    copy_with_flags(path, folder, "kept");
    if (modprop_checkpoint_remove(work, key, &err) != MODPROP_OK || rmdir(work) != 0)
        abort();
    free(state);
    modprop_run_free(run);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const char *const folder = getenv("FUZZ_SEEDS");
    (void)argc;
    (void)argv;
    if (folder)
        write_seeds(folder);
    return 0;
}

static void put_right(uint8_t *bytes, size_t size, unsigned which)
{
    uint32_t crc;
    if ((which & HEADER_RIGHT) && size >= HEADER_BYTES) {
        crc = (uint32_t)crc32_z(0, bytes, HEADER_CRC_AT);
        memcpy(bytes + HEADER_CRC_AT, &crc, sizeof crc);
    }
    if ((which & FILE_RIGHT) && size >= CRC_BYTES) {
        crc = (uint32_t)crc32_z(0, bytes, size - CRC_BYTES);
        memcpy(bytes + size - CRC_BYTES, &crc, sizeof crc);
    }
}

static void write_file(const char *path, const uint8_t *data, size_t size)
{
    uint8_t *const bytes = malloc(size);
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (!bytes || fd < 0)
        abort();
    memcpy(bytes, data + 1, size - 1);
    put_right(bytes, size - 1, data[0]);
    if (write(fd, bytes, size - 1) != (ssize_t)size - 1)
        abort();
    close(fd);
    free(bytes);
}

static void go_on(const struct modprop_checkpoint *checkpoint)
{
    const struct modprop_config config = small_config();
    struct modprop_run *run = NULL;
    struct modprop_error err = {0};
    demand(modprop_run_create(&run, &config, &err) == MODPROP_OK, &err);
    if (checkpoint->state &&
        modprop_run_restore(run, checkpoint->state, checkpoint->state_bytes, &err) == MODPROP_OK)
        (void)modprop_run_step(run, &err);
    modprop_run_free(run);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char output[64], folder[96], path[128];
    struct modprop_checkpoint checkpoint;
    struct modprop_checkpoints list = {0};
    struct modprop_error err = {0};
    void *block = NULL;
    bool there;
    if (size < 2)
        return 0;
    if (!output[0]) {
        snprintf(output, sizeof output, "/tmp/modprop_fuzz_%ld.h5", (long)getpid());
        snprintf(folder, sizeof folder, "%s.checkpoints", output);
        snprintf(path, sizeof path, "%s/%016llx", folder, (unsigned long long)key);
        demand(mkdir(folder, 0700) == 0, &err);
    }
    write_file(path, data, size);
    if (modprop_checkpoint_peek(&checkpoint, &there, folder, key, &err) == MODPROP_OK && !there)
        abort();
    err = (struct modprop_error){0};
    const enum modprop_status status = modprop_checkpoint_read(&checkpoint, &block, folder, key,
                                                               &err);
    if ((status == MODPROP_OK) != (block != NULL) || (status != MODPROP_OK && !err.message[0]))
        abort();
    if (status == MODPROP_OK)
        go_on(&checkpoint);
    modprop_memory_free(block);
    if (modprop_checkpoints_list(&list, output, &err) != MODPROP_OK || list.count != 1)
        abort();
    modprop_checkpoints_clear(&list);
    return 0;
}
