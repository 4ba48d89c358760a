/*
 * t30.c - the fax machine on sound, and what both ways have in common. See fax.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fax_private.h"

#define TICK_SAMPLES 160
#define LATE_SAMPLES 1600 /* so much may be missing before it is taken for lost */
#define GRACE_TICKS  25   /* the last frame is on its way */

t30_state_t *cx_fax_t30(const struct cx_fax *f)
{
    return f->t38 ? t38_terminal_get_t30_state(f->t38) : fax_get_t30_state(f->audio);
}

static void read_statistics(const struct cx_fax *f, struct cx_fax_result *r)
{
    t30_state_t *t30 = cx_fax_t30(f);
    const char *ident = t30_get_rx_ident(t30);
    t30_stats_t s;

    t30_get_transfer_statistics(t30, &s);
    r->pages = (unsigned)(f->setup.sends ? s.pages_tx : s.pages_rx);
    r->bit_rate = (unsigned)s.bit_rate;
    r->ecm = s.error_correcting_mode != 0;
    r->bad_rows = (unsigned)s.bad_rows;
    r->seconds = f->ticks / 50;
    r->t38 = f->t38 != NULL;
    snprintf(r->remote_id, sizeof(r->remote_id), "%s", ident ? ident : "");
}

static int page_through(t30_state_t *t30, void *arg, int event)
{
    struct cx_fax *f = arg;

    (void)t30;
    /* after this the sender has only to say good-bye, or just hangs up */
    f->complete = (event & 0xfe) == (T30_EOP & 0xfe) || (event & 0xfe) == (T30_PRI_EOP & 0xfe);
    read_statistics(f, &f->result);
    if (f->setup.page)
        f->setup.page(f->setup.arg, f->result.pages);
    return T30_ERR_OK;
}

static void finished(t30_state_t *t30, void *arg, int code)
{
    struct cx_fax *f = arg;

    (void)t30;
    if (f->over)
        return;
    read_statistics(f, &f->result);
    f->over = true;
    f->grace = GRACE_TICKS;
    f->result.code = code;
    f->result.text = t30_completion_code_to_str(code);
    /* a session that ended well without a page has brought nothing */
    f->result.success = code == T30_ERR_OK && f->result.pages > 0;
    if (code == T30_ERR_OK && f->result.pages == 0)
        f->result.text = "No page came";
}

static void calling_tone(void *arg, int tone, int level, int delay)
{
    struct cx_fax *f = arg;

    (void)level, (void)delay;
    if (tone == MODEM_CONNECT_TONES_FAX_CNG)
        f->heard_calling = true;
}

void cx_fax_configure(struct cx_fax *f, t30_state_t *t30, int modems)
{
    if (f->ident)
        t30_set_tx_ident(t30, f->ident);
    if (f->setup.sends) {
        if (f->header) {
            t30_set_tx_page_header_info(t30, f->header);
            t30_set_tx_page_header_tz(t30, f->zone ? f->zone : "UTC0");
        }
        t30_set_tx_file(t30, f->file, -1, -1);
    } else {
        t30_set_rx_file(t30, f->file, -1);
        t30_set_rx_encoding(t30, T4_COMPRESSION_ITU_T6);
    }
    t30_set_ecm_capability(t30, TRUE);
    t30_set_supported_modems(t30, modems);
    t30_set_supported_compressions(t30, T30_SUPPORT_T4_1D_COMPRESSION |
                                            T30_SUPPORT_T4_2D_COMPRESSION |
                                            T30_SUPPORT_T6_COMPRESSION);
    t30_set_supported_resolutions(t30, T30_SUPPORT_STANDARD_RESOLUTION |
                                           T30_SUPPORT_FINE_RESOLUTION |
                                           T30_SUPPORT_SUPERFINE_RESOLUTION |
                                           T30_SUPPORT_R8_RESOLUTION | T30_SUPPORT_R16_RESOLUTION);
    t30_set_supported_image_sizes(
        t30, T30_SUPPORT_215MM_WIDTH | T30_SUPPORT_255MM_WIDTH | T30_SUPPORT_303MM_WIDTH |
                 T30_SUPPORT_UNLIMITED_LENGTH | T30_SUPPORT_A4_LENGTH | T30_SUPPORT_B4_LENGTH |
                 T30_SUPPORT_US_LETTER_LENGTH | T30_SUPPORT_US_LEGAL_LENGTH);
    t30_set_phase_d_handler(t30, page_through, f);
    t30_set_phase_e_handler(t30, finished, f);
}

