/*
 * config.h - what a worker needs to know from centrex.cfg (libconfig). Every value is checked; a
 * bad one is refused with file and line. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_MEDIA_CONFIG_H
#define CX_MEDIA_CONFIG_H

#include <limits.h>
#include <netinet/in.h>
#include <stddef.h>

struct cx_media_config {
    unsigned index;
    char ip[INET_ADDRSTRLEN];
    unsigned sip_port;         /* this worker's own */
    unsigned rtp_min, rtp_max; /* this worker's own slice, both ends included */
    struct sockaddr_in proxy;
    char spool[PATH_MAX];
    char cluster_secret[65]; /* hex digits; "": none, so nothing can be signed */
    char storage[PATH_MAX];
    char prompts[PATH_MAX];
    char stats[PATH_MAX];   /* folder of mediaN.stats; "" is none */
    char control[PATH_MAX]; /* folder of mediaN.ctl; "" is none */
    char smtp[256];
    char mail_from[255];
    unsigned silence_end_ms; /* this much silence ends a message */
    unsigned max_calls;
};

/* 0, or -EINVAL with "file:line: what" in error. index: which worker of this node this is. */
int cx_media_config_read(const char *file, unsigned index, struct cx_media_config *config,
                         char *error, size_t error_size);

#endif
