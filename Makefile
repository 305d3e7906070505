# modprop: trains recurrent networks with biologically plausible learning rules, one run per MPI rank.
# `make help` lists the targets. The user's CC, CPPFLAGS, CFLAGS, LDFLAGS, LDLIBS, PREFIX, DESTDIR and
# MPIRUN are honoured; ours are separate.

CC      ?= cc
AR      ?= ar
NM      ?= nm
CFLAGS  ?= -O3
PREFIX  ?= /usr/local
MPIRUN  ?= mpirun
PYTHON  ?= /usr/bin/python3
DESTDIR ?=
VARIANT ?= release
V       ?= 0
DEPS    ?= install
CORES   := $(shell nproc 2>/dev/null || sysctl -n hw.ncpu 2>/dev/null || echo 2)
RANKS   ?= $(CORES)

VERSION := $(shell sed -n 's/^.define MODPROP_VERSION "\(.*\)"/\1/p' include/modprop.h)
COMMIT  := $(shell git -C . rev-parse --short=12 HEAD 2>/dev/null || echo unknown)$(shell \
             git -C . diff --quiet HEAD 2>/dev/null || echo +changes)

Q := $(if $(filter 1,$(V)),,@)
.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: all help deps check-deps demo check check-long ci run-demo run-tests tests asan install uninstall dist \
        format lint clean distclean
# Where Fedora and Homebrew keep what pkg-config and the shell would not find by themselves.
export PATH := $(PATH):/usr/lib64/openmpi/bin
BREWED := $(shell brew --prefix 2>/dev/null)
export PKG_CONFIG_PATH := $(PKG_CONFIG_PATH):/usr/lib64/openmpi/lib/pkgconfig$(if \
  $(BREWED),:$(BREWED)/opt/openblas/lib/pkgconfig:$(BREWED)/opt/zlib/lib/pkgconfig)

all: ## the programs and the library (installs nothing, names what is missing)

# ------------------------------------------------------------------ libraries

# Goals that need no library.
FREE_GOALS := help clean distclean dist deps check-deps long-deps demo check check-long fuzz reliability ci uninstall
NEEDS_LIBRARIES := $(if $(MAKECMDGOALS),$(filter-out $(FREE_GOALS),$(MAKECMDGOALS)),all)

PKGS     := openblas hdf5 inih zlib gsl ompi-c
PKG_TEST := cmocka
APT      := gcc libc6-dev make pkg-config libopenblas-dev libhdf5-dev libinih-dev zlib1g-dev \
            libgsl-dev libopenmpi-dev openmpi-bin openssh-client librandom123-dev gnuplot-nox
APT_TEST := g++ git procps libcmocka-dev hdf5-tools netcdf-bin python3 python3-h5py python3-xarray \
            python3-netcdf4 python3-h5netcdf
DNF      := gcc make pkgconf-pkg-config openblas-devel hdf5-devel inih-devel zlib-devel gsl-devel openmpi-devel \
            Random123-devel gnuplot-minimal
DNF_TEST := gcc-c++ git procps-ng libcmocka-devel netcdf python3-h5py python3-xarray python3-netcdf4
BREW     := pkg-config openblas hdf5 inih zlib gsl open-mpi random123 gnuplot
BREW_TEST := cmocka netcdf
# For `make check-long` and CI alone: no machine gets a batch system for a quick look. Tests that lack one of these
# are skipped.
APT_LONG := slurm-wlm slurm-wlm-basic-plugins slurm-client munge iproute2 valgrind clang chromium

has_package  = $(shell pkg-config --exists $(1) 2>/dev/null && echo y)
has_random123 = $(shell printf '\#include <Random123/philox.h>\n' | \
                  $(CC) $(CPPFLAGS) -E -x c - >/dev/null 2>&1 && echo y)
missing = $(strip $(foreach p,$(1),$(if $(call has_package,$(p)),,$(p))) $(if $(has_random123),,Random123))

ifneq ($(NEEDS_LIBRARIES),)
MISSING := $(call missing,$(PKGS))
ifneq ($(MISSING),)
define ADVICE
missing: $(MISSING)
`make demo` installs what is needed, builds and runs; by hand on Debian or Ubuntu:
  apt install $(strip $(APT))
