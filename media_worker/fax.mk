# The fax machine: objects, tests, fuzz target. Linked into centrex-media by module.mk. SPDX-License-Identifier: GPL-2.0-or-later
MW_FAX_OBJS := $(call objs,$(addprefix media_worker/fax/,t30.c t38.c udptl.c))
MW_FAX_LIBS := -lspandsp -ltiff -lm
$(eval $(call unit_test,mw_fax,$(B)/tests/unit/fax_page.o $(MW_FAX_OBJS),$(MW_FAX_LIBS)))
$(eval $(call unit_test,mw_document,$(B)/tests/unit/fax_page.o $(call objs,media_worker/fax/document.c media_worker/child.c db/doc_type.c),-ltiff))
FUZZERS += $(B)/fuzz/fuzz_udptl
$(B)/fuzz/fuzz_udptl: tests/fuzz/fuzz_udptl.c media_worker/fax/udptl.c media_worker/fax/udptl.h
	@mkdir -p $(@D)
	clang $(FUZZ_CFLAGS) -o $@ $(filter %.c,$^)
# The tests' own fax machine (tests/lib/fax.py runs it).
TEST_TOOLS += $(B)/tests/faxer
$(eval $(call program,tests/faxer,$(B)/tests/lib/faxer.o $(B)/tests/unit/fax_page.o,-lspandsp -ltiff -lm))
