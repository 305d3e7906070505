/*
 * Figures: what gnuplot is told, what comes back, and what happens when it is missing or fails.
 *
 * A folder of our own at the head of PATH holds the gnuplots that fail. Tests that need the real one
 * are skipped where it is not installed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <locale.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyze/compare_figure.h"
#include "analyze/gnuplot.h"
#include "analyze/html.h"
#include "analyze/palette.h"
#include "analyze/plot.h"
#include "analyze/plot_scale.h"
#include "analyze/result.h"
#include "analyze/utf8.h"
#include "engine/registry.h"

/* What no figure may trip over: quotes, markup, shell, formats, line ends, what is not UTF-8. */
static const char hostile[] =
    "it's \"q\" {/Bold x}_a^b `touch pwned` @m 100% %g \\n <&> \xC2\xB5\n\xFF|";
/* The same as a figure shows it: on one line, the bad byte replaced. */
static const char hostile_shown[] =
    "it's \"q\" {/Bold x}_a^b `touch pwned` @m 100% %g \\n <&> \xC2\xB5 \xEF\xBF\xBD|";

static const double xs[] = {0, 0.1, 0.2, 0.3}, ys[] = {0.5, 0.2, 0.1, 0.4};
static const double lows[] = {0.4, 0.1, 0.05, 0.3}, highs[] = {0.6, 0.3, 0.2, 0.7};
static const double lost_x[] = {0.3};
static const size_t lost_count[] = {2}, lost_of[] = {5};
static const double level[] = {0.15}, level_low[] = {0.1}, level_high[] = {0.2};

/* A trend of one rule with a baseline. */
struct trend {
    struct modprop_plot_series series[2];
    struct modprop_plot plot;
};

static void fill(struct trend *trend)
{
    *trend = (struct trend){.series = {{.name = "modprop",
                                        .kind = MODPROP_PLOT_POINTS,
                                        .count = 4,
                                        .x = xs,
                                        .y = ys,
                                        .low = lows,
                                        .high = highs,
                                        .dots = 4,
                                        .dot_x = xs,
                                        .dot_y = highs,
                                        .lost = 1,
                                        .lost_x = lost_x,
                                        .lost_count = lost_count,
                                        .lost_of = lost_of},
                                       {.name = "bptt",
                                        .kind = MODPROP_PLOT_LEVEL,
                                        .count = 1,
                                        .y = level,
                                        .low = level_low,
                                        .high = level_high}},
                            .plot = {.title = "final loss against mu",
                                     .caption = "20 runs",
                                     .x = {.label = "mu"},
                                     .y = {.label = "final loss", .unit = "nat"},
                                     .series_count = 2}};
    trend->plot.series = trend->series;
}

/* The caller frees *script. */
static void script_of(char **script, const struct modprop_plot *plot,
                      enum modprop_plot_format format)
{
    const struct modprop_plot_canvas canvas = {.format = format};
    struct modprop_error err = {0};
    assert_int_equal(modprop_plot_script(plot, &canvas, script, &err), MODPROP_OK);
}

/* ------------------------------------------------------------------ a folder with a gnuplot */

struct place {
    char folder[64];
    char *path_before;
};

static int enter(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    const char *path = getenv("PATH");
    if (!place || !path)
        return -1;
    strcpy(place->folder, "/tmp/modprop_plot.XXXXXX");
    place->path_before = strdup(path);
    *state = place;
    return mkdtemp(place->folder) ? 0 : -1;
}

static size_t entries(const char *folder, bool delete)
{
    char path[512];
    size_t count = 0;
    DIR *directory = opendir(folder);
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        if (entry->d_name[0] == '.' && !entry->d_name[1 + (entry->d_name[1] == '.')])
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        count++;
        if (delete)
            unlink(path);
    }
    if (directory)
        closedir(directory);
    return count;
}

static int leave(void **state)
{
    struct place *place = *state;
    setenv("PATH", place->path_before, 1);
    entries(place->folder, true);
    rmdir(place->folder);
    free(place->path_before);
    free(place);
    return 0;
}

/* PATH gets this gnuplot, NULL: none. */
static void install(const struct place *place, const char *program)
{
    char path[256], search[4096];
    snprintf(path, sizeof path, "%s/gnuplot", place->folder);
    if (!program) {
        setenv("PATH", place->folder, 1);
        return;
    }
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "#!/bin/sh\n%s\n", program);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, 0755), 0);
    snprintf(search, sizeof search, "%s:%s", place->folder, place->path_before);
    setenv("PATH", search, 1);
}

static void need_gnuplot(void)
{
    if (!modprop_gnuplot_found())
        skip();
}