endef
$(error $(ADVICE))
endif
endif
pkg_cflags = $(shell pkg-config --cflags $(1) 2>/dev/null)
pkg_libs   = $(shell pkg-config --libs $(1) 2>/dev/null)

# ------------------------------------------------------------------ flags

O := build/$(VARIANT)
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wconversion -Wvla
OUR_CPPFLAGS := -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -Iinclude -Isrc $(BREWED:%=-I%/include)
# -fno-math-errno: sqrt as one instruction; -ffp-contract=off: the same roundings on every instruction set.
OUR_CFLAGS   := -std=c11 -g -fno-math-errno -ffp-contract=off $(WARN) $(if $(WERROR),-Werror)
SAN_release  :=
SAN_debug    := -O0
SAN_asan     := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
SAN_fuzz     := -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
SAN_coverage := -O0 --coverage
SAN := $(SAN_$(VARIANT))
COMPILE = $(CC) -MMD -MP $(OUR_CPPFLAGS) $(CPPFLAGS) $(OUR_CFLAGS) $(CFLAGS) $(SAN)
LINK    = $(CC) $(CFLAGS) $(SAN) $(LDFLAGS)

# ------------------------------------------------------------------ objects, by layer

sources = $(sort $(wildcard src/$(1)/*.c))
objects = $(patsubst src/%.c,$(O)/%.o,$(call sources,$(1)))
ENGINE   := $(call objects,engine)
CHECKS   := $(call objects,check)
SWEEP    := $(call objects,sweep)
STORE    := $(call objects,store)
SCHEDULE := $(call objects,schedule)
ANALYZE  := $(call objects,analyze)
# What draws, without statistics: modprop_sweep has it for --show-trial.
PLOT     := $(filter $(O)/analyze/plot%.o $(addprefix $(O)/analyze/,gnuplot.o palette.o utf8.o),$(ANALYZE))
# What the programs print with: the whole for modprop_sweep, and the parts without MPI for modprop_analyze.
CLI      := $(filter-out $(O)/cli/modprop_%.o $(O)/cli/analyze_%.o,$(call objects,cli)) $(PLOT)
CLI_ANALYZE := $(filter $(O)/cli/analyze_%.o,$(call objects,cli)) $(addprefix $(O)/cli/,table.o table_layout.o text.o launch.o)
# The same engine and checks in double, for the proof of the gradients.
DOUBLE   := $(patsubst $(O)/%,$(O)/f64/%,$(ENGINE) $(CHECKS))

$(STORE): LAYER_CFLAGS = $(call pkg_cflags,hdf5 zlib)
$(SCHEDULE): LAYER_CFLAGS = $(call pkg_cflags,ompi-c)
$(SWEEP): LAYER_CFLAGS = $(call pkg_cflags,inih)
$(ENGINE) $(CHECKS) $(DOUBLE): LAYER_CFLAGS = $(call pkg_cflags,openblas zlib)
# Where time is spent, nothing becomes a double by accident.
$(ENGINE): OUR_CFLAGS += -Wdouble-promotion
$(ANALYZE): LAYER_CFLAGS = $(call pkg_cflags,gsl)
# The kernels fuse a product and a sum into one rounding where the CPU can.
X86 := $(filter x86_64 amd64,$(shell uname -m))
$(O)/engine/kernel_portable.o: KERNEL_CFLAGS = -ffp-contract=fast
$(O)/engine/kernel_avx2.o: KERNEL_CFLAGS = -ffp-contract=fast $(if $(X86),-mavx2 -mfma)
$(O)/engine/kernel_avx512.o: KERNEL_CFLAGS = -ffp-contract=fast $(if $(X86),-mavx512f -mavx512vl \
  -mavx512dq -mavx512bw -mfma -mprefer-vector-width=512)
$(O)/cli/version.o: LAYER_CFLAGS = -DMODPROP_COMMIT='"$(COMMIT)"'
$(O)/cli/version.o: $(O)/commit

LIB_ENGINE := $(call pkg_libs,openblas zlib) -lm
LIB_ALL    := $(patsubst -lhdf5,-lhdf5_hl -lhdf5,$(call pkg_libs,hdf5 inih)) $(LIB_ENGINE)
# GSL without its own BLAS: OpenBLAS has the same functions.
LIB_ANALYZE := $(filter-out -lgslcblas,$(call pkg_libs,gsl)) $(LIB_ALL)
LIB_MPI    := $(call pkg_libs,ompi-c)

$(O)/%.o: src/%.c
	@mkdir -p $(@D)
	@echo "  CC   $(patsubst src/%,%,$<)"
	$(Q)$(COMPILE) $(LAYER_CFLAGS) $(KERNEL_CFLAGS) -c -o $@ $<

# What was built from, so that a new commit is told by --version.
$(O)/commit: always
	@mkdir -p $(@D)
	@echo '$(COMMIT)' | cmp -s - $@ || echo '$(COMMIT)' > $@
.PHONY: always

# Every global of the float32 engine gets a twin ending in _f64, so that both link into one program.
$(O)/f64/names.h: $(ENGINE) $(CHECKS)
	@mkdir -p $(@D)
	$(Q)$(NM) -g $^ | sed -n 's/.* [BCDRSTV] _*\(modprop_[A-Za-z0-9_]*\)$$/#define \1 \1_f64/p' | sort -u > $@.new
	$(Q)cmp -s $@.new $@ && rm $@.new || mv $@.new $@

$(O)/f64/%.o: src/%.c $(O)/f64/names.h
	@mkdir -p $(@D)
	@echo "  CC   $(patsubst src/%,%,$<) (double)"
	$(Q)$(COMPILE) -DMODPROP_REAL=double -include $(O)/f64/names.h $(LAYER_CFLAGS) -c -o $@ $<

# ------------------------------------------------------------------ products

PROGRAMS := $(O)/modprop_sweep $(O)/modprop_analyze
$(O)/libmodprop.a: $(ENGINE)
	@echo "  AR   $(@F)"
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(O)/modprop_sweep: $(O)/cli/modprop_sweep.o $(CLI) $(SCHEDULE) $(STORE) $(SWEEP) $(CHECKS) $(DOUBLE) $(O)/libmodprop.a
	@echo "  LD   $(@F)"
	$(Q)$(LINK) -o $@ $^ $(LIB_ALL) $(LIB_MPI) $(LDLIBS)

# No MPI in it: it runs where mpirun does not.
$(O)/modprop_analyze: $(O)/cli/modprop_analyze.o $(CLI_ANALYZE) $(ANALYZE) $(STORE) $(SWEEP) $(O)/libmodprop.a
	@echo "  LD   $(@F)"
	$(Q)$(LINK) -o $@ $^ $(LIB_ANALYZE) $(LDLIBS)

all: $(PROGRAMS) $(O)/libmodprop.a

# ------------------------------------------------------------------ tests

TESTS := $(patsubst tests/%.c,$(O)/tests/%,$(sort $(wildcard tests/test_*.c)))
$(O)/tests/%.o: tests/%.c
	@mkdir -p $(@D)
	@echo "  CC   tests/$*.c"
	$(Q)$(COMPILE) $(call pkg_cflags,cmocka openblas hdf5 zlib inih) -c -o $@ $<

# A test links everything but MPI and the command line; WRAP_<test> names functions it replaces.
WRAP_test_memory := aligned_alloc free
WRAP_test_blas := cblas_sgemm
WRAP_test_check := $(addsuffix _f64,modprop_feedback_apply modprop_taps_link_open modprop_backward_end modprop_loss_step)
$(filter $(O)/tests/test_analyze_%,$(TESTS)): $(ANALYZE)
$(O)/tests/test_walltime: $(O)/schedule/walltime.o
$(O)/tests/test_signals: $(O)/schedule/signals.o
$(TESTS): $(O)/tests/%: $(O)/tests/%.o $(STORE) $(SWEEP) $(CHECKS) $(DOUBLE) $(O)/libmodprop.a
	@echo "  LD   tests/$*"
	$(Q)$(LINK) -o $@ $^ $(foreach f,$(WRAP_$*),-Wl,--wrap=$(f)) $(LIB_ANALYZE) $(call pkg_libs,cmocka) $(LDLIBS)

WRAP_test_lock := flock
WRAP_test_results_faults := modprop_memory_get pwrite fdatasync
WRAP_test_checkpoint := modprop_memory_get pwrite fsync rename
WRAP_test_plan_refused := malloc calloc realloc modprop_key_finish
WRAP_test_analyze_refused := malloc calloc

# The runner with faults that the environment switches on: named ones (faults.c), and the n-th call of a kind
# (nth.c), HDF5's functions among them, as the store calls them.
$(O)/tests/mpi/nth_calls.inc: $(STORE)
	@mkdir -p $(@D)
	$(Q)$(NM) -u $^ | sed -n $(if $(X86),'s/^ *U \(H5[A-Z][A-Za-z0-9]*\)$$/\1/p') | sort -u | \
	  sed '/storage_size/s/.*/H5(&, 0)/; /^H5(/!s/.*/H5(&, -1)/' > $@
$(O)/tests/mpi/nth.o: $(O)/tests/mpi/nth_calls.inc
$(O)/tests/mpi/nth.o: OUR_CPPFLAGS += -I$(O)/tests/mpi
WRAP_nth := malloc calloc realloc aligned_alloc strdup write pwrite fsync fdatasync rename open mkdir opendir
WRAP_faults := modprop_memory_get modprop_memory_take modprop_run_create_halting modprop_train_on modprop_results_write
$(O)/tests/modprop_sweep_faults: $(O)/tests/mpi/faults.o $(O)/tests/mpi/nth.o $(O)/cli/modprop_sweep.o $(CLI) $(SCHEDULE) $(STORE) $(SWEEP) \
                                 $(CHECKS) $(DOUBLE) $(O)/libmodprop.a
	@echo "  LD   tests/modprop_sweep_faults"
	$(Q)$(LINK) -o $@ $^ $(foreach f,$(WRAP_faults) $(WRAP_nth),-Wl,--wrap=$(f)) \
	  $$(sed 's/^H5(\(.*\),.*/-Wl,--wrap=\1/' $(O)/tests/mpi/nth_calls.inc) $(LIB_ALL) $(LIB_MPI) $(LDLIBS)

tests: $(TESTS) $(O)/tests/modprop_sweep_faults ## the test programs

# Open MPI asks for these where it runs as root or with more ranks than cores; the program never sets them.
MPI_ENV := OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OPENBLAS_NUM_THREADS=1

# LeakSanitizer stays on: the unit tests have no MPI, whose start alone leaks. On all cores, output not mixed.
RUNS_OF_TESTS := $(TESTS:%=%.run)
$(RUNS_OF_TESTS): %.run: % always
	@echo "== $(<F)"; $(MPI_ENV) $<

run-unit-tests: $(TESTS)
	+@$(MAKE) --no-print-directory -k -j$(CORES) $(if $(filter output-sync,$(.FEATURES)),--output-sync=target) $(RUNS_OF_TESTS)

SCRIPTS := $(sort $(wildcard tests/*.sh))
run-scripts: all tests
	@failed=; for t in $(SCRIPTS); do echo "== $${t##*/}"; \
	   $(MPI_ENV) MAKE='$(MAKE)' CC='$(CC) $(SAN)' PYTHON='$(PYTHON)' PROGRAM=$(O)/modprop_sweep OBJECTS=$(O) \
	   CPPFLAGS='$(call pkg_cflags,$(PKGS))' LIBS='$(O)/libmodprop.a $(LIB_ENGINE)' \
	   sh $$t $(O) || failed="$$failed $${t##*/}"; done; \
	 if [ -n "$$failed" ]; then echo "failed:$$failed"; exit 1; fi

run-mpi-tests: all tests
	$(MPI_ENV) tests/mpi/run $(O)/modprop_sweep $(O)/tests/modprop_sweep_faults
.PHONY: run-unit-tests run-scripts run-mpi-tests

run-tests: run-unit-tests run-scripts run-mpi-tests

asan: ## the unit tests under AddressSanitizer and UndefinedBehaviorSanitizer
	+$(Q)MODPROP_FUZZ_S=25 $(MAKE) VARIANT=asan run-unit-tests

# New inputs that reach new code are kept in build/fuzz/corpus, inputs that crash in build/fuzz; those that every
# start begins with in tests/fuzz/corpus (`make fuzz-corpus` renews it).
FUZZ_S   ?= 60
FUZZERS  := $(patsubst tests/%.c,$(O)/tests/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
$(FUZZERS): %: %.o $(STORE) $(SWEEP) $(O)/libmodprop.a
	@echo "  LD   $(@F)"
	$(Q)$(LINK) -fsanitize=fuzzer -o $@ $^ $(LIB_ALL) $(LDLIBS)

fuzz: ## libFuzzer on sweep files and checkpoints, FUZZ_S seconds each (clang)
	+$(Q)$(MAKE) VARIANT=fuzz CC=clang run-fuzz
FUZZ_RUN = OPENBLAS_NUM_THREADS=1 $(O)/tests/fuzz/fuzz_$(1) -max_total_time=$(FUZZ_S) -timeout=20 -rss_limit_mb=2048 \
           -print_final_stats=1 -verbosity=0 -artifact_prefix=$(O)/$(1)-
run-fuzz: $(FUZZERS)
	@mkdir -p $(O)/corpus/plan $(O)/corpus/checkpoint
	$(call FUZZ_RUN,plan) -dict=tests/fuzz/plan.dict -max_len=4096 $(O)/corpus/plan tests/fuzz/corpus/plan sweeps
	FUZZ_SEEDS=$(O)/corpus/checkpoint $(call FUZZ_RUN,checkpoint) -max_len=8192 $(O)/corpus/checkpoint
fuzz-corpus:
	$(O)/tests/fuzz/fuzz_plan -merge=1 -max_len=256 tests/fuzz/corpus/plan $(O)/corpus/plan
.PHONY: fuzz run-fuzz fuzz-corpus

# The processor that valgrind shows has no AVX-512. Leaks are looked for in the program alone: AddressSanitizer has
# seen to those of the unit tests, whose forked children end in the middle of things.
VALGRIND := valgrind --quiet --error-exitcode=99 --num-callers=60
VALGRIND_TESTS ?= network optimiser common taps step rewire datafile feedback drift train lock shard checkpoint
valgrind: all tests ## memcheck on unit tests and on a sweep with checkpoints
	@failed=; for t in $(VALGRIND_TESTS); do echo "== $$t"; OPENBLAS_NUM_THREADS=1 $(VALGRIND) $(O)/tests/test_$$t \
	   >$(O)/valgrind.log 2>&1 || { failed="$$failed $$t"; grep -A 20 '^==' $(O)/valgrind.log | head -n 60; }; done; \
	 echo '== modprop_sweep'; rm -rf $(O)/valgrind.h5*; \
	 $(MPI_ENV) OMPI_MCA_ess_singleton_isolated=1 $(VALGRIND) --leak-check=full --errors-for-leak-kinds=definite \
	   --suppressions=tests/valgrind.supp $(O)/modprop_sweep tests/data/valgrind.ini -o $(O)/valgrind.h5 || failed="$$failed modprop_sweep"; \
	 if [ -n "$$failed" ]; then echo "failed:$$failed"; exit 1; fi
.PHONY: valgrind

# ------------------------------------------------------------------ bench

BENCH := $(O)/tests/bench/bench
BENCH_OBJECTS := $(patsubst %.c,$(O)/%.o,$(sort $(wildcard tests/bench/*.c)))
BENCH_OUT := build/bench
BENCH_PYTHON := $(BENCH_OUT)/python/bin/python
BENCH_ARGS ?=

$(BENCH): $(BENCH_OBJECTS) $(O)/libmodprop.a
	@echo "  LD   tests/bench/bench"
	$(Q)$(LINK) -o $@ $^ $(LIB_ENGINE) $(LDLIBS)

tests: $(BENCH)
# The peak counts a product and a sum as one instruction where the CPU has it.
$(O)/tests/bench/peak.o: OUR_CFLAGS += -ffp-contract=fast

bench: $(BENCH) ## speed per rule and size beside the core's limits; BENCH_ARGS=--full, --pairs, ...
	@mkdir -p $(BENCH_OUT)
	OPENBLAS_NUM_THREADS=1 $(BENCH) --csv $(BENCH_OUT)/bench.csv $(BENCH_ARGS)
	sh tests/bench/plot.sh $(BENCH_OUT)/bench.csv $(BENCH_OUT)

# The packages are renewed when their versions change.
$(BENCH_PYTHON): tests/bench/requirements.txt
	$(PYTHON) -m venv --clear $(BENCH_OUT)/python
	$(BENCH_PYTHON) -m pip install --quiet --requirement $<
	@touch $@

bench-peers: $(BENCH) $(BENCH_PYTHON) ## the same model in JAX, alternating with ours
	OPENBLAS_NUM_THREADS=1 $(BENCH_PYTHON) tests/bench/peers_jax.py --bench $(BENCH) $(PEERS_ARGS)

bench-overhead: all $(O)/tests/modprop_sweep_faults ## what a sweep costs beside the training
	$(MPI_ENV) MPIRUN='$(MPIRUN)' bash tests/bench/overhead.sh $(O)/modprop_sweep $(O)/tests/modprop_sweep_faults
bench-analyze: $(O)/modprop_analyze $(O)/tests/test_analyze_runs ## summary of 100,000 runs: time and memory
	@mkdir -p $(BENCH_OUT)
	PYTHON=$(PYTHON) sh tests/bench/analyze.sh $(O) $(BENCH_OUT)/large.h5
.PHONY: bench bench-peers bench-overhead bench-analyze

# ------------------------------------------------------------------ first use: packages, build, run

# $(1): programs and headers that must be there, $(2): apt, $(3): dnf, $(4): brew packages.
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
define install_packages
	@if [ '$(DEPS)' = skip ]; then exit 0; fi; \
	 if [ -z '$(strip $(1))' ]; then exit 0; fi; \
	 echo 'missing: $(strip $(1)); installing packages (DEPS=skip leaves this out)'; \
	 if command -v apt-get >/dev/null; then \
	   set -x; $(SUDO) apt-get update -qq && \
	   $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(2); \
	 elif command -v dnf >/dev/null; then set -x; $(SUDO) dnf install -y -q $(3); \
	 elif command -v brew >/dev/null; then set -x; brew install -q $(4); \
	 else echo 'no apt-get, dnf or brew here: install these by hand: $(strip $(2))'; exit 1; fi
endef
program_missing = $(if $(shell command -v $(1) 2>/dev/null || true),,$(1))
python_missing = $(if $(shell $(PYTHON) -c 'import $(1)' 2>/dev/null && echo y),,$(1))

deps:
	$(call install_packages,$(foreach c,$(CC) pkg-config mpirun gnuplot,$(call program_missing,$(c))) \
	  $(call missing,$(PKGS)),$(APT),$(DNF),$(BREW))

check-deps:
	$(call install_packages,$(foreach c,$(CC) c++ git pkg-config mpirun gnuplot h5dump ncdump pgrep,$(call program_missing,$(c))) \
	  $(call missing,$(PKGS) $(PKG_TEST)) $(foreach m,h5py xarray netCDF4 h5netcdf,$(call python_missing,$(m))),\
	  $(APT) $(APT_TEST),$(DNF) $(DNF_TEST),$(BREW) $(BREW_TEST))

demo: deps ## first use: brings missing packages, builds, runs sweeps/quick.ini
	+$(Q)$(MAKE) -j$(CORES) all
	+$(Q)$(MAKE) run-demo

run-demo: all
	$(MPI_ENV) $(MPIRUN) --oversubscribe -n $(RANKS) $(O)/modprop_sweep sweeps/quick.ini
	@echo
	$(O)/modprop_analyze trend results/quick.h5 --x mu --by rule
	@echo; echo 'More: $(O)/modprop_analyze --help, and `-o trend.svg` or `--terminal` for the figure.'

check: check-deps ## brings missing packages, builds, runs all tests
	+$(Q)$(MAKE) -j$(CORES) all tests
	+$(Q)$(MAKE) run-tests

long-deps: check-deps
	$(call install_packages,$(foreach c,slurmctld srun munged ip valgrind clang chromium,$(call program_missing,$(c))),\
	  $(APT_LONG),slurm slurm-slurmctld slurm-slurmd munge iproute valgrind clang chromium,chromium)
.PHONY: long-deps

RELIABILITY := build/reliability
check-long: long-deps ## all tests at full size, valgrind, fuzzing: two hours; writes build/reliability.md
	@mkdir -p build && rm -f $(RELIABILITY).txt
	+$(Q)$(MAKE) -j$(CORES) all tests
	+LONG=1 REPORT=$(CURDIR)/$(RELIABILITY).txt $(MAKE) run-tests
	+$(Q)$(MAKE) -j$(CORES) VARIANT=asan all tests
	+REPORT=$(CURDIR)/$(RELIABILITY).txt $(MAKE) VARIANT=asan run-faults-sanitized
	+$(Q)$(MAKE) valgrind
	+$(Q)$(MAKE) fuzz
	+$(Q)$(MAKE) reliability

# Leaks end no program: those of Open MPI's start are not ours (tests/valgrind.supp); nth.py looks for the others.
run-faults-sanitized: all tests
	$(MPI_ENV) SANITIZED=1 NTH=29 LSAN_OPTIONS=exitcode=0 \
	  tests/mpi/run $(O)/modprop_sweep $(O)/tests/modprop_sweep_faults faulty_nth_calls_fail_in_order

reliability: ## the table of the last `make check-long`
	@{ echo '| fault | tried | survived | work lost |'; echo '|---|---|---|---|'; \
	   sed 's/|/ | /g; s/.*/| & |/' $(RELIABILITY).txt; \
	   echo; echo 'Made by `make check-long`, $(COMMIT).'; } | tee $(RELIABILITY).md
.PHONY: run-faults-sanitized reliability

# ------------------------------------------------------------------ install

BINDIR := $(DESTDIR)$(PREFIX)/bin
LIBDIR := $(DESTDIR)$(PREFIX)/lib
INCDIR := $(DESTDIR)$(PREFIX)/include
MANDIR := $(DESTDIR)$(PREFIX)/share/man/man1
SHARE  := $(DESTDIR)$(PREFIX)/share/modprop

define PKG_CONFIG_FILE
prefix=$(PREFIX)
libdir=$${prefix}/lib
includedir=$${prefix}/include

Name: modprop
Description: trains recurrent networks with biologically plausible learning rules
Version: $(VERSION)
Requires: openblas zlib
Libs: -L$${libdir} -lmodprop -lm
Cflags: -I$${includedir}
endef
export PKG_CONFIG_FILE

install: all ## program, library, header, man page, sweeps below PREFIX (DESTDIR is honoured)
	install -d $(BINDIR) $(LIBDIR)/pkgconfig $(INCDIR) $(MANDIR) $(SHARE)/sweeps $(SHARE)/slurm
	install -m 755 $(PROGRAMS) $(BINDIR)
	install -m 644 $(O)/libmodprop.a $(LIBDIR)
	install -m 644 include/modprop.h $(INCDIR)
	printf '%s\n' "$$PKG_CONFIG_FILE" > $(LIBDIR)/pkgconfig/modprop.pc
	install -m 644 src/cli/modprop_sweep.1 src/cli/modprop_analyze.1 $(MANDIR)
	install -m 644 sweeps/*.ini $(SHARE)/sweeps
	install -m 644 slurm/*.sbatch $(SHARE)/slurm

uninstall: ## removes what install put there
	rm -f $(BINDIR)/modprop_sweep $(BINDIR)/modprop_analyze $(LIBDIR)/libmodprop.a $(INCDIR)/modprop.h \
	  $(LIBDIR)/pkgconfig/modprop.pc $(MANDIR)/modprop_sweep.1 $(MANDIR)/modprop_analyze.1
	rm -rf $(SHARE)

dist: ## modprop-VERSION.tar.gz of the committed tree
	git archive --prefix=modprop-$(VERSION)/ -o modprop-$(VERSION).tar.gz HEAD

# ------------------------------------------------------------------ upkeep

SOURCES := $(sort $(wildcard include/*.h src/*/*.[ch] src/*/*.inc tests/*.[ch] tests/*/*.[ch]))
format: ## clang-format all sources
	clang-format -i $(SOURCES)

lint: ## cppcheck
	cppcheck --quiet --enable=warning,performance,portability --inline-suppr --std=c11 -Iinclude -Isrc src

clean: ## remove what was built
	rm -rf build

distclean: clean ## and the results
	rm -rf results

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | sort | awk -F '\t' '{printf "  %-14s %s\n", $$1, $$2}'

-include $(shell find $(O) -name '*.d' 2>/dev/null)
