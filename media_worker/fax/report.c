/*
 * report.c - see report.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "report.h"

json_t *cx_fax_report(const struct cx_fax_result *r, bool sent)
{
    /* %: a far end may call itself anything; what is not UTF-8 is left out */
    json_t *remote = json_string(r->remote_id);

    return json_pack("{s:b, s:s, s:s, s:i, s:i, s:b, s:o, s:i, s:i, s:i, s:i, s:b}", "success",
                     r->success, "error_message", r->success ? "" : r->text, "result_text",
                     r->success ? "OK" : r->text, "result_code", r->code, "fax_bad_rows",
                     (int)r->bad_rows, "fax_error_correction", r->ecm, "fax_receiver_id",
                     remote ? remote : json_string(""), "fax_speed", (int)r->bit_rate,
                     sent ? "pages_sent" : "pages_received", (int)r->pages, "total_pages",
                     (int)r->pages, "time_elapsed", (int)r->seconds, "t38", r->t38);
}

json_t *cx_fax_report_cut_off(unsigned pages)
{
    const struct cx_fax_result r = {
        .code = -1, .text = "The reception was cut off on our side", .pages = pages};

    return cx_fax_report(&r, false);
}
