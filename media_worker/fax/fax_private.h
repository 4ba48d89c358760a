/*
 * fax_private.h - what t30.c and t38.c share. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_FAX_PRIVATE_H
#define CX_FAX_PRIVATE_H

/* spandsp's headers want these before */
#include <stdio.h>
#include <tiffio.h>
#include <spandsp.h>

#include "fax.h"
#include "udptl.h"

struct cx_fax {
    struct cx_fax_setup setup;
    char *file, *ident, *header, *zone;
    fax_state_t *audio;
    modem_connect_tones_rx_state_t *tones; /* listens for the calling tone */
    t38_terminal_state_t *t38;
    struct cx_udptl_sender sender;
    struct cx_udptl_receiver receiver;
    void (*send)(void *arg, const uint8_t *data, size_t len);
    void *send_arg;
    struct cx_fax_result result;
    bool complete;  /* the last page has been confirmed */
    bool over;      /* spandsp says so */
    unsigned grace; /* ticks until done() */
    unsigned ticks; /* since the start */
    unsigned owed;  /* samples that should have been heard and were not */
    bool heard_calling;
};

t30_state_t *cx_fax_t30(const struct cx_fax *fax);
/* Everything that does not depend on how bits travel. */
void cx_fax_configure(struct cx_fax *fax, t30_state_t *t30, int modems);
void cx_fax_t38_close(struct cx_fax *fax);

#endif
