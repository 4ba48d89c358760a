/*
 * loader.h - the process that follows change_log, compiles accounts and puts their images into
 * force; it also ships call records and lights message lamps. The only one that talks to the
 * database. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_LOADER_H
#define CX_LOADER_H

#include <stdbool.h>
#include "routing/call.h"

struct cx_loader_config {
    const char *config_file; /* centrex.cfg */
    const char *images;      /* folder */
    const char *journal;     /* folder */
    unsigned poll_ms;        /* how often change_log is read */
};
extern struct cx_loader_config cx_loader_config;

/* mod_init: reads the configuration, loads the images on disk. 0 or -1. */
int cx_loader_init(void);
/* The process; returns only when it cannot go on. */
void cx_loader_run(void);

/* From any process, without waiting: load this account again (zero: all of them). False: the pipe
 * is full. */
bool cx_loader_reload(struct cx_id account);
/* From any process, without waiting: this device registered just now. */
bool cx_loader_registered(struct cx_id account, struct cx_id device);

/* What the loader is doing, for the operator. */
struct cx_loader_state {
    bool database_up;
    uint64_t last_change; /* newest change_log id in force */
    uint64_t accounts;    /* in force */
    uint64_t refused;     /* accounts whose newest rows are not in force */
    uint64_t cdr_backlog; /* records not in the database yet */
    int64_t full_load_ms; /* how long the last full load took, -1: none yet */
    char error[256];      /* the last trouble with the database, or empty */
};
void cx_loader_state(struct cx_loader_state *state);

#endif
