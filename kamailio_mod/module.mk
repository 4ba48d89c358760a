# centrex.so: our Kamailio module, compiled out of tree against the headers that cfg/install-packages unpacks.
KSRC := build/kamailio-src
KMOD_SRC := $(wildcard kamailio_mod/*.c)
KMOD_OBJ := $(call objs,$(KMOD_SRC))
PROGRAMS += $(B)/centrex.so

build/kamailio.defs: kamailio_mod/cdefs.mk $(KSRC)/.version
	@$(MAKE) -s --no-print-directory -f kamailio_mod/cdefs.mk KSRC=$(KSRC) print 2>/dev/null >$@

$(KMOD_OBJ): build/kamailio.defs
# Kamailio's own headers are not held to our warnings; C11 atomics need the GNU dialect of C11 that they use.
CFLAGS_kamailio_mod_ := -std=gnu11 @build/kamailio.defs -isystem $(KSRC) -DMOD_NAME='"centrex"' -DMOD_NAMEID=centrex -fno-sanitize=all

$(B)/centrex.so: $(KMOD_OBJ) $(B)/libcxrouting.a $(B)/libcxdb.a
	$(CC) -shared -o $@ $(KMOD_OBJ) $(B)/libcxrouting.a $(B)/libcxdb.a $(CXDB_LIBS) -ljansson -lcrypto -lconfig
