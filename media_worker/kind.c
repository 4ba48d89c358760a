/*
 * kind.c - the table of the kinds; see kind.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "media_worker/kind.h"

const struct cx_kind *const cx_kinds[CX_KINDS] = {
#define CX_KIND(name) &cx_kind_##name,
#include "media_worker/kinds/kinds.inc"
#undef CX_KIND
};