static int copy(char **to, const char *from)
{
    *to = from ? strdup(from) : NULL;
    return from && !*to ? -ENOMEM : 0;
}

int cx_fax_new(const struct cx_fax_setup *setup, struct cx_fax **out)
{
    struct cx_fax *f;
    int err = -ENOMEM;

    *out = NULL;
    if (!setup->file || !setup->done)
        return -EINVAL;
    f = calloc(1, sizeof(*f));
    if (!f)
        return -ENOMEM;
    f->setup = *setup;
    f->result = (struct cx_fax_result){.code = -1, .text = "The call ended before the fax did"};
    if (copy(&f->file, setup->file) < 0 || copy(&f->ident, setup->ident) < 0 ||
        copy(&f->header, setup->header) < 0 || copy(&f->zone, setup->zone) < 0)
        goto out;
    f->audio = fax_init(NULL, setup->sends);
    if (!f->audio)
        goto out;
    if (!setup->sends) {
        f->tones = modem_connect_tones_rx_init(NULL, MODEM_CONNECT_TONES_FAX_CNG, calling_tone, f);
        if (!f->tones)
            goto out;
    }
    fax_set_transmit_on_idle(f->audio, TRUE);
    cx_fax_configure(f, fax_get_t30_state(f->audio),
                     T30_SUPPORT_V27TER | T30_SUPPORT_V29 | T30_SUPPORT_V17);
    err = 0;
out:
    if (err < 0)
        cx_fax_free(f);
    else
        *out = f;
    return err;
}

void cx_fax_free(struct cx_fax *f)
{
    if (!f)
        return;
    if (f->audio)
        fax_free(f->audio);
    if (f->tones)
        modem_connect_tones_rx_free(f->tones);
    cx_fax_t38_close(f);
    free(f->file);
    free(f->ident);
    free(f->header);
    free(f->zone);
    free(f);
}

void cx_fax_tick(struct cx_fax *f)
{
    static const int16_t silence[TICK_SAMPLES];

    f->ticks++;
    if (f->t38) {
        t38_terminal_send_timeout(f->t38, TICK_SAMPLES);
    } else {
        /* T.30's timers run on what is heard: who sends no silence must not stop them */
        f->owed += TICK_SAMPLES;
        if (f->owed > LATE_SAMPLES)
            cx_fax_hear(f, silence, TICK_SAMPLES);
    }
    if (f->heard_calling && f->setup.calling) {
        f->heard_calling = false;
        f->setup.calling(f->setup.arg);
        f->setup.calling = NULL;
    }
    if (f->over && f->grace > 0 && --f->grace == 0)
        f->setup.done(f->setup.arg, &f->result);
}

void cx_fax_result(const struct cx_fax *f, struct cx_fax_result *result)
{
    *result = f->result;
    if (f->over)
        return;
    read_statistics(f, result);
    if (f->complete && !f->setup.sends && result->pages > 0) {
        result->success = true;
        result->code = T30_ERR_OK;
        result->text = "OK";
    }
}

unsigned cx_fax_pages(const struct cx_fax *f)
{
    return f->result.pages;
}

static void paid(struct cx_fax *f, size_t count)
{
    f->owed = count >= f->owed ? 0 : f->owed - (unsigned)count;
}

void cx_fax_hear(struct cx_fax *f, const int16_t *samples, size_t count)
{
    int16_t copied[TICK_SAMPLES]; /* spandsp does not promise to leave them as they are */

    if (f->t38 || !f->audio)
        return;
    paid(f, count);
    while (count > 0) {
        size_t n = count < TICK_SAMPLES ? count : TICK_SAMPLES;

        memcpy(copied, samples, n * sizeof(*copied));
        if (f->tones)
            modem_connect_tones_rx(f->tones, copied, (int)n);
        fax_rx(f->audio, copied, (int)n);
        samples += n;
        count -= n;
    }
}

void cx_fax_miss(struct cx_fax *f, size_t count)
{
    if (f->t38 || !f->audio)
        return;
    paid(f, count);
    fax_rx_fillin(f->audio, (int)count);
}

void cx_fax_speak(struct cx_fax *f, int16_t *samples, size_t count)
{
    int n = f->audio && !f->t38 ? fax_tx(f->audio, samples, (int)count) : 0;

    if (n < 0)
        n = 0;
    memset(samples + n, 0, (count - (size_t)n) * sizeof(*samples));
}
