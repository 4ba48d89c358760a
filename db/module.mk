# libcxdb.a: the shared database, for the module's loader, the API, the workers and centrexctl.
CXDB_CFLAGS := $(shell mariadb_config --cflags 2>/dev/null)
CXDB_LIBS := $(shell mariadb_config --libs 2>/dev/null) -lconfig -lcrypto
CFLAGS_db_ := $(CXDB_CFLAGS)
CFLAGS_db_rows_ := $(CXDB_CFLAGS)

$(B)/libcxdb.a: $(call objs,$(wildcard db/*.c db/rows/*.c))
	@mkdir -p $(@D)
	rm -f $@
	ar rcs $@ $^

# the operator's command
PROGRAMS += $(B)/centrexctl
$(eval $(call program,centrexctl,$(call objs,provisioning/centrexctl.c provisioning/password.c $(wildcard provisioning/ctl/*.c)) $$(B)/libcxrouting.a $$(B)/libcxdb.a,$$(CXDB_LIBS) -ljansson -lcrypto -largon2))

# Against a real MariaDB, which tests/unit/with-db starts for each program.
DB_TEST_LIBS := $(B)/tests/unit/db_fixture.o $(B)/libcxdb.a
$(eval $(call unit_test,db_connection,$(DB_TEST_LIBS),$(CXDB_LIBS)))
$(eval $(call unit_test,db_account,$(DB_TEST_LIBS),$(CXDB_LIBS)))
