# centrex-media: the media worker. jobs.mk (spool, mp3, row, mail) names MW_JOB_OBJS and MW_JOB_LIBS.
# SPDX-License-Identifier: GPL-2.0-or-later
MW_PURE_OBJS := $(call objs,media_worker/sip/sdp.c media_worker/audio/codec.c media_worker/audio/resample.c media_worker/audio/tone.c media_worker/rtp/dtmf.c \
	media_worker/rtp/packet.c)
MW_SRCS := $(wildcard media_worker/*.c media_worker/*/*.c)
MW_LIBS := $(CXDB_LIBS) -lev -losip2 -losipparser2 -lspandsp -ltiff -lcrypto -lsndfile -ljansson -lcurl -lmp3lame -lpthread -lm
CFLAGS_media_worker_audio_ := -O3
CFLAGS_media_worker_ := $(CXDB_CFLAGS)

PROGRAMS += $(B)/centrex-media
$(eval $(call program,centrex-media,$(call objs,$(MW_SRCS)) $$(B)/libcxrouting.a $$(B)/libcxdb.a,$$(MW_LIBS)))

# Tests of what needs no socket. MW_PURE_OBJS knows only libspandsp and libm; the recorder's spool is the test's own.
$(eval $(call unit_test,mw_sdp,$(MW_PURE_OBJS),-lspandsp -lm))
$(eval $(call unit_test,mw_packet,$(MW_PURE_OBJS),-lspandsp -lm))
$(eval $(call unit_test,mw_codec,$(MW_PURE_OBJS),-lspandsp -lm))
$(eval $(call unit_test,mw_recorder,$(MW_PURE_OBJS) $(call objs,media_worker/audio/recorder.c media_worker/audio/draft.c),-lspandsp -lm))
$(eval $(call unit_test,mw_mixer,$(MW_PURE_OBJS) $(call objs,media_worker/audio/mixer.c media_worker/audio/jitter.c),-lspandsp -lm))
$(eval $(call unit_test,mw_tracks,$(call objs,media_worker/audio/tracks.c media_worker/record_sdp.c),-lm))
$(eval $(call unit_test,mw_clock,$(call objs,media_worker/rtp/clock.c),-lev))

MW_FUZZ_SIP := $(addprefix media_worker/,sip/message.c sip/dialog.c sip/sdp.c audio/codec.c audio/resample.c)
MW_FUZZ_RTP := $(addprefix media_worker/,rtp/packet.c rtp/dtmf.c)
FUZZERS += $(B)/fuzz/fuzz_sip $(B)/fuzz/fuzz_rtp
$(B)/fuzz/fuzz_sip: tests/fuzz/fuzz_sip.c $(MW_FUZZ_SIP) $(wildcard media_worker/sip/*.h)
$(B)/fuzz/fuzz_rtp: tests/fuzz/fuzz_rtp.c $(MW_FUZZ_RTP) $(wildcard media_worker/rtp/*.h)
$(B)/fuzz/fuzz_sip $(B)/fuzz/fuzz_rtp:
	@mkdir -p $(@D)
	clang $(FUZZ_CFLAGS) -o $@ $(filter %.c,$^) -losip2 -losipparser2 -lspandsp -lm

# Services, driven by events (tests/unit/ivr_fixture.h).
MW_SERVICE_OBJS := $(call objs,$(filter-out media_worker/main.c,$(MW_SRCS))) $(B)/tests/unit/ivr_fixture.o $(B)/libcxrouting.a
$(eval $(call unit_test,mw_ivr,$(MW_SERVICE_OBJS) $$(B)/libcxdb.a,$$(MW_LIBS)))
$(eval $(call unit_test,mw_conference,$(call objs,$(filter-out media_worker/main.c,$(MW_SRCS))) $(B)/libcxrouting.a $$(B)/libcxdb.a,$$(MW_LIBS)))
$(eval $(call unit_test,mw_menu,$(MW_SERVICE_OBJS) $$(B)/libcxdb.a,$$(MW_LIBS)))
$(eval $(call unit_test,mw_play,$(MW_SERVICE_OBJS) $$(B)/libcxdb.a,$$(MW_LIBS)))
$(eval $(call unit_test,mw_rows,$(MW_SERVICE_OBJS) $(DB_TEST_LIBS),$$(MW_LIBS)))
$(eval $(call unit_test,mw_codes,$(MW_SERVICE_OBJS) $$(B)/libcxdb.a,$$(MW_LIBS)))
$(eval $(call unit_test,mw_mailbox,$(MW_SERVICE_OBJS) $(DB_TEST_LIBS),$$(MW_LIBS)))
$(eval $(call unit_test,mw_speech,$(MW_SERVICE_OBJS) $(DB_TEST_LIBS),$$(MW_LIBS)))
FUZZERS += $(B)/fuzz/fuzz_conference
$(B)/fuzz/fuzz_conference: tests/fuzz/fuzz_conference.c media_worker/conference/settings.c media_worker/conference/settings.h
	@mkdir -p $(@D)
	clang $(FUZZ_CFLAGS) -o $@ $(filter %.c,$^) -ljansson

FUZZERS += $(B)/fuzz/fuzz_record
$(B)/fuzz/fuzz_record: tests/fuzz/fuzz_record.c media_worker/record_sdp.c media_worker/record_sdp.h
	@mkdir -p $(@D)
	clang $(FUZZ_CFLAGS) -o $@ $(filter %.c,$^)
