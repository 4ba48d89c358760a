# libcxrouting.a: where a call goes. Pure; also linked into the API, centrexctl and tests.
$(B)/libcxrouting.a: $(call objs,$(wildcard kamailio_mod/routing/*.c kamailio_mod/routing/nodes/*.c))
	@mkdir -p $(@D)
	rm -f $@
	ar rcs $@ $^

# tests/scenarios/*.call against the core
SCENARIO_RUNNER := $(B)/tests/scenario_runner
PROGRAMS += $(SCENARIO_RUNNER)
$(eval $(call program,tests/scenario_runner,$(call objs,$(wildcard tests/scenario/*.c)) $$(B)/libcxrouting.a $$(B)/libcxdb.a,-ljansson -lcrypto))

$(eval $(call unit_test,routing_pattern,$$(B)/libcxrouting.a,))
$(eval $(call unit_test,routing_property,$$(B)/libcxrouting.a,-ljansson -lcrypto))
$(eval $(call unit_test,routing_image,$$(B)/libcxrouting.a,-ljansson -lcrypto))
$(eval $(call unit_test,routing_hours,$$(B)/libcxrouting.a,-ljansson -lcrypto))

# libFuzzer wants everything compiled by clang
FUZZ_CFLAGS := -std=c11 -D_GNU_SOURCE -g -O1 -I. -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined
FUZZERS += $(B)/fuzz/fuzz_image $(B)/fuzz/fuzz_compile
$(B)/fuzz/fuzz_image $(B)/fuzz/fuzz_compile: $(B)/fuzz/%: tests/fuzz/%.c tests/fuzz/sample.h $(wildcard kamailio_mod/routing/*.[ch] kamailio_mod/routing/nodes/*.[ch])
	@mkdir -p $(@D)
	clang $(FUZZ_CFLAGS) -o $@ $(filter %.c,$^) -ljansson -lcrypto

FUZZERS += $(B)/fuzz/fuzz_tzfile
$(B)/fuzz/fuzz_tzfile: tests/fuzz/fuzz_tzfile.c kamailio_mod/routing/tzfile.c kamailio_mod/routing/zone.c
	@mkdir -p $(@D)
	clang $(FUZZ_CFLAGS) -o $@ $^
