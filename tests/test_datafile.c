/*
 * Reading datasets and attributes of files made by others, good and bad.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <hdf5.h>

#include "store/datafile.h"

static const double matrix[2][3] = {{1, 2.5, -3}, {4, 5, 1e300}};

static void put_dataset(hid_t file, const char *name, hid_t type, int rank, const hsize_t *dims,
                        hid_t memory, const void *values)
{
    hid_t space = rank > 0 ? H5Screate_simple(rank, dims, NULL) : H5Screate(H5S_SCALAR);
    hid_t set = H5Dcreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (values)
        assert_true(H5Dwrite(set, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    H5Dclose(set);
    H5Sclose(space);
}

static void put_attribute(hid_t file, const char *name, hid_t type, const void *value)
{
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t attribute = H5Acreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(H5Awrite(attribute, type, value) >= 0);
    H5Aclose(attribute);
    H5Sclose(space);
}

static hid_t text_type(size_t size)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, size);
    return type;
}

static void put_datasets(hid_t file)
{
    const hsize_t dims[5] = {2, 3, 1, 1, 1}, none[2] = {0, 3}, huge = (hsize_t)1 << 40;
    const int64_t whole[2] = {-7, (int64_t)1 << 40};
    const double one = 42;
    hid_t text = text_type(8);
    put_dataset(file, "matrix", H5T_IEEE_F64BE, 2, dims, H5T_NATIVE_DOUBLE, matrix);
    put_dataset(file, "single", H5T_IEEE_F32LE, 2, dims, H5T_NATIVE_DOUBLE, matrix);
    put_dataset(file, "whole", H5T_STD_I64LE, 1, dims, H5T_NATIVE_INT64, whole);
    put_dataset(file, "scalar", H5T_IEEE_F64LE, 0, dims, H5T_NATIVE_DOUBLE, &one);
    put_dataset(file, "empty", H5T_IEEE_F64LE, 2, none, H5T_NATIVE_DOUBLE, NULL);
    put_dataset(file, "five", H5T_IEEE_F64LE, 5, dims, H5T_NATIVE_DOUBLE, NULL);
    put_dataset(file, "text", text, 1, dims, text, "abcdefghijklmno");
    put_dataset(file, "huge", H5T_IEEE_F64LE, 1, &huge, H5T_NATIVE_DOUBLE, NULL);
    H5Gclose(H5Gcreate2(file, "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Lcreate_external("/etc/passwd", "/x", file, "external", H5P_DEFAULT, H5P_DEFAULT);
    H5Tclose(text);
}

static void put_attributes(hid_t file)
{
    const int n = 12;
    const double mu = 0.25;
    const char *pointer = "of variable length";
    hid_t fixed = text_type(7), variable = text_type(H5T_VARIABLE);
    put_attribute(file, "n", H5T_NATIVE_INT, &n);
    put_attribute(file, "mu", H5T_NATIVE_DOUBLE, &mu);
    put_attribute(file, "fixed", fixed, "modprop");
    put_attribute(file, "variable", variable, &pointer);
    H5Tclose(variable);
    H5Tclose(fixed);
}

static int setup(void **state)
{
    char *path = strdup("/tmp/modprop-datafile-XXXXXX");
    const int fd = path ? mkstemp(path) : -1;
    if (fd < 0 || close(fd) != 0)
        return -1;
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    put_datasets(file);
    put_attributes(file);
    *state = path;
    return H5Fclose(file) < 0 ? -1 : 0;
}

static int teardown(void **state)
{
    const int failed = unlink(*state);
    free(*state);
    return failed;
}

static struct modprop_datafile *open_file(const char *path)
{
    struct modprop_datafile *file = NULL;
    struct modprop_error err = {0};
    if (modprop_datafile_open(&file, path, &err) != MODPROP_OK)
        fail_msg("%s", err.message);
    return file;
}

/* ------------------------------------------------------------------ tests */

static void any_number_type_is_read_as_double(void **state)
{
    size_t rank, dims[MODPROP_DATAFILE_RANK];
    double *values = NULL;
    struct modprop_datafile *file = open_file(*state);
    assert_int_equal(modprop_datafile_read(file, "matrix", &values, &rank, dims, NULL), MODPROP_OK);
    assert_true(rank == 2 && dims[0] == 2 && dims[1] == 3 && dims[2] == 1 && dims[3] == 1);
    assert_memory_equal(values, matrix, sizeof matrix);
    free(values);
    assert_int_equal(modprop_datafile_read(file, "single", &values, &rank, dims, NULL), MODPROP_OK);
    assert_true(values[1] == 2.5 && values[4] == 5);
    free(values);
    assert_int_equal(modprop_datafile_read(file, "whole", &values, &rank, dims, NULL), MODPROP_OK);
    assert_true(rank == 1 && dims[0] == 2 && values[0] == -7 && values[1] == 1099511627776.0);
    free(values);
    modprop_datafile_close(file);
}

static void scalars_and_empty_datasets_are_read(void **state)
{
    size_t rank, dims[MODPROP_DATAFILE_RANK];
    double *values = NULL;
    struct modprop_datafile *file = open_file(*state);
    assert_int_equal(modprop_datafile_read(file, "scalar", &values, &rank, dims, NULL), MODPROP_OK);
    assert_true(rank == 0 && dims[0] == 1 && dims[3] == 1 && values[0] == 42);
    free(values);
    assert_int_equal(modprop_datafile_read(file, "empty", &values, &rank, dims, NULL), MODPROP_OK);
    assert_true(rank == 2 && dims[0] == 0 && dims[1] == 3 && values);
    free(values);
    modprop_datafile_close(file);
}