/* Draws the trend and wants MODPROP_IO; the message must contain `words`. */
static void fails_with(const char *words)
{
    struct trend trend;
    struct modprop_error err = {0};
    const struct modprop_plot_canvas canvas = {.format = MODPROP_PLOT_SVG};
    char *image = NULL;
    size_t bytes = 1;
    fill(&trend);
    assert_int_equal(modprop_plot_draw(&trend.plot, &canvas, &image, &bytes, &err), MODPROP_IO);
    assert_null(image);
    assert_int_equal(bytes, 0);
    if (!strstr(err.message, words))
        fail_msg("no \"%s\" in: %s", words, err.message);
}

/* ------------------------------------------------------------------ the script */

static void script_quotes_every_text(void **state)
{
    (void)state;
    struct trend trend;
    fill(&trend);
    trend.plot.title = trend.plot.x.label = trend.series[0].name = hostile;
    char *script;
    script_of(&script, &trend.plot, MODPROP_PLOT_SVG);
    assert_non_null(strstr(script, " noenhanced "));
    /* Inside single quotes gnuplot reads nothing but the doubled quote. */
    const char *at = script;
    int found = 0;
    for (; (at = strstr(at, "{/Bold")); at++) {
        assert_memory_equal(at - 11, "'it''s \"q\" ", 11);
        found++;
    }
    assert_true(found >= 3);
    /* No line of the script begins with our text. */
    assert_null(strstr(script, "\n\xFF"));
    assert_null(strstr(script, "\n|"));
    free(script);
}

