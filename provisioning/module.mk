# centrex-api: the HTTP API behind nginx, and the tables of its resources.
# SPDX-License-Identifier: GPL-2.0-or-later
API_OBJ := $(call objs,provisioning/password.c $(filter-out provisioning/centrexctl.c provisioning/password.c provisioning/main.c provisioning/faxmail.c provisioning/faxmail_take.c,\
	$(wildcard provisioning/*.c)) $(wildcard provisioning/resources/*.c) media_worker/tts.c media_worker/child.c media_worker/mail.c media_worker/sidecar.c)
GMIME_LIBS := $(shell pkg-config --libs gmime-3.0 2>/dev/null)
API_LIBS := $(CXDB_LIBS) -ljansson -lcrypto -largon2 -lfcgi -ljwt -lsndfile -lmpg123 -lcurl -lebur128 $(GMIME_LIBS) -lm
CFLAGS_provisioning_ := $(shell pkg-config --cflags gmime-3.0 2>/dev/null)
CFLAGS_provisioning_resources_ := -I.

# all but main(): for the program and for tests of its parts
$(B)/libcxapi.a: $(API_OBJ)
	@mkdir -p $(@D)
	rm -f $@
	ar rcs $@ $^

PROGRAMS += $(B)/centrex-api
$(eval $(call program,centrex-api,$(call objs,provisioning/main.c) $$(B)/libcxapi.a $$(B)/libcxrouting.a $$(B)/libcxdb.a,$$(API_LIBS)))

# mails that become faxes: run by Postfix
PROGRAMS += $(B)/centrex-faxmail
$(eval $(call program,centrex-faxmail,$(call objs,provisioning/faxmail.c provisioning/faxmail_take.c provisioning/mime.c) $$(B)/libcxdb.a,$$(CXDB_LIBS) -ljansson -lcrypto $$(GMIME_LIBS)))
