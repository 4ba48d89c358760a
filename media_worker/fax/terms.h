/*
 * terms.h - what two sides agree about T.38 in their SDPs (ITU-T T.38 annex D).
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_FAX_TERMS_H
#define CX_FAX_TERMS_H

#include <stdbool.h>

struct cx_t38_terms {
    unsigned version, max_bit_rate; /* 0: not said */
    unsigned max_datagram;          /* the peer's, 0: not said */
    bool fill_bit_removal, mmr, jbig, local_tcf;
    bool no_copies; /* the peer wants no error correction */
};

#endif
