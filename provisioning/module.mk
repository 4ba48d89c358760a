# centrex-api: the HTTP API behind nginx, and the tables of its resources.
API_OBJ := $(call objs,provisioning/password.c $(filter-out provisioning/centrexctl.c provisioning/password.c,$(wildcard provisioning/*.c)) \
	$(wildcard provisioning/resources/*.c))
CFLAGS_provisioning_resources_ := -I.
PROGRAMS += $(B)/centrex-api
$(eval $(call program,centrex-api,$(API_OBJ) $$(B)/libcxrouting.a $$(B)/libcxdb.a,$$(CXDB_LIBS) -ljansson -lcrypto -largon2 -lfcgi -ljwt -lsndfile -lmpg123 -lm))
