# Load generators and what they are compared with. SPDX-License-Identifier: GPL-2.0-or-later
PROGRAMS += $(B)/loadtest/rtp_load
$(eval $(call program,loadtest/rtp_load,$(call objs,loadtest/rtp_load.c),-lm))
