/*
 * t38.c - the fax machine over T.38: spandsp's terminal behind UDPTL. See fax.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fax_private.h"

/* How often an IFP packet is sent, by what it is: indicators cannot be asked for again. */
#define INDICATOR_TIMES 3

static int send_ifp(t38_core_state_t *core, void *arg, const uint8_t *ifp, int len, int count)
{
    struct cx_fax *f = arg;
    uint8_t datagram[CX_UDPTL_ROOM];
    size_t n = cx_udptl_build(&f->sender, ifp, (size_t)len, datagram);

    (void)core;
    for (int i = 0; n > 0 && i < count; i++)
        f->send(f->send_arg, datagram, n);
    return 0;
}

bool cx_fax_can_switch(const struct cx_fax *f)
{
    return !f->over && !f->t38 && f->result.pages == 0;
}

int cx_fax_switch(struct cx_fax *f, const struct cx_t38_terms *terms,
                  void (*send)(void *arg, const uint8_t *data, size_t len), void *arg)
{
    int modems = T30_SUPPORT_V27TER | T30_SUPPORT_V29 | T30_SUPPORT_V17;
    t38_core_state_t *core;

    if (!cx_fax_can_switch(f))
        return -EINVAL;
    f->send = send;
    f->send_arg = arg;
    memset(&f->sender, 0, sizeof(f->sender));
    memset(&f->receiver, 0, sizeof(f->receiver));
    f->sender.limit = terms->max_datagram;
    f->sender.no_copies = terms->no_copies;
    f->t38 = t38_terminal_init(NULL, f->setup.sends, send_ifp, f);
    if (!f->t38)
        return -ENOMEM;
    fax_free(f->audio);
    f->audio = NULL;
    core = t38_terminal_get_t38_core_state(f->t38);
    /* 0 and 1: the highest whose syntax we and everybody speak */
    t38_set_t38_version(core, terms->version > 0 ? 1 : 0);
    t38_set_fill_bit_removal(core, terms->fill_bit_removal);
    t38_set_mmr_transcoding(core, terms->mmr);
    t38_set_jbig_transcoding(core, terms->jbig);
    t38_set_data_rate_management_method(core, terms->local_tcf
                                                  ? T38_DATA_RATE_MANAGEMENT_LOCAL_TCF
                                                  : T38_DATA_RATE_MANAGEMENT_TRANSFERRED_TCF);
    t38_set_data_transport_protocol(core, T38_TRANSPORT_UDPTL);
    t38_set_redundancy_control(core, T38_PACKET_CATEGORY_INDICATOR, INDICATOR_TIMES);
    for (int c = T38_PACKET_CATEGORY_CONTROL_DATA; c <= T38_PACKET_CATEGORY_IMAGE_DATA_END; c++)
        t38_set_redundancy_control(core, c, 1); /* UDPTL's copies do it */
    if (terms->max_bit_rate && terms->max_bit_rate < 9600)
        modems = T30_SUPPORT_V27TER;
    else if (terms->max_bit_rate && terms->max_bit_rate < 14400)
        modems = T30_SUPPORT_V27TER | T30_SUPPORT_V29;
    cx_fax_configure(f, t38_terminal_get_t30_state(f->t38), modems);
    return 0;
}

bool cx_fax_is_t38(const struct cx_fax *f)
{
    return f->t38 != NULL;
}

static void deliver(void *arg, const uint8_t *ifp, size_t len, uint16_t seq)
{
    struct cx_fax *f = arg;

    if (len > 0)
        t38_core_rx_ifp_packet(t38_terminal_get_t38_core_state(f->t38), ifp, (int)len, seq);
}

void cx_fax_datagram(struct cx_fax *f, const uint8_t *data, size_t len)
{
    struct cx_udptl_packet packet;

    /* RTP that was still on its way looks like number 32768 */
    if (len >= 12 && data[0] == 0x80 && f->receiver.next < 0x4000)
        return;
    if (f->t38 && cx_udptl_parse(data, len, &packet) == 0)
        cx_udptl_receive(&f->receiver, &packet, deliver, f);
}

void cx_fax_t38_close(struct cx_fax *f)
{
    if (f->t38)
        t38_terminal_free(f->t38);
    f->t38 = NULL;
}
