# centrex-media: the media worker. jobs.mk (spool, mp3, row, mail) names MW_JOB_OBJS and MW_JOB_LIBS.
# SPDX-License-Identifier: GPL-2.0-or-later
MW_PURE_OBJS := $(call objs,media_worker/sip/sdp.c media_worker/audio/codec.c media_worker/audio/tone.c media_worker/rtp/dtmf.c \
	media_worker/rtp/packet.c media_worker/audio/recorder.c)
MW_SRCS := $(addprefix media_worker/,main.c config.c log.c call.c ivr.c stats.c spool.c sidecar.c store.c store_db.c mail.c \
	finish.c finish_mail.c job.c) $(wildcard media_worker/sip/*.c media_worker/rtp/*.c media_worker/audio/*.c media_worker/services/*.c)
MW_LIBS := $(CXDB_LIBS) -lev -losip2 -losipparser2 -lspandsp -lsndfile -ljansson -lcurl -lmp3lame -lpthread -lm
CFLAGS_media_worker_ := $(CXDB_CFLAGS)

PROGRAMS += $(B)/centrex-media
$(eval $(call program,centrex-media,$(call objs,$(MW_SRCS)) $$(B)/libcxdb.a,$$(MW_LIBS)))
