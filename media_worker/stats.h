/*
 * stats.h - the worker's numbers as a JSON file, replaced each second: FOLDER/mediaN.stats.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_MEDIA_STATS_H
#define CX_MEDIA_STATS_H

#include "call.h"
#include "record.h"

struct cx_stats {
    struct ev_loop *loop;
    const struct cx_media_config *config;
    const struct cx_calls *calls;
    const struct cx_records *records;
    ev_timer timer;
    bool complained; /* once is enough */
};

/* Does nothing when config->stats is "". config and calls must live on. */
void cx_stats_start(struct cx_stats *stats, struct ev_loop *loop,
                    const struct cx_media_config *config, const struct cx_calls *calls,
                    const struct cx_records *records);
void cx_stats_stop(struct cx_stats *stats);

#endif
