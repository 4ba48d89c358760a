# The spool and its jobs: their tests. The objects themselves are linked into centrex-media by module.mk.
# SPDX-License-Identifier: GPL-2.0-or-later
MW_JOB_OBJS := $(call objs,$(addprefix media_worker/,spool.c sidecar.c kind.c fax/report.c fax/document.c child.c encode.c log.c store.c store_db.c mail.c finish.c finish_mail.c job.c) \
	$(wildcard media_worker/kinds/*.c))
MW_JOB_LIBS := $(CXDB_LIBS) -ljansson -lcurl -lmp3lame -ltiff -lpthread
MW_FIXTURE := $(B)/tests/unit/mw_fixture.o
$(eval $(call unit_test,mw_mail,$(MW_FIXTURE) $(MW_JOB_OBJS) $(DB_TEST_LIBS),$(MW_JOB_LIBS) -lmpg123 -lm))
$(eval $(call unit_test,mw_spool,$(B)/tests/unit/mw_world.o $(MW_FIXTURE) $(MW_JOB_OBJS) $(DB_TEST_LIBS),$(MW_JOB_LIBS) -lmpg123 -lm))