static void what_cannot_be_read_is_told_with_file_and_name(void **state)
{
    static const char *const name[][2] = {{"absent", "there is no dataset"},
                                          {"group", "there is no dataset"},
                                          {"external", "there is no dataset"},
                                          {"text", "does not hold numbers"},
                                          {"five", "5 dimensions"},
                                          {"huge", "more values than the file can hold"}};
    struct modprop_datafile *file = open_file(*state);
    for (size_t k = 0; k < sizeof name / sizeof *name; k++) {
        size_t rank, dims[MODPROP_DATAFILE_RANK];
        double *values = (double *)1;
        struct modprop_error err = {0};
        assert_int_equal(modprop_datafile_read(file, name[k][0], &values, &rank, dims, &err),
                         MODPROP_INVALID);
        assert_null(values);
        if (!strstr(err.message, *state) || !strstr(err.message, name[k][0]) ||
            !strstr(err.message, name[k][1]))
            fail_msg("%s", err.message);
    }
    assert_true(modprop_datafile_has(file, "matrix") && !modprop_datafile_has(file, "absent") &&
                !modprop_datafile_has(file, "group") && !modprop_datafile_has(file, "external"));
    modprop_datafile_close(file);
}

static void attributes_are_read_as_numbers_and_texts(void **state)
{
    double value = 0;
    char text[40];
    struct modprop_error err = {0};
    struct modprop_datafile *file = open_file(*state);
    assert_int_equal(modprop_datafile_number(file, "n", &value, NULL), MODPROP_OK);
    assert_true(value == 12);
    assert_int_equal(modprop_datafile_number(file, "mu", &value, NULL), MODPROP_OK);
    assert_true(value == 0.25);
    assert_int_equal(modprop_datafile_text(file, "fixed", text, sizeof text, NULL), MODPROP_OK);
    assert_string_equal(text, "modprop");
    assert_int_equal(modprop_datafile_text(file, "variable", text, sizeof text, NULL), MODPROP_OK);
    assert_string_equal(text, "of variable length");
    assert_int_equal(modprop_datafile_text(file, "variable", text, 3, NULL), MODPROP_OK);
    assert_string_equal(text, "of");
    assert_int_equal(modprop_datafile_number(file, "fixed", &value, NULL), MODPROP_INVALID);
    assert_int_equal(modprop_datafile_text(file, "n", text, sizeof text, NULL), MODPROP_INVALID);
    assert_int_equal(modprop_datafile_number(file, "absent", &value, &err), MODPROP_INVALID);
    assert_non_null(strstr(err.message, "there is no attribute absent"));
    modprop_datafile_close(file);
}

static void files_that_are_not_hdf5_are_refused(void **state)
{
    struct modprop_datafile *file = NULL;
    struct modprop_error absent = {0}, folder = {0}, text = {0};
    assert_int_equal(modprop_datafile_open(&file, "/tmp/modprop-no-such-file", &absent),
                     MODPROP_IO);
    assert_non_null(strstr(absent.message, "No such file"));
    assert_int_equal(modprop_datafile_open(&file, "/tmp", &folder), MODPROP_INVALID);
    assert_non_null(strstr(folder.message, "folder"));
    FILE *out = fopen(*state, "w");
    assert_true(fputs("seed = 1\n", out) >= 0 && fclose(out) == 0);
    assert_int_equal(modprop_datafile_open(&file, *state, &text), MODPROP_INVALID);
    assert_non_null(strstr(text.message, "is no HDF5 file"));
    assert_null(file);
}

/* Opens and reads all there is; 1 if an error was told. */
static int read_all(const char *path)
{
    static const char *const names[] = {"matrix", "single", "whole", "scalar"};
    struct modprop_datafile *file = NULL;
    struct modprop_error err = {0};
    size_t rank, dims[MODPROP_DATAFILE_RANK];
    if (modprop_datafile_open(&file, path, &err) != MODPROP_OK)
        return 1;
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        double *values = NULL;
        (void)modprop_datafile_read(file, names[k], &values, &rank, dims, &err);
        free(values);
    }
    modprop_datafile_close(file);
    return err.code != MODPROP_OK;
}

/* In a process of its own: HDF5 leaks memory when it meets damage. */
static void a_file_cut_anywhere_is_an_error(void **state)
{
    static char whole[100000];
    int status = 0;
    FILE *in = fopen(*state, "rb");
    const size_t size = fread(whole, 1, sizeof whole, in);
    fclose(in);
    assert_true(size > 1000 && size < sizeof whole);
    const pid_t child = fork();
    if (child == 0) {
        int told = 0, tried = 0;
        for (size_t keep = 0; keep < size; keep += 97, tried++) {
            FILE *out = fopen(*state, "wb");
            if (!out || fwrite(whole, 1, keep, out) != keep || fclose(out) != 0)
                _exit(2);
            told += read_all(*state);
        }
        _exit(told == tried ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    const struct CMUnitTest tests[] = {
        TEST(any_number_type_is_read_as_double),
        TEST(scalars_and_empty_datasets_are_read),
        TEST(what_cannot_be_read_is_told_with_file_and_name),
        TEST(attributes_are_read_as_numbers_and_texts),
        TEST(files_that_are_not_hdf5_are_refused),
        TEST(a_file_cut_anywhere_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
