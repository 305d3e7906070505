/*
 * Images from IDX files: the trials made of them, evaluation on others than those trained on, and
 * files that are not what they should be.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "task_fixture.h"

#include "engine/idx.h"

enum { IMAGES = 1797, PIXELS = 64 };

static struct modprop_config digits_config(long batch)
{
    struct modprop_config config = task_config("sequential_digits", batch);
    config.input_noise = 0;
    return config;
}

/* ------------------------------------------------------------------ trials */

struct set {
    struct modprop_idx images, labels;
};

static struct set read_digits(void)
{
    struct modprop_error err = {0};
    struct set set;
    if (modprop_idx_read(&set.images, DIGITS "/train-images-idx3-ubyte", 3, &err) != MODPROP_OK ||
        modprop_idx_read(&set.labels, DIGITS "/train-labels-idx1-ubyte", 1, &err) != MODPROP_OK)
        fail_msg("%s", err.message);
    return set;
}

static void forget(struct set *set)
{
    modprop_idx_clear(&set->images);
    modprop_idx_clear(&set->labels);
}

static void the_test_digits_are_complete(void **state)
{
    (void)state;
    struct set set = read_digits();
    size_t of_digit[10] = {0}, white = 0;
    assert_int_equal(set.images.size[0], IMAGES);
    assert_int_equal(set.images.size[1], 8);
    assert_int_equal(set.images.size[2], 8);
    assert_int_equal(set.images.bytes, IMAGES * PIXELS);
    assert_int_equal(set.labels.bytes, IMAGES);
    for (size_t k = 0; k < IMAGES; k++)
        of_digit[set.labels.data[k]]++;
    for (size_t k = 0; k < 10; k++)
        assert_true(of_digit[k] > 170 && of_digit[k] < 190);
    for (size_t k = 0; k < set.images.bytes; k++)
        white += set.images.data[k] == 255;
    assert_true(white > 0);
    forget(&set);
}

/* The images that are the trial's, pixel for pixel (there may be equal ones): the first of them. */
static size_t image_of(const struct batch *f, const struct set *set, size_t b, bool rows,
                       size_t step)
{
    for (size_t image = 0; image < IMAGES; image++) {
        bool equal = true;
        for (size_t p = 0; p < PIXELS && equal; p++)
            for (size_t i = 0; i < step && equal; i++)
                equal = input_at(f, (rows ? p / 8 : p) * step + i, b, rows ? p % 8 : 0) ==
                        (double)((modprop_real)set->images.data[image * PIXELS + p] / 255);
        if (equal)
            return image;
    }
    return IMAGES;
}

static void images_are_shown_by_rows_or_by_pixels_and_then_nothing(void **state)
{
    (void)state;
    struct set set = read_digits();
    for (int order = 0; order < 2; order++) {
        struct modprop_config config = digits_config(40);
        config.digit_order = order;
        config.digit_step_ms = 3;
        config.digit_blank_ms = 5;
        struct batch f = make(&config, MODPROP_STREAM_TRAINING, 1);
        const bool rows = order == MODPROP_DIGIT_ROWS;
        assert_int_equal(f.shape.n_in, rows ? 8 : 1);
        assert_int_equal(f.shape.T, (rows ? 8 : 64) * 3 + 5);
        for (size_t b = 0; b < 40; b++) {
            const size_t image = image_of(&f, &set, b, rows, 3);
            assert_true(image < IMAGES);
            assert_int_equal(f.trials.label[b], set.labels.data[image]);
            for (size_t t = f.shape.T - 5; t < f.shape.T; t++)
                for (size_t c = 0; c < f.shape.n_in; c++)
                    assert_true(input_at(&f, t, b, c) == 0);
        }
        done(&f);
    }
    forget(&set);
}

/* Marks the images that a seed's batches show. */
static void look(const struct set *set, long seed, enum modprop_stream_name name, bool *seen)
{
    struct modprop_config config = digits_config(1000);
    config.digit_blank_ms = 0;
    config.seed = seed;
    struct batch f = make(&config, name, 0);
    for (size_t b = 0; b < 1000; b++)
        seen[image_of(&f, set, b, true, 1)] = true;
    done(&f);
}

/* 2000 draws from about 1438 images leave exp(-2000 / 1438) = 25 % of them out, from 359 0.4 %. */
static void evaluation_is_on_images_that_no_seed_trains_on(void **state)
{
    (void)state;
    struct set set = read_digits();
    bool trained[IMAGES + 1] = {false}, evaluated[IMAGES + 1] = {false};
    size_t of_training = 0, of_evaluation = 0;
    for (long seed = 1; seed <= 2; seed++) {
        look(&set, seed, MODPROP_STREAM_TRAINING, trained);
        look(&set, seed, MODPROP_STREAM_EVALUATION, evaluated);
    }
    assert_true(!trained[IMAGES] && !evaluated[IMAGES]);
    for (size_t k = 0; k < IMAGES; k++) {
        assert_false(trained[k] && evaluated[k]);
        of_training += trained[k];
        of_evaluation += evaluated[k];
    }
    near_share("held out", of_evaluation, IMAGES, 0.2 * (1 - exp(-2000 / (0.2 * IMAGES))));
    assert_true(of_training > 1000 && of_training < 1200);
    forget(&set);
}

