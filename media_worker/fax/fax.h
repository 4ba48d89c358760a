/*
 * fax.h - one fax machine: T.30 by spandsp, over sound (t30.c) or over T.38 (t38.c), sending a TIFF
 * file or receiving into one. It knows no SIP and no sockets; it is driven by a 20 ms tick.
 *
 * A page that is received is in the file (whole, with its directory) before it is confirmed to the
 * sender. Callbacks come from cx_fax_tick() and from the functions that take sound or datagrams;
 * only done() may free the machine. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_FAX_H
#define CX_FAX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "terms.h"

/* What came of it; texts are static or part of the struct. */
struct cx_fax_result {
    bool success;
    bool t38, ecm;
    int code;         /* spandsp's T30_ERR_..., or -1: the call ended first */
    const char *text; /* for people */
    char remote_id[24];
    unsigned pages, bit_rate, bad_rows, seconds;
};

struct cx_fax_setup {
    bool sends;
    const char *file;   /* TIFF to send, or to receive into */
    const char *ident;  /* our number, up to 20 characters; NULL: none */
    const char *header; /* line above each page that is sent; NULL: none */
    const char *zone;   /* POSIX TZ of that line's time; NULL: UTC */
    /* A page is through; pages: so many now. May be NULL. */
    void (*page)(void *arg, unsigned pages);
    /* The far end's calling tone (we receive) was heard: a moment to offer T.38. May be NULL. */
    void (*calling)(void *arg);
    /* All is over: once. The machine is the callee's to free. */
    void (*done)(void *arg, const struct cx_fax_result *result);
    void *arg;
};

/* What a service wants of a machine on its call (line.h). */
struct cx_fax_order {
    bool sends;
    bool t38;         /* may be used; who receives offers it when it hears the calling tone */
    const char *file; /* as in fax.h */
    const char *ident, *header, *zone;
};

struct cx_fax;

/* Starts as a machine on sound; texts are copied. 0, -EINVAL, -ENOMEM. */
int cx_fax_new(const struct cx_fax_setup *setup, struct cx_fax **fax);
void cx_fax_free(struct cx_fax *fax); /* NULL is fine; nothing is called */
/* 20 ms are over. */
void cx_fax_tick(struct cx_fax *fax);
/* The call is over: what came of it so far. */
void cx_fax_result(const struct cx_fax *fax, struct cx_fax_result *result);
unsigned cx_fax_pages(const struct cx_fax *fax);

/* ---- over sound: 16 bit, 8 kHz */

void cx_fax_hear(struct cx_fax *fax, const int16_t *samples, size_t count);
void cx_fax_miss(struct cx_fax *fax, size_t count); /* so many samples never came */
void cx_fax_speak(struct cx_fax *fax, int16_t *samples, size_t count);

/* ---- over T.38 */

/* May the session still move to T.38? Not once a page is through. */
bool cx_fax_can_switch(const struct cx_fax *fax);
/* Starts anew over T.38; send is given UDPTL datagrams. 0, -EINVAL, -ENOMEM. */
int cx_fax_switch(struct cx_fax *fax, const struct cx_t38_terms *terms,
                  void (*send)(void *arg, const uint8_t *data, size_t len), void *arg);
bool cx_fax_is_t38(const struct cx_fax *fax);
void cx_fax_datagram(struct cx_fax *fax, const uint8_t *data, size_t len);

#endif
