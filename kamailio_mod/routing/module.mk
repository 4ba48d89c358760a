# libcxrouting.a: where a call goes. Pure; also linked into the API, centrexctl and tests.
$(B)/libcxrouting.a: $(call objs,$(wildcard kamailio_mod/routing/*.c kamailio_mod/routing/nodes/*.c))
	@mkdir -p $(@D)
	rm -f $@
	ar rcs $@ $^
