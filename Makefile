# Centrex: build, run, test. GNU make and pkg-config, nothing cleverer.
# Each room says what it makes in its own module.mk. SPDX-License-Identifier: GPL-2.0-or-later

.DEFAULT_GOAL := all
SHELL := /bin/bash
SAN ?=
# san builds live beside the others: same sources, same targets, another folder
B := build/$(if $(SAN),san,out)

CC := gcc
PREFIX ?= /usr/local
WARN := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wpointer-arith -Wno-format-truncation
CFLAGS ?= -O2 -g
CX_CFLAGS := -std=c11 -D_GNU_SOURCE -fno-strict-aliasing -fPIC $(WARN) $(CFLAGS) -I. -MMD -MP
ifneq ($(SAN),)
SANFLAGS := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
CX_CFLAGS += $(SANFLAGS) -O1
CX_LDFLAGS += $(SANFLAGS)
endif

objs = $(patsubst %.c,$(B)/%.o,$(1))
# $(call program,path below $(B),objects and .a files,libraries): a rule that links
define program
$(B)/$(1): $(2)
	@mkdir -p $$(@D)
	$$(CC) $$(CX_LDFLAGS) -o $$@ $(2) $(3)
endef
# $(call unit_test,name,.a files,libraries): tests/unit/test_NAME.c becomes a test program
define unit_test
$(call program,tests/unit/test_$(1),$(B)/tests/unit/test_$(1).o $(2),-lcmocka $(3))
UNIT_TESTS += $(B)/tests/unit/test_$(1)
endef

PROGRAMS :=
UNIT_TESTS :=
TEST_TOOLS :=
FUZZERS :=
include $(wildcard db/module.mk kamailio_mod/routing/module.mk kamailio_mod/module.mk media_worker/module.mk media_worker/jobs.mk media_worker/fax.mk \
	provisioning/module.mk loadtest/module.mk tests/module.mk)

.PHONY: all deps run test bench soak install clean format format-check unit
all: $(PROGRAMS)
unit: $(UNIT_TESTS) $(TEST_TOOLS) # and what other tests run

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CX_CFLAGS) $(CFLAGS_$(subst /,_,$(dir $<))) -c -o $@ $<

# Packages, quickly: dpkg-query answers in milliseconds when nothing is missing.
deps:
	@cfg/install-packages

run: deps
	@$(MAKE) --no-print-directory -j2 all
	@cfg/run --dir run --ip 127.0.0.1 --demo

test: deps
	@tests/run-all

bench: deps
	@$(MAKE) --no-print-directory -j2 all
	@loadtest/bench

soak: deps
	@$(MAKE) --no-print-directory -j2 all
	@tests/soak

KAMAILIO_MODULES := $(PREFIX)/lib/centrex/kamailio
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(KAMAILIO_MODULES) $(DESTDIR)$(PREFIX)/share/centrex/schema \
		$(DESTDIR)$(PREFIX)/share/centrex/cfg $(DESTDIR)/lib/systemd/system
	install -m 755 $(B)/centrex-media $(B)/centrex-api $(B)/centrex-faxmail $(B)/centrexctl $(DESTDIR)$(PREFIX)/bin/
	install -m 644 $(B)/centrex.so $(DESTDIR)$(KAMAILIO_MODULES)/
	install -m 644 db/schema/*.sql $(DESTDIR)$(PREFIX)/share/centrex/schema/
	install -m 644 cfg/*.in $(DESTDIR)$(PREFIX)/share/centrex/cfg/
	install -m 644 cfg/systemd/* $(DESTDIR)/lib/systemd/system/

C_FILES := $(shell git ls-files -co --exclude-standard '*.c' '*.h' 2>/dev/null)
format:
	clang-format -i $(C_FILES)
format-check:
	@clang-format --dry-run --Werror $(C_FILES)

clean:
	rm -rf build

-include $(shell find build -name '*.d' 2>/dev/null)
