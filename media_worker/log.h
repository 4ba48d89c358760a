/*
 * log.h - one line per event on stderr: time, part, level, interaction id, text.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_MEDIA_LOG_H
#define CX_MEDIA_LOG_H

enum cx_log_level { CX_LOG_ERROR, CX_LOG_WARNING, CX_LOG_INFO, CX_LOG_DEBUG };

void cx_log_open(const char *part); /* "media0"; must live on */
void cx_log_set(enum cx_log_level level);
/* id: the interaction id, NULL when no call is concerned. Control characters become '?'. Any
 * thread. */
void cx_log(enum cx_log_level level, const char *id, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
