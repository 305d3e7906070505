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

VERSION := $(shell sed -n 's/^.define MODPROP_VERSION "\(.*\)"/\1/p' include/modprop.h)
COMMIT  := $(shell git -C . rev-parse --short=12 HEAD 2>/dev/null || echo unknown)$(shell \
             git -C . diff --quiet HEAD 2>/dev/null || echo +changes)

Q := $(if $(filter 1,$(V)),,@)
.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: all

all: ## the programs and the library (installs nothing, names what is missing)

# ------------------------------------------------------------------ libraries

# Goals that need no library.
FREE_GOALS := help clean distclean demo check-deps demo-deps dist
NEEDS_LIBRARIES := $(if $(MAKECMDGOALS),$(filter-out $(FREE_GOALS),$(MAKECMDGOALS)),all)

PKGS     := openblas hdf5 inih zlib ompi-c
PKG_TEST := cmocka
ifneq ($(NEEDS_LIBRARIES),)
MISSING := $(strip $(foreach p,$(PKGS),$(if $(shell pkg-config --exists $(p) 2>/dev/null && echo y),,$(p))) \
             $(if $(shell printf '\#include <Random123/philox.h>\n' | $(CC) $(CPPFLAGS) -E -x c - >/dev/null 2>&1 && echo y),,Random123))
$(if $(MISSING),$(error missing: $(MISSING). `make demo` installs what is needed; by hand on Debian: \
  apt install pkg-config libopenblas-dev libhdf5-dev libinih-dev zlib1g-dev libopenmpi-dev openmpi-bin librandom123-dev))
endif
pkg_cflags = $(shell pkg-config --cflags $(1) 2>/dev/null)
pkg_libs   = $(shell pkg-config --libs $(1) 2>/dev/null)

# ------------------------------------------------------------------ flags

O := build/$(VARIANT)
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wconversion -Wvla
OUR_CPPFLAGS := -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -Iinclude -Isrc
OUR_CFLAGS   := -std=c11 -g $(WARN) $(if $(WERROR),-Werror)
SAN_release  :=
SAN_debug    := -O0
SAN_asan     := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
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
CLI      := $(filter-out $(O)/cli/modprop_%.o,$(call objects,cli))
# The same engine and checks in double, for the proof of the gradients.
DOUBLE   := $(patsubst $(O)/%,$(O)/f64/%,$(ENGINE) $(CHECKS))

$(STORE): LAYER_CFLAGS = $(call pkg_cflags,hdf5 zlib)
$(SCHEDULE): LAYER_CFLAGS = $(call pkg_cflags,ompi-c)
$(SWEEP): LAYER_CFLAGS = $(call pkg_cflags,inih)
$(ENGINE) $(CHECKS) $(DOUBLE): LAYER_CFLAGS = $(call pkg_cflags,openblas)
$(O)/cli/%.o: LAYER_CFLAGS = -DMODPROP_COMMIT='"$(COMMIT)"'

LIB_ENGINE := $(call pkg_libs,openblas) -lm
LIB_ALL    := $(call pkg_libs,hdf5 inih zlib) $(LIB_ENGINE)
LIB_MPI    := $(call pkg_libs,ompi-c)

$(O)/%.o: src/%.c
	@mkdir -p $(@D)
	@echo "  CC   $(patsubst src/%,%,$<)"
	$(Q)$(COMPILE) $(LAYER_CFLAGS) -c -o $@ $<

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

PROGRAMS := $(O)/modprop_sweep
$(O)/libmodprop.a: $(ENGINE)
	@echo "  AR   $(@F)"
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(O)/modprop_sweep: $(O)/cli/modprop_sweep.o $(CLI) $(SCHEDULE) $(STORE) $(SWEEP) $(CHECKS) $(DOUBLE) $(O)/libmodprop.a
	@echo "  LD   $(@F)"
	$(Q)$(LINK) -o $@ $^ $(LIB_ALL) $(LIB_MPI) $(LDLIBS)

all: $(PROGRAMS) $(O)/libmodprop.a

# ------------------------------------------------------------------ tests

TESTS := $(patsubst tests/%.c,$(O)/tests/%,$(sort $(wildcard tests/test_*.c)))
$(O)/tests/%.o: tests/%.c
	@mkdir -p $(@D)
	@echo "  CC   tests/$*.c"
	$(Q)$(COMPILE) $(call pkg_cflags,cmocka openblas hdf5 zlib inih) -c -o $@ $<

# A test links everything but MPI and the command line; WRAP_<test> names functions it replaces.
$(TESTS): $(O)/tests/%: $(O)/tests/%.o $(STORE) $(SWEEP) $(CHECKS) $(DOUBLE) $(O)/libmodprop.a
	@echo "  LD   tests/$*"
	$(Q)$(LINK) -o $@ $^ $(foreach f,$(WRAP_$*),-Wl,--wrap=$(f)) $(LIB_ALL) $(call pkg_libs,cmocka) $(LDLIBS)

.PHONY: tests
tests: $(TESTS)

.PHONY: clean
clean: ## remove what was built
	rm -rf build

-include $(shell find $(O) -name '*.d' 2>/dev/null)