/* ------------------------------------------------------------------ files of our own */

/* A folder for the test's files, without its end. */
static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/modprop_digits_XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    static const char *const sets[] = {"train", "t10k"}, *const kinds[] = {"images-idx3-ubyte",
                                                                           "labels-idx1-ubyte",
                                                                           "images-idx3-ubyte.gz",
                                                                           "labels-idx1-ubyte.gz"};
    for (size_t s = 0; s < 2; s++)
        for (size_t k = 0; k < 4; k++) {
            char path[160];
            snprintf(path, sizeof path, "%s/%s-%s", folder, sets[s], kinds[k]);
            unlink(path);
        }
    return rmdir(folder);
}

/* Writes `count` bytes as FOLDER/NAME, packed if the name ends so. */
static void put(const char *name, const unsigned char *bytes, size_t count)
{
    char path[160];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    unlink(path);
    const bool packed = strstr(name, ".gz") != NULL;
    gzFile file = gzopen(path, packed ? "wb" : "wbT");
    assert_non_null(file);
    assert_int_equal(gzwrite(file, bytes, (unsigned)count), count);
    assert_int_equal(gzclose(file), Z_OK);
}

/* Head and data of `count` images of 2 x 3 pixels of value `pixel`, or labels. */
static size_t images_into(unsigned char *bytes, unsigned char count, unsigned char pixel)
{
    const unsigned char head[] = {0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 2, 0, 0, 0, 3};
    memcpy(bytes, head, sizeof head);
    memset(bytes + sizeof head, pixel, count * 6u);
    return sizeof head + count * 6u;
}

static size_t labels_into(unsigned char *bytes, unsigned char count, unsigned char label)
{
    const unsigned char head[] = {0, 0, 8, 1, 0, 0, 0, count};
    memcpy(bytes, head, sizeof head);
    memset(bytes + sizeof head, label, count);
    return sizeof head + count;
}

static void put_set(const char *set, const char *ending, unsigned char pixel, unsigned char label)
{
    unsigned char bytes[200];
    char name[64];
    snprintf(name, sizeof name, "%s-images-idx3-ubyte%s", set, ending);
    put(name, bytes, images_into(bytes, 9, pixel));
    snprintf(name, sizeof name, "%s-labels-idx1-ubyte%s", set, ending);
    put(name, bytes, labels_into(bytes, 9, label));
}

static struct modprop_config own_config(void)
{
    struct modprop_config config = digits_config(20);
    small_set(&config, "data", folder);
    config.digit_rows = 2;
    config.digit_columns = 3;
    return config;
}

static void evaluation_is_on_the_t10k_files_where_there_are_any(void **state)
{
    (void)state;
    for (int packed = 0; packed < 2; packed++) {
        const struct modprop_config config = own_config();
        put_set("train", packed ? ".gz" : "", 51, 4);
        put_set("t10k", packed ? "" : ".gz", 102, 7);
        struct batch f = make(&config, MODPROP_STREAM_TRAINING, 0);
        for (size_t b = 0; b < 20; b++) {
            assert_true(f.trials.label[b] == 4 && input_at(&f, 1, b, 2) == (modprop_real)0.2);
        }
        go(&f, &config, MODPROP_STREAM_EVALUATION, 0);
        for (size_t b = 0; b < 20; b++)
            assert_true(f.trials.label[b] == 7 && input_at(&f, 1, b, 2) == (modprop_real)0.4);
        assert_true(modprop_config_bytes(&config) > 0);
        done(&f);
        remove_folder(NULL);
        assert_int_equal(mkdir(folder, 0700), 0);
    }
}

/* The plan refuses the folder, and so does the run. */
static void refused(const struct modprop_config *config, enum modprop_status code, const char *what)
{
    struct modprop_error err = {0};
    struct modprop_run *run;
    void *task = &task;
    if (modprop_config_check(config, &err) == MODPROP_OK)
        modprop_run_create(&run, config, &err);
    if (err.code != code || !strstr(err.message, what))
        fail_msg("code %d, \"%s\" does not say \"%s\"", err.code, err.message, what);
    assert_int_not_equal(modprop_task_sequential_digits.create(&task, config, NULL), MODPROP_OK);
    assert_null(task);
}