static void script_does_not_depend_on_the_locale(void **state)
{
    (void)state;
    static const char *const with_commas[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE.utf8", "de_DE"};
    struct trend trend;
    fill(&trend);
    char *plain;
    script_of(&plain, &trend.plot, MODPROP_PLOT_SVG);
    const char *set = NULL;
    for (size_t k = 0; !set && k < sizeof with_commas / sizeof *with_commas; k++)
        set = setlocale(LC_NUMERIC, with_commas[k]);
    if (!set) {
        free(plain);
        skip();
    }
    char *there;
    script_of(&there, &trend.plot, MODPROP_PLOT_SVG);
    setlocale(LC_NUMERIC, "C");
    assert_string_equal(plain, there);
    free(plain);
    free(there);
}

static void lost_runs_stand_above_with_their_count(void **state)
{
    (void)state;
    struct trend trend;
    fill(&trend);
    char *script;
    script_of(&script, &trend.plot, MODPROP_PLOT_SVG);
    assert_non_null(strstr(script, "2/5'"));
    assert_non_null(strstr(script, "'diverged'"));
    free(script);
    trend.series[0].lost = 0;
    script_of(&script, &trend.plot, MODPROP_PLOT_SVG);
    assert_null(strstr(script, "diverged"));
    free(script);
    fill(&trend);
    script_of(&script, &trend.plot, MODPROP_PLOT_DUMB);
    assert_non_null(strstr(script, "modprop (2 of 5 diverged)"));
    free(script);
}

static void log_axes_leave_out_what_is_not_positive(void **state)
{
    (void)state;
    struct trend trend;
    fill(&trend);
    trend.plot.x.log = trend.plot.y.log = true; /* the first x is 0 */
    char *script;
    script_of(&script, &trend.plot, MODPROP_PLOT_SVG);
    const char *line = strstr(script, "$line0 << end\n");
    assert_non_null(line);
    assert_memory_equal(line + 14, "\n", 1); /* a gap */
    double low, high;
    assert_int_equal(sscanf(strstr(script, "set xrange"), "set xrange [%lf:%lf]", &low, &high), 2);
    assert_true(low > 0 && low <= 0.1 && high >= 0.3);
    free(script);
}

/* gnuplot draws no line whose ends are both beyond its range, by whatever little. */
static void baselines_go_from_end_to_end_of_the_axis(void **state)
{
    (void)state;
    static const struct {
        enum modprop_plot_format format;
        const char *line;
    } kinds[] = {{MODPROP_PLOT_SVG, "$line1 << end %lf %*f %*f %*f %lf %*f %*f %*f end"},
                 {MODPROP_PLOT_DUMB, "$line1 << end %lf %*f %lf %*f end"}};
    for (int k = 0; k < 40; k++) {
        struct trend trend;
        double x[4], low, high, begin, end;
        char *script;
        fill(&trend);
        for (size_t at = 0; at < 4; at++)
            x[at] = (double)(at + 1) * (k / 2 + 1) / 7;
        trend.series[0].x = x;
        trend.series[0].dots = trend.series[0].lost = 0;
        script_of(&script, &trend.plot, kinds[k % 2].format);
        const char *range = strstr(script, "set xrange ["), *line = strstr(script, "$line1 << end");
        assert_true(range && line);
        assert_int_equal(sscanf(range, "set xrange [%lf:%lf]", &low, &high), 2);
        assert_int_equal(sscanf(line, kinds[k % 2].line, &begin, &end), 2);
        assert_true(begin == low && end == high);
        free(script);
    }
}

static void axis_says_unit_but_not_the_unit_one(void **state)
{
    (void)state;
    struct trend trend;
    fill(&trend);
    trend.plot.x.unit = "1";
    char *script;
    script_of(&script, &trend.plot, MODPROP_PLOT_SVG);
    assert_non_null(strstr(script, "'final loss (nat)'"));
    assert_non_null(strstr(script, "'mu'"));
    free(script);
}

static void too_much_for_one_figure_is_refused_and_dots_are_left_out(void **state)
{
    (void)state;
    enum { MANY = MODPROP_PLOT_DOTS + 1 };
    static double dots[MANY];
    static const char *names[MODPROP_PLOT_MOST + 1];
    struct modprop_error err = {0};
    const struct modprop_plot_canvas canvas = {.format = MODPROP_PLOT_SVG};
    struct trend trend;
    char *script;
    fill(&trend);
    trend.series[0].dots = MANY;
    trend.series[0].dot_x = trend.series[0].dot_y = dots;
    script_of(&script, &trend.plot, MODPROP_PLOT_SVG);
    assert_null(strstr(script, "$dots0"));
    assert_non_null(strstr(script, "too many runs for dots"));
    free(script);
    trend.series[0].dots = MANY - 1;
    script_of(&script, &trend.plot, MODPROP_PLOT_SVG);
    assert_non_null(strstr(script, "$dots0"));
    free(script);
    for (size_t k = 0; k <= MODPROP_PLOT_MOST; k++)
        names[k] = "row";
    trend.plot.y.names = MODPROP_PLOT_MOST + 1;
    trend.plot.y.name = names;
    assert_int_equal(modprop_plot_script(&trend.plot, &canvas, &script, &err), MODPROP_INVALID);
    assert_null(script);
}

/* ------------------------------------------------------------------ colours */

static void rule_has_one_style_whatever_else_is_in_the_figure(void **state)
{
    (void)state;
    static const char *const alone[] = {"eprop"};
    static const char *const many[] = {"variant x", "bptt", "rule=eprop", "mu = 0.25", "mdgl"};
    struct modprop_palette_style one[1], all[5];
    modprop_palette_assign(one, alone, 1);
    modprop_palette_assign(all, many, 5);
    assert_memory_equal(&one[0], &all[2], sizeof one[0]);
    for (size_t a = 0; a < 5; a++)
        for (size_t b = 0; b < a; b++)
            assert_int_not_equal(all[a].color, all[b].color);
}

static void series_of_one_rule_differ(void **state)
{
    (void)state;
    static const char *const two[] = {"modprop, cell", "modprop, type"};
    struct modprop_palette_style style[14];
    modprop_palette_assign(style, two, 2);
    assert_int_not_equal(style[0].color, style[1].color);
    assert_int_not_equal(style[0].dash, style[1].dash);
    static const char *const three_each[] = {"eprop 1", "eprop 2", "eprop 3",
                                             "bptt 1",  "bptt 2",  "bptt 3"};
    modprop_palette_assign(style, three_each, 6);
    for (size_t a = 0; a < 6; a++)
        for (size_t b = 0; b < a; b++)
            assert_int_not_equal(style[a].color, style[b].color);
    const char *many[14];
    char text[14][32];
    for (size_t k = 0; k < 14; k++) {
        snprintf(text[k], sizeof text[k], k < 11 ? "rule=modprop mu=0.%zu" : "net %zu", k);
        many[k] = text[k];
    }
    modprop_palette_assign(style, many, 14);
    for (size_t a = 0; a < 14; a++)
        for (size_t b = 0; b < a; b++)
            assert_int_not_equal(style[a].color, style[b].color);
}

/* sRGB to linear light. */
static void linear(unsigned color, double light[3])
{
    for (int k = 0; k < 3; k++) {
        const double c = (color >> (16 - 8 * k) & 0xFF) / 255.0;
        light[k] = c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
    }
}

static void lab(const double light[3], double out[3])
{
    static const double to_xyz[3][3] = {
        {0.4124, 0.3576, 0.1805}, {0.2126, 0.7152, 0.0722}, {0.0193, 0.1192, 0.9505}};
    static const double white[3] = {0.9505, 1, 1.089};
    double f[3];
    for (int k = 0; k < 3; k++) {
        double v = 0;
        for (int c = 0; c < 3; c++)
            v += to_xyz[k][c] * fmin(1, fmax(0, light[c])) / white[k];
        f[k] = v > 0.008856 ? cbrt(v) : 7.787 * v + 16.0 / 116;
    }
    out[0] = 116 * f[1] - 16;
    out[1] = 500 * (f[0] - f[1]);
    out[2] = 200 * (f[1] - f[2]);
}

/* Distance in CIE L*a*b* as seen with full protanopia, deuteranopia, tritanopia (Machado, Oliveira &
 * Fernandes 2009, severity 1.0); kind 3: as it is. */
static double distance(unsigned a, unsigned b, int kind)
{
    static const double seen[4][3][3] = {{{0.152286, 1.052583, -0.204868},
                                          {0.114503, 0.786281, 0.099216},
                                          {-0.003882, -0.048116, 1.051998}},
                                         {{0.367322, 0.860646, -0.227968},
                                          {0.280085, 0.672501, 0.047413},
                                          {-0.011820, 0.042940, 0.968881}},
                                         {{1.255528, -0.076749, -0.178779},
                                          {-0.078411, 0.930809, 0.147602},
                                          {0.004733, 0.691367, 0.303900}},
                                         {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    const unsigned color[2] = {a, b};
    double place[2][3], sum = 0;
    for (int which = 0; which < 2; which++) {
        double light[3], shown[3] = {0};
        linear(color[which], light);
        for (int k = 0; k < 3; k++)
            for (int c = 0; c < 3; c++)
                shown[k] += seen[kind][k][c] * light[c];
        lab(shown, place[which]);
    }
    for (int k = 0; k < 3; k++)
        sum += pow(place[0][k] - place[1][k], 2);
    return sqrt(sum);
}

/* A difference of 2.3 is just noticeable side by side; lines and small markers far from each other
 * need several times that. */
static void rules_stay_apart_for_the_color_blind(void **state)
{
    (void)state;
    const double least = 10;
    struct modprop_palette_style one, other;
    const char *rule, *second;
    for (size_t a = 0; (rule = modprop_rule_choice(a)) != NULL; a++)
        for (size_t b = 0; b < a; b++) {
            second = modprop_rule_choice(b);
            modprop_palette_assign(&one, &rule, 1); /* each in a figure of its own */
            modprop_palette_assign(&other, &second, 1);
            for (int kind = 0; kind < 4; kind++) {
                const double light = distance(one.color, other.color, kind);
                const double dark = distance(one.dark, other.dark, kind);
                if (light < least || dark < least)
                    fail_msg("%s and %s, kind %d: %.1f on white, %.1f on dark", rule, second, kind,
                             light, dark);
            }
        }
}

static double contrast(unsigned a, unsigned b)
{
    double light[2][3], luminance[2];
    linear(a, light[0]);
    linear(b, light[1]);
    for (int k = 0; k < 2; k++)
        luminance[k] = 0.2126 * light[k][0] + 0.7152 * light[k][1] + 0.0722 * light[k][2] + 0.05;
    return fmax(luminance[0], luminance[1]) / fmin(luminance[0], luminance[1]);
}

/* WCAG 2: 3 for graphics, 4.5 for text. */
static void colors_stand_out_on_their_page(void **state)
{
    (void)state;
    const struct modprop_palette_style paper = modprop_palette_part(MODPROP_PALETTE_PAPER);
    const char *rule;
    for (size_t k = 0; (rule = modprop_rule_choice(k)) != NULL; k++) {
        const char *const two[] = {rule, rule, "other"};
        struct modprop_palette_style style[3];
        modprop_palette_assign(style, two, 3);
        for (size_t m = 0; m < 3; m++) {
            assert_true(contrast(style[m].color, paper.color) >= 3);
            assert_true(contrast(style[m].dark, paper.dark) >= 3);
        }
    }
    for (int part = MODPROP_PALETTE_INK; part <= MODPROP_PALETTE_MUTED; part++) {
        const struct modprop_palette_style text = modprop_palette_part(
            (enum modprop_palette_part)part);
        assert_true(contrast(text.color, paper.color) >= 4.5);
        assert_true(contrast(text.dark, paper.dark) >= 4.5);
    }
}

/* A page finds a colour's twin by the colour alone. */
static void no_two_styles_share_a_color_but_not_its_twin(void **state)
{
    (void)state;
    struct modprop_palette_style a, b;
    for (size_t k = 0; modprop_palette_at(k, &a); k++)
        for (size_t m = 0; m < k && modprop_palette_at(m, &b); m++)
            if (a.color == b.color)
                assert_int_equal(a.dark, b.dark);
}

/* ------------------------------------------------------------------ gnuplot that is not there */

static void missing_gnuplot_is_told_with_how_to_get_it(void **state)
{
    install(*state, NULL);
    assert_false(modprop_gnuplot_found());
    fails_with("apt install gnuplot-nox");
}

static void failing_gnuplot_is_told_in_its_own_words(void **state)
{
    install(*state,
            "cat > /dev/null; echo 'plot $x' >&2; echo '   line 0: no datablock' >&2; exit 3");
    assert_true(modprop_gnuplot_found());
    fails_with("gnuplot left with 3: plot $x line 0: no datablock");
}

static void killed_gnuplot_is_told(void **state)
{
    install(*state, "kill -9 $$");
    fails_with("ended by signal 9");
}

static void gnuplot_that_draws_nothing_is_told(void **state)
{
    install(*state, "cat > /dev/null");
    fails_with("drew nothing");
}

/* Leaves before it has read; the script is larger than a pipe holds. */
static void gnuplot_that_does_not_listen_takes_nobody_along(void **state)
{
    struct place *place = *state;
    struct modprop_error err = {0};
    const size_t size = 1 << 20;
    char *script = malloc(size), *image;
    size_t bytes;
    assert_non_null(script);
    memset(script, '#', size - 1);
    script[size - 1] = '\0';
    struct sigaction deadly = {.sa_handler = SIG_DFL}, before;
    sigaction(SIGPIPE, &deadly, &before);
    install(place, "echo sorry >&2; exit 1");
    assert_int_equal(modprop_gnuplot_run(script, &image, &bytes, &err), MODPROP_IO);
    assert_non_null(strstr(err.message, "sorry"));
    sigaction(SIGPIPE, &before, NULL);
    free(script);
}

/* Both directions at once, each more than a pipe holds. */
static void large_scripts_and_images_pass(void **state)
{
    struct modprop_error err = {0};
    const size_t size = 3 << 20;
    char *script = malloc(size), *image;
    size_t bytes;
    assert_non_null(script);
    memset(script, 'x', size - 1);
    script[size - 1] = '\0';
    install(*state, "exec cat");
    assert_int_equal(modprop_gnuplot_run(script, &image, &bytes, &err), MODPROP_OK);
    assert_int_equal(bytes, size - 1);
    assert_memory_equal(image, script, size);
    free(image);
    free(script);
}

static void signals_are_as_before(void **state)
{
    struct sigaction action = {.sa_handler = SIG_DFL}, after;
    sigaction(SIGPIPE, &action, NULL);
    install(*state, "exit 1");
    fails_with("left with 1");
    sigaction(SIGPIPE, NULL, &after);
    assert_true(after.sa_handler == SIG_DFL);
}

/* ------------------------------------------------------------------ files */

static enum modprop_status save(const struct place *place, const char *name,
                                struct modprop_error *err)
{
    struct trend trend;
    char path[256];
    fill(&trend);
    snprintf(path, sizeof path, "%s/%s", place->folder, name);
    return modprop_plot_save(&trend.plot, path, err);
}

static void other_endings_are_refused(void **state)
{
    struct modprop_error err = {0};
    assert_int_equal(save(*state, "trend.jpg", &err), MODPROP_INVALID);
    assert_non_null(strstr(err.message, "ends in .svg, .png or .pdf"));
    assert_int_equal(entries(((struct place *)*state)->folder, false), 0);
}

/* The file size limit stands for the full disk: the write ends short. */
static void full_disk_leaves_nothing_and_keeps_what_was_there(void **state)
{
    struct place *place = *state;
    struct rlimit before, tight;
    struct modprop_error err = {0};
    char path[256], text[16] = "";
    install(place, "cat > /dev/null; head -c 50000 /dev/zero");
    snprintf(path, sizeof path, "%s/trend.svg", place->folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("before", file);
    fclose(file);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    tight = before;
    tight.rlim_cur = 10000;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    const enum modprop_status status = save(place, "trend.svg", &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(status, MODPROP_IO);
    assert_non_null(strstr(err.message, "trend.svg: cannot be written"));
    assert_int_equal(entries(place->folder, false), 2); /* gnuplot and what was there */
    file = fopen(path, "r");
    assert_non_null(fgets(text, sizeof text, file));
    fclose(file);
    assert_string_equal(text, "before");
}

static void missing_folder_is_told(void **state)
{
    struct modprop_error err = {0};
    install(*state, "cat > /dev/null; echo image");
    assert_int_equal(save(*state, "nowhere/trend.svg", &err), MODPROP_IO);
    assert_non_null(strstr(err.message, "nowhere/trend.svg: cannot be written: No such file"));
}

static void devices_are_written_as_they_are(void **state)
{
    struct trend trend;
    struct modprop_error err = {0};
    struct place *place = *state;
    char path[256];
    install(place, "cat > /dev/null; echo image");
    fill(&trend);
    snprintf(path, sizeof path, "%s/full.svg", place->folder);
    assert_int_equal(symlink("/dev/full", path), 0);
    assert_int_equal(modprop_plot_save(&trend.plot, path, &err), MODPROP_IO);
    assert_non_null(strstr(err.message, "No space left"));
}

/* ------------------------------------------------------------------ with the real one */

static void same_plot_gives_the_same_bytes(void **state)
{
    (void)state;
    need_gnuplot();
    struct trend trend;
    struct modprop_error err = {0};
    char *image[2][MODPROP_PLOT_BRAILLE];
    size_t bytes[2][MODPROP_PLOT_BRAILLE];
    fill(&trend);
    for (int round = 0; round < 2; round++) {
        if (round)
            usleep(1100000); /* dates are in seconds */
        for (int format = 0; format < MODPROP_PLOT_BRAILLE; format++) {
            const struct modprop_plot_canvas canvas = {.format = (enum modprop_plot_format)format};
            assert_int_equal(modprop_plot_draw(&trend.plot, &canvas, &image[round][format],
                                               &bytes[round][format], &err),
                             MODPROP_OK);
        }
    }
    for (int format = 0; format < MODPROP_PLOT_BRAILLE; format++) {
        assert_int_equal(bytes[0][format], bytes[1][format]);
        assert_memory_equal(image[0][format], image[1][format], bytes[0][format]);
        free(image[0][format]);
        free(image[1][format]);
    }
}

/* Everything gnuplot says on standard error is a warning we could have avoided. */
static void no_figure_makes_gnuplot_complain(void **state)
{
    need_gnuplot();
    struct place *place = *state;
    char program[512], words[512];
    static const double nothing[] = {NAN, NAN}, zeros[] = {0, 0, 0, 0};
    static const char *const names[] = {"a'b", "100%"};
    static const double cells[] = {0, 1, NAN, 0.5};
    struct trend trend, empty, flat;
    fill(&trend);
    fill(&empty);
    fill(&flat);
    empty.plot.series_count = 0;
    flat.series[0].y = flat.series[0].low = flat.series[0].high = zeros;
    flat.series[0].dots = flat.series[0].lost = 0;
    flat.series[1].y = flat.series[1].low = flat.series[1].high = nothing;
    const struct modprop_plot heat = {.title = "heat",
                                      .x = {.names = 2, .name = names},
                                      .y = {.names = 2, .name = names},
                                      .panels = 1,
                                      .panel = {{"share", cells, .share = true}}};
    const struct modprop_plot *const plot[] = {&trend.plot, &empty.plot, &flat.plot, &heat};
    snprintf(words, sizeof words, "%s/words", place->folder);
    snprintf(program, sizeof program, "PATH=%.200s exec gnuplot \"$@\" 2>> %.200s",
             place->path_before, words);
    install(place, program);
    for (size_t k = 0; k < sizeof plot / sizeof *plot; k++)
        for (int format = 0; format < MODPROP_PLOT_FORMATS; format++) {
            const struct modprop_plot_canvas canvas = {.format = (enum modprop_plot_format)format};
            struct modprop_error err = {0};
            char *image;
            size_t bytes;
            if (modprop_plot_draw(plot[k], &canvas, &image, &bytes, &err) != MODPROP_OK)
                fail_msg("plot %zu, %s: %s", k,
                         modprop_plot_format_name((enum modprop_plot_format)format), err.message);
            free(image);
        }
    FILE *file = fopen(words, "r");
    assert_non_null(file);
    if (fgets(words, sizeof words, file))
        fail_msg("gnuplot: %s", words);
    fclose(file);
}

static void page_shows_hostile_names_as_they_are(void **state)
{
    (void)state;
    need_gnuplot();
    struct trend trend;
    struct modprop_error err = {0};
    const struct modprop_plot_canvas canvas = {.format = MODPROP_PLOT_SVG, .bare = true};
    char *svg, *page = NULL, *label = NULL;
    size_t bytes;
    fill(&trend);
    unlink("pwned");
    trend.series[0].name = trend.plot.x.label = hostile;
    assert_int_equal(modprop_plot_draw(&trend.plot, &canvas, &svg, &bytes, &err), MODPROP_OK);
    FILE *out = open_memstream(&page, &bytes);
    assert_int_equal(modprop_html_svg(out, svg, "f1", hostile, &err), MODPROP_OK);
    fclose(out);
    out = open_memstream(&label, &bytes);
    modprop_html_text(out, hostile);
    fclose(out);
    /* In the label as our own escape has it; in the text gnuplot leaves > and quotes. */
    assert_non_null(strstr(page, label));
    char shown[sizeof hostile_shown + 32];
    const char *from = hostile_shown;
    char *to = shown;
    for (; *from; from++) {
        const char *entity = *from == '&' ? "&amp;" : *from == '<' ? "&lt;" : NULL;
        to += entity ? sprintf(to, "%s", entity) : (*to = *from, 1);
    }
    *to = '\0';
    assert_non_null(strstr(page, shown));
    assert_int_not_equal(access("pwned", F_OK), 0);
    /* Nothing of the outside, no name twice on a page, the theme's colours. */
    assert_null(strstr(page, "xlink"));
    assert_null(strstr(page, "<?xml"));
    assert_null(strstr(page, "id=\"gp"));
    assert_non_null(strstr(page, "href=\"#f1gpPt6\""));
    assert_non_null(strstr(page, "var(--p"));
    assert_null(strstr(page, "rgb("));
    free(page);
    free(label);
    free(svg);
}

/* ------------------------------------------------------------------ pages */

static void html_escapes_everything_that_means_something(void **state)
{
    (void)state;
    char *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    modprop_html_text(out, "<script>&\"'\x01\xC3\xA9\xED\xA0\x80\xF5\xC3");
    modprop_html_text(out, NULL);
    modprop_html_format(out, "<%s>", "a&b");
    modprop_html_words(out, " a  --by <b>-c,");
    fclose(out);
    assert_string_equal(text, "&lt;script&gt;&amp;&quot;&#39;\xEF\xBF\xBD\xC3\xA9"
                              "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"
                              "&lt;a&amp;b&gt;"
                              " a  <span class=\"w\">--by</span>"
                              " <span class=\"w\">&lt;b&gt;-c,</span>");
    free(text);
}

static void what_is_no_svg_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "hello",
                                      "<svg",
                                      "<svg >",
                                      "<svg ></svg>",
                                      "<svg viewBox=\"0 0 1 1\"><g a></svg>",
                                      "<svg viewBox=\"0 0 1 1\"><g a=\"></svg>",
                                      "<svg viewBox=\"0 0 1 1\"><title></svg>",
                                      "<svg viewBox=\"0 0 1 1\"><g a=<b></svg>",
                                      "<svg viewBox=\"0 0 1 1\"><!-- </svg>"};
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        char *text = NULL;
        size_t bytes;
        struct modprop_error err = {0};
        FILE *out = open_memstream(&text, &bytes);
        if (modprop_html_svg(out, bad[k], "f", "label", &err) != MODPROP_INVALID)
            fail_msg("taken: %s", bad[k]);
        fclose(out);
        free(text);
    }
}

/* ------------------------------------------------------------------ ranges */

/* Five pairs of a row each; the figure lives in the arena. */
static struct modprop_plot figure_of(struct modprop_arena *arena, const double (*difference)[5],
                                     size_t rows)
{
    struct modprop_plot plot;
    struct modprop_error err = {0};
    struct modprop_compare_row row[3];
    for (size_t k = 0; k < rows; k++)
        row[k] = (struct modprop_compare_row){"modprop",
                                              difference[k][2],
                                              {difference[k][0], difference[k][4], 0.9375},
                                              difference[k],
                                              5};
    assert_int_equal(modprop_compare_figure(&plot, arena, rows, row, &err), MODPROP_OK);
    return plot;
}

static void one_difference_far_out_does_not_squeeze_the_others(void **state)
{
    (void)state;
    static const double difference[2][5] = {{-0.1, -0.05, 0.02, 0.1, 17256},
                                            {-0.2, -0.1, INFINITY, INFINITY, INFINITY}};
    struct modprop_arena arena = {0};
    const struct modprop_plot plot = figure_of(&arena, difference, 2);
    assert_true(plot.x.low < -0.2 && plot.x.low > -1 && plot.x.high > 0.1 && plot.x.high < 1);
    assert_int_equal(plot.series[0].dots, 4);
    assert_int_equal(plot.series[0].lost_count[0], 1);
    assert_true(plot.series[0].high[0] == plot.x.high && plot.series[0].lost_x[0] == plot.x.high);
    assert_int_equal(plot.series[1].lost_count[0], 3);
    assert_int_equal(plot.series[1].lost_of[0], 5);
    assert_true(plot.series[1].x[0] > 0.9 * plot.x.high && plot.series[1].x[0] < plot.x.high);
    modprop_arena_clear(&arena);
}

static void differences_that_lie_together_make_their_own_axis(void **state)
{
    (void)state;
    static const double near[1][5] = {{-0.1, -0.05, 0.02, 0.1, 0.2}};
    static const double lost[1][5] = {{INFINITY, INFINITY, INFINITY, INFINITY, INFINITY}};
    struct modprop_arena arena = {0};
    struct modprop_plot plot = figure_of(&arena, near, 1);
    assert_true(plot.x.low == 0 && plot.x.high == 0);
    assert_true(plot.series[0].lost == 0 && plot.series[0].dots == 5 &&
                plot.series[0].x[0] == 0.02);
    plot = figure_of(&arena, lost, 1);
    assert_true(plot.x.low < 0 && plot.x.high > 0 && plot.series[0].lost_count[0] == 5);
    plot = figure_of(&arena, near, 0);
    assert_true(plot.series_count == 0 && plot.x.low == 0 && plot.x.high == 0);
    modprop_arena_clear(&arena);
}

/* A phone's 160 pixels have no room for 1, 2, 5 of three decades. */
static void a_narrow_logarithmic_axis_has_few_ticks(void **state)
{
    (void)state;
    for (double width = 120; width <= 600; width += 20) {
        struct modprop_plot_scale scale = {
            .log = true, .low = 2e-4, .high = 0.15, .start = 50, .end = 50 + width};
        modprop_plot_scale_ticks(&scale, 80);
        assert_true(scale.ticks >= 2 && (double)scale.ticks <= fmax(3, width / 80 + 3));
    }
}

static void bands_that_are_not_drawn_take_no_room(void **state)
{
    (void)state;
    struct modprop_plot_series line = {.name = "modprop",
                                       .kind = MODPROP_PLOT_LINES,
                                       .count = 4,
                                       .x = xs,
                                       .y = ys,
                                       .low = lows,
                                       .high = highs};
    const struct modprop_plot plot = {.series_count = 1, .series = &line};
    assert_true(modprop_plot_scale_span(&plot, true, true).high == 0.7);
    assert_true(modprop_plot_scale_span(&plot, true, false).high == 0.5);
}

static void titles_of_panels_say_what_fits(void **state)
{
    (void)state;
    static const char *const names[] = {"1", "2"};
    static const double cells[] = {0.01, 0.1, NAN, 0.5};
    struct modprop_plot heat = {.title = "heat",
                                .x = {.names = 2, .name = names},
                                .y = {.names = 2, .name = names},
                                .panels = 1};
    for (int k = 0; k < 3; k++) {
        heat.panel[k].title = "median final loss";
        heat.panel[k].value = cells;
    }
    char *script;
    script_of(&script, &heat, MODPROP_PLOT_SVG);
    assert_non_null(strstr(script, "median final loss, 0.01 to 0.5"));
    free(script);
    heat.panels = 3; /* side by side */
    script_of(&script, &heat, MODPROP_PLOT_SVG);
    assert_non_null(strstr(script, "median final loss"));
    assert_null(strstr(script, "median final loss, "));
    free(script);
}

/* A sweep's constant parameters fill many lines. */
static void a_long_note_is_kept_whole(void **state)
{
    (void)state;
    char text[3000];
    struct modprop_result result = {0};
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    modprop_result_note(&result, "The same in all runs: %s", text);
    assert_int_equal(strlen(result.note[0]), strlen("The same in all runs: ") + sizeof text - 1);
    modprop_result_clear(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(script_quotes_every_text),
        cmocka_unit_test(script_does_not_depend_on_the_locale),
        cmocka_unit_test(lost_runs_stand_above_with_their_count),
        cmocka_unit_test(log_axes_leave_out_what_is_not_positive),
        cmocka_unit_test(baselines_go_from_end_to_end_of_the_axis),
        cmocka_unit_test(axis_says_unit_but_not_the_unit_one),
        cmocka_unit_test(too_much_for_one_figure_is_refused_and_dots_are_left_out),
        cmocka_unit_test(rule_has_one_style_whatever_else_is_in_the_figure),
        cmocka_unit_test(series_of_one_rule_differ),
        cmocka_unit_test(rules_stay_apart_for_the_color_blind),
        cmocka_unit_test(colors_stand_out_on_their_page),
        cmocka_unit_test(no_two_styles_share_a_color_but_not_its_twin),
        cmocka_unit_test_setup_teardown(missing_gnuplot_is_told_with_how_to_get_it, enter, leave),
        cmocka_unit_test_setup_teardown(failing_gnuplot_is_told_in_its_own_words, enter, leave),
        cmocka_unit_test_setup_teardown(killed_gnuplot_is_told, enter, leave),
        cmocka_unit_test_setup_teardown(gnuplot_that_draws_nothing_is_told, enter, leave),
        cmocka_unit_test_setup_teardown(gnuplot_that_does_not_listen_takes_nobody_along, enter,
                                        leave),
        cmocka_unit_test_setup_teardown(large_scripts_and_images_pass, enter, leave),
        cmocka_unit_test_setup_teardown(signals_are_as_before, enter, leave),
        cmocka_unit_test_setup_teardown(other_endings_are_refused, enter, leave),
        cmocka_unit_test_setup_teardown(full_disk_leaves_nothing_and_keeps_what_was_there, enter,
                                        leave),
        cmocka_unit_test_setup_teardown(missing_folder_is_told, enter, leave),
        cmocka_unit_test_setup_teardown(devices_are_written_as_they_are, enter, leave),
        cmocka_unit_test(same_plot_gives_the_same_bytes),
        cmocka_unit_test_setup_teardown(no_figure_makes_gnuplot_complain, enter, leave),
        cmocka_unit_test(page_shows_hostile_names_as_they_are),
        cmocka_unit_test(html_escapes_everything_that_means_something),
        cmocka_unit_test(what_is_no_svg_is_refused),
        cmocka_unit_test(one_difference_far_out_does_not_squeeze_the_others),
        cmocka_unit_test(differences_that_lie_together_make_their_own_axis),
        cmocka_unit_test(a_narrow_logarithmic_axis_has_few_ticks),
        cmocka_unit_test(bands_that_are_not_drawn_take_no_room),
        cmocka_unit_test(titles_of_panels_say_what_fits),
        cmocka_unit_test(a_long_note_is_kept_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
