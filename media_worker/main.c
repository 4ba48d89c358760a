/*
 * main.c - centrex-media: one media worker. Reads its configuration, opens what it needs, runs the
 * loop, drains. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "ask.h"
#include "audio/prompt.h"
#include "call.h"
#include "fax/send.h"
#include "control.h"
#include "job.h"
#include "log.h"
#include "record.h"
#include "sip/message.h"
#include "spool.h"
#include "stats.h"

#define DRAIN_LOOK_S 0.25
#define DRAIN_QUIET  2 /* looks without a call: the last BYE has had time to be answered */

struct worker {
    struct ev_loop *loop;
    struct cx_media_config config;
    struct cx_clock clock;
    struct cx_calls calls;
    struct cx_sessions *sessions;
    struct cx_records *records;
    struct cx_stats stats;
    struct cx_control control;
    ev_signal term, interrupt;
    ev_timer drain;
    unsigned quiet;
    bool draining;
};

static void usage(FILE *to)
{
    fputs("centrex-media -f FILE -n INDEX [--check]\n"
          "  -f, --file FILE    centrex.cfg\n"
          "  -n, --index INDEX  which worker of this node, from 0: decides its ports\n"
          "      --check        reads the configuration, says what is wrong, and ends\n"
          "      --help         this text\n"
          "SIGTERM: no new calls, running ones finish; again: ends at once.\n",
          to);
}

static void drain_look(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct worker *w = timer->data;

    (void)events;
    w->quiet = cx_sessions_count(w->sessions) ? 0 : w->quiet + 1;
    if (w->quiet >= DRAIN_QUIET)
        ev_break(loop, EVBREAK_ALL);
}

static void told_to_end(struct ev_loop *loop, ev_signal *watcher, int events)
{
    struct worker *w = watcher->data;

    (void)events;
    if (w->draining) {
        cx_log(CX_LOG_WARNING, NULL, "told to end again: %u calls are cut", w->calls.count);
        ev_break(loop, EVBREAK_ALL);
        return;
    }
    w->draining = true;
    cx_log(CX_LOG_INFO, NULL, "draining: %u calls", w->calls.count);
    cx_sessions_drain(w->sessions);
    cx_fax_send_drain();
    ev_timer_start(loop, &w->drain);
}

/* Two sockets a call, and what the process itself needs. */
static void want_files(unsigned calls)
{
    struct rlimit limit;
    rlim_t wanted = (rlim_t)calls * 2 + 200;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur < wanted)
        cx_log(CX_LOG_WARNING, NULL, "only %lu files may be open: fewer than %u calls",
               (unsigned long)limit.rlim_cur, calls);
}

static void watch_signals(struct worker *w)
{
    signal(SIGPIPE, SIG_IGN);
    ev_signal_init(&w->term, told_to_end, SIGTERM);
    ev_signal_init(&w->interrupt, told_to_end, SIGINT);
    ev_timer_init(&w->drain, drain_look, DRAIN_LOOK_S, DRAIN_LOOK_S);
    w->term.data = w->interrupt.data = w->drain.data = w;
    ev_signal_start(w->loop, &w->term);
    ev_signal_start(w->loop, &w->interrupt);
}

static int failed(const char *what, int err)
{
    cx_log(CX_LOG_ERROR, NULL, "%s: %s", what, strerror(-err));
    return err;
}