static void what_is_wrong_with_a_folder_is_told(void **state)
{
    (void)state;
    struct modprop_config config = own_config();
    unsigned char bytes[200];
    size_t count;
    refused(&config, MODPROP_IO, "there is no ");
    put_set("train", "", 51, 4);
    config.digit_held_out = 0.01;
    refused(&config, MODPROP_INVALID, "too few"); /* none of nine images is kept */
    put_set("t10k", "", 51, 4);
    config.digit_rows = 3;
    refused(&config, MODPROP_INVALID, "set digit_rows = 2 and digit_columns = 3");
    config.digit_rows = 2;
    put("t10k-labels-idx1-ubyte", bytes, labels_into(bytes, 8, 1));
    refused(&config, MODPROP_INVALID, "has 9 images");
    put("t10k-labels-idx1-ubyte", bytes, labels_into(bytes, 9, 10));
    refused(&config, MODPROP_INVALID, "label 0 of 9 is 10");
    put("t10k-labels-idx1-ubyte", bytes, images_into(bytes, 9, 1));
    refused(&config, MODPROP_INVALID, "begins with 00 00 08 03, not with 00 00 08 01");
    count = labels_into(bytes, 9, 1);
    put("t10k-labels-idx1-ubyte", bytes, count + 1);
    refused(&config, MODPROP_INVALID, "goes on behind");
    put("t10k-labels-idx1-ubyte", bytes, count - 1);
    refused(&config, MODPROP_INVALID, "ends 1 bytes before");
    put("t10k-labels-idx1-ubyte", bytes, 5);
    refused(&config, MODPROP_INVALID, "ends 3 bytes before");
    bytes[4] = 0x7f; /* two thousand million labels in 17 bytes */
    put("t10k-labels-idx1-ubyte", bytes, count);
    refused(&config, MODPROP_INVALID, "cannot hold");
}

/* Every prefix of a good file is refused, packed or not, without a crash. */
static void files_cut_anywhere_are_refused(void **state)
{
    (void)state;
    unsigned char bytes[200], packed[200];
    const size_t plain = labels_into(bytes, 9, 3);
    struct modprop_idx idx;
    char name[160], path[176];
    snprintf(name, sizeof name, "%s/train-labels-idx1-ubyte", folder);
    snprintf(path, sizeof path, "%s.gz", name);
    put("train-labels-idx1-ubyte.gz", bytes, plain);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    const size_t size = fread(packed, 1, sizeof packed, file);
    fclose(file);
    assert_int_equal(modprop_idx_read(&idx, name, 1, NULL), MODPROP_OK);
    assert_true(idx.bytes == 9 && idx.data[8] == 3);
    modprop_idx_clear(&idx);
    for (size_t count = 0; count < size; count++) {
        assert_non_null(file = fopen(path, "wb"));
        assert_int_equal(fwrite(packed, 1, count, file), count);
        assert_int_equal(fclose(file), 0);
        assert_int_not_equal(modprop_idx_read(&idx, name, 1, NULL), MODPROP_OK);
        assert_null(idx.data);
    }
    unlink(path);
    for (size_t count = 0; count < plain; count++) {
        put("train-labels-idx1-ubyte", bytes, count);
        assert_int_not_equal(modprop_idx_read(&idx, name, 1, NULL), MODPROP_OK);
        assert_null(idx.data);
    }
}

/* Under AddressSanitizer this is where a wrong size would show. A damaged gzip file must be told, but
 * for the bytes that do not matter: time, system, flags. */
static void damaged_files_end_in_an_error_or_in_what_they_say(void **state)
{
    (void)state;
    const struct modprop_config config = own_config();
    const struct modprop_stream stream = {5, 0, 0};
    size_t read = 0;
    for (uint64_t k = 0; k < 3000; k++) {
        unsigned char bytes[200];
        uint32_t words[4];
        modprop_random_words(stream, k, words);
        const bool images = words[0] & 1;
        const size_t count = images ? images_into(bytes, 9, 9) : labels_into(bytes, 9, 9);
        put_set("train", "", 1, 1);
        put_set("t10k", "", 1, 1);
        bytes[words[1] % (images ? 20 : count)] ^= (unsigned char)(1u << words[2] % 8);
        put(images ? "t10k-images-idx3-ubyte" : "t10k-labels-idx1-ubyte", bytes, count);
        void *task = NULL;
        if (modprop_task_sequential_digits.create(&task, &config, NULL) == MODPROP_OK) {
            read++; /* the flipped bit was a pixel's or a label's */
            modprop_task_sequential_digits.free(task);
        } else {
            assert_null(task);
        }
    }
    assert_true(read > 100 && read < 1500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_test_digits_are_complete),
        cmocka_unit_test(images_are_shown_by_rows_or_by_pixels_and_then_nothing),
        cmocka_unit_test(evaluation_is_on_images_that_no_seed_trains_on),
        cmocka_unit_test_setup_teardown(evaluation_is_on_the_t10k_files_where_there_are_any,
                                        make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(what_is_wrong_with_a_folder_is_told, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(files_cut_anywhere_are_refused, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(damaged_files_end_in_an_error_or_in_what_they_say,
                                        make_folder, remove_folder),
    };
    return cmocka_run_group_tests_name("task_digits", tests, NULL, NULL);
}
