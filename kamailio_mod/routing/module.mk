# libcxrouting.a: where a call goes. Pure; also linked into the API, centrexctl and tests.
$(B)/libcxrouting.a: $(call objs,$(wildcard kamailio_mod/routing/*.c kamailio_mod/routing/nodes/*.c))
	@mkdir -p $(@D)
	rm -f $@
	ar rcs $@ $^

# tests/scenarios/*.call against the core
SCENARIO_RUNNER := $(B)/tests/scenario_runner
PROGRAMS += $(SCENARIO_RUNNER)
$(eval $(call program,tests/scenario_runner,$(call objs,$(wildcard tests/scenario/*.c)) $$(B)/libcxrouting.a $$(B)/libcxdb.a,-ljansson -lcrypto))