static int run(struct worker *w, const char *file)
{
    /* what nearly every call wants: read now, so that the first caller does not wait */
    static const char *const preload[] = {"sys/vm-theperson",
                                          "sys/vm-isunavail",
                                          "sys/vm-intro",
                                          "sys/vm-msgsaved",
                                          "sys/vm-goodbye",
                                          "sys/digits/0",
                                          "sys/digits/1",
                                          "sys/digits/2",
                                          "sys/digits/3",
                                          "sys/digits/4",
                                          "sys/digits/5",
                                          "sys/digits/6",
                                          "sys/digits/7",
                                          "sys/digits/8",
                                          "sys/digits/9",
                                          "tone/440/500",
                                          NULL};
    const struct cx_media_config *c = &w->config;
    struct cx_job_config jobs = {.config_file = file,
                                 .spool = c->spool,
                                 .storage = c->storage,
                                 .smtp = c->smtp,
                                 .mail_from = c->mail_from,
                                 .left = cx_records_left};
    int err;

    want_files(c->max_calls);
    cx_codec_init();
    cx_sip_parser_init();
    watch_signals(w);
    err = cx_spool_init(c->spool);
    if (err < 0)
        return failed(c->spool, err);
    err = cx_clock_init(&w->clock, w->loop);
    if (err < 0)
        return failed("clock", err);
    err = cx_prompt_init(w->loop, c->prompts, c->storage, preload);
    if (err < 0) {
        failed("prompts", err);
        goto close_clock;
    }
    err = cx_ask_init(w->loop, file, c->storage);
    if (err < 0) {
        failed("questions", err);
        goto close_prompts;
    }
    err = cx_calls_init(&w->calls, w->loop, c, &w->clock);
    if (err < 0) {
        failed(c->ip, err);
        goto close_asks;
    }
    err = cx_records_open(w->loop, c, &w->calls.ports, &w->records);
    if (err < 0) {
        failed("recorder", err);
        goto close_calls;
    }
    jobs.left_arg = w->records;
    err = cx_job_start(&jobs);
    if (err < 0) {
        failed("jobs", err);
        goto close_records;
    }
    /* last: who answers OPTIONS with 200 can take calls */
    err = cx_sessions_open(w->loop, c->ip, c->sip_port, &c->proxy, cx_calls_incoming, &w->calls,
                           &w->sessions);
    if (err < 0) {
        cx_log(CX_LOG_ERROR, NULL, "SIP on %s:%u: %s", c->ip, c->sip_port, strerror(-err));
        goto stop_jobs;
    }
    w->calls.sessions = w->sessions;
    cx_sessions_on_message(w->sessions, cx_records_message, w->records);
    cx_stats_start(&w->stats, w->loop, c, &w->calls, w->records);
    err = cx_control_open(&w->control, w->loop, c);
    if (err < 0) { /* calls work without */
        failed("control socket", err);
        err = 0;
    }
    cx_log(CX_LOG_INFO, NULL, "ready: SIP %s:%u, RTP %u-%u", c->ip, c->sip_port, c->rtp_min,
           c->rtp_max);
    err = cx_fax_send_start(w->loop, file, c, w->sessions, &w->clock, &w->calls.ports);
    if (err < 0)
        failed("fax queue", err); /* calls go on without it */
    err = 0;
    ev_run(w->loop, 0);
    cx_fax_send_stop();
    cx_control_close(&w->control);
    cx_stats_stop(&w->stats);
stop_jobs:
    /* before the jobs end: recordings that are cut here are still theirs to find */
    cx_calls_close(&w->calls);
    cx_sessions_close(w->sessions);
    cx_job_stop();
    cx_records_close(w->records);
    goto close_asks;
close_records:
    cx_records_close(w->records);
close_calls:
    cx_calls_close(&w->calls);
close_asks:
    cx_ask_close();
close_prompts:
    cx_prompt_close();
close_clock:
    cx_clock_close(&w->clock);
    return err;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"file", required_argument, NULL, 'f'},
                                            {"index", required_argument, NULL, 'n'},
                                            {"check", no_argument, NULL, 'c'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    static struct worker worker;
    static char part[16];
    const char *file = NULL;
    char error[PATH_MAX + 256], *end;
    bool check = false;
    unsigned long index = 0;
    int option, err;

    while ((option = getopt_long(argc, argv, "f:n:", options, NULL)) != -1) {
        switch (option) {
        case 'f':
            file = optarg;
            break;
        case 'n':
            index = strtoul(optarg, &end, 10);
            if (*optarg < '0' || *optarg > '9' || *end || index > 98) {
                fprintf(stderr, "centrex-media: -n %s: a number from 0 to 98 is wanted\n", optarg);
                return 2;
            }
            break;
        case 'c':
            check = true;
            break;
        case 'h':
            usage(stdout);
            return 0;
        default:
            usage(stderr);
            return 2;
        }
    }
    if (!file || optind != argc) {
        usage(stderr);
        return 2;
    }
    if (cx_media_config_read(file, (unsigned)index, &worker.config, error, sizeof(error)) < 0) {
        fprintf(stderr, "centrex-media: %s\n", error);
        return 1;
    }
    if (check)
        return 0;
    snprintf(part, sizeof(part), "media%lu", index);
    cx_log_open(part);
    /* not the default loop: that one takes the ends of children that threads wait for */
    worker.loop = ev_loop_new(EVFLAG_AUTO);
    if (!worker.loop) {
        cx_log(CX_LOG_ERROR, NULL, "no event loop");
        return 1;
    }
    err = run(&worker, file);
    cx_log(CX_LOG_INFO, NULL, "ended");
    ev_loop_destroy(worker.loop);
    return err < 0 ? 1 : 0;
}
