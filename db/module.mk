# libcxdb.a: the shared database, for the module's loader, the API, the workers and centrexctl.
CXDB_CFLAGS := $(shell mariadb_config --cflags 2>/dev/null)
CXDB_LIBS := $(shell mariadb_config --libs 2>/dev/null) -lconfig
CFLAGS_db_ := $(CXDB_CFLAGS)
CFLAGS_db_rows_ := $(CXDB_CFLAGS)

$(B)/libcxdb.a: $(call objs,$(wildcard db/*.c db/rows/*.c))
	@mkdir -p $(@D)
	rm -f $@
	ar rcs $@ $^

# the operator's command
PROGRAMS += $(B)/centrexctl
$(eval $(call program,centrexctl,$(call objs,provisioning/centrexctl.c provisioning/password.c $(wildcard provisioning/ctl/*.c)) $$(B)/libcxrouting.a $$(B)/libcxdb.a,$$(CXDB_LIBS) -ljansson -lcrypto -largon2))
