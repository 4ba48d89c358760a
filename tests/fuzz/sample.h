/*
 * sample.h - a small account with something in every table, for fuzz targets and unit tests.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_FUZZ_SAMPLE_H
#define CX_FUZZ_SAMPLE_H

#include "kamailio_mod/routing/compile.h"
#include "kamailio_mod/routing/route.h"

#define SAMPLE_ALICE   "a1000000000000000000000000000201"
#define SAMPLE_BOB     "a1000000000000000000000000000202"
#define SAMPLE_DESK    "a2000000000000000000000000000201"
#define SAMPLE_ACCOUNT "a0000000000000000000000000000001"

/* Points at literals: nothing to free. */
static inline void sample_rows(struct cx_account_rows *rows)
{
    static struct cx_row_user users[2];
    static struct cx_row_device devices[2];
    static struct cx_row_vmbox boxes[1];
    static struct cx_row_callflow flows[3];
    static struct cx_row_number numbers[1];
    static struct cx_row_resource resources[1];
    static struct cx_row_gateway gateways[1];
    static const char *n201[] = {"201"}, *n202[] = {"202", "+35315550100"},
                      *p[] = {"^\\*\\*([0-9]*)$"};

    users[0] = (struct cx_row_user){.id = SAMPLE_ALICE,
                                    .first_name = "Alice",
                                    .last_name = "A",
                                    .enabled = true,
                                    .presence_id = "201",
                                    .timeout_s = -1,
                                    .max_calls = -1,
                                    .doc = "{}"};
    users[1] = users[0];
    users[1].id = SAMPLE_BOB;
    users[1].first_name = "Bob";
    users[1].presence_id = "202";
    users[1].call_restriction = "{\"international\":{\"action\":\"deny\"}}";
    devices[0] = (struct cx_row_device){.id = SAMPLE_DESK,
                                        .owner_id = SAMPLE_ALICE,
                                        .name = "desk",
                                        .device_type = "sip_device",
                                        .enabled = true,
                                        .sip_username = "alice",
                                        .sip_ha1 = "0123456789abcdef0123456789abcdef",
                                        .sip_method = "password",
                                        .sip_invite_format = "contact",
                                        .doc = "{}"};
    devices[1] = devices[0];
    devices[1].id = "a2000000000000000000000000000202";
    devices[1].owner_id = SAMPLE_BOB;
    devices[1].sip_username = "bob";
    boxes[0] = (struct cx_row_vmbox){.id = "a4000000000000000000000000000202",
                                     .owner_id = SAMPLE_BOB,
                                     .mailbox = "202",
                                     .max_message_length_s = 60};
    flows[0] = (struct cx_row_callflow){
        .id = "a3000000000000000000000000000201",
        .numbers = n201,
        .number_count = 1,
        .flow = "{\"module\":\"user\",\"data\":{\"id\":\"" SAMPLE_ALICE "\"},\"children\":{}}"};
    flows[1] = (struct cx_row_callflow){
        .id = "a3000000000000000000000000000202",
        .numbers = n202,
        .number_count = 2,
        .flow = "{\"module\":\"user\",\"data\":{\"id\":\"" SAMPLE_BOB
                "\",\"timeout\":\"15\"},\"children\":{\"_\":{\"module\":\"voicemail\",\"data\":"
                "{\"id\":\"a4000000000000000000000000000202\"},\"children\":{}}}}"};
    flows[2] =
        (struct cx_row_callflow){.id = "a3000000000000000000000000000203",
                                 .patterns = p,
                                 .pattern_count = 1,
                                 .flow = "{\"module\":\"voicemail\",\"data\":{},\"children\":{}}"};
    numbers[0] = (struct cx_row_number){.number = "+35315550100"};
    gateways[0] = (struct cx_row_gateway){.name = "",
                                          .enabled = true,
                                          .server = "10.0.0.1",
                                          .port = 5060,
                                          .transport = "udp",
                                          .prefix = "",
                                          .suffix = "",
                                          .inbound = true};
    resources[0] = (struct cx_row_resource){.id = "c0000000000000000000000000000001",
                                            .name = "carrier",
                                            .enabled = true,
                                            .weight_cost = 10,
                                            .rules = "[\"^\\\\+(\\\\d+)$\"]",
                                            .doc = "{}",
                                            .gateways = gateways,
                                            .gateway_count = 1};
    *rows = (struct cx_account_rows){
        .account = {.id = SAMPLE_ACCOUNT,
                    .name = "Acme",
                    .realm = "acme.test",
                    .enabled = true,
                    .timezone = "UTC",
                    .language = "en-us",
                    .country = "IE",
                    .max_calls = -1,
                    .doc = "{}"},
        .users = users,
        .user_count = 2,
        .devices = devices,
        .device_count = 2,
        .vmboxes = boxes,
        .vmbox_count = 1,
        .callflows = flows,
        .callflow_count = 3,
        .numbers = numbers,
        .number_count = 1,
        .resources = resources,
        .resource_count = 1,
    };
}

static inline bool sample_registered(void *arg, struct cx_str username, struct cx_str realm)
{
    (void)arg;
    (void)username;
    (void)realm;
    return true;
}

static inline struct cx_str sample_z(const char *text)
{
    return (struct cx_str){text, (uint32_t)__builtin_strlen(text)};
}

/* A call of Alice's desk phone. */
static inline struct cx_call sample_call(const char *dialled)
{
    struct cx_call call = {
        .from = CX_FROM_DEVICE, .dialled = sample_z(dialled), .caller_number = sample_z("alice")};

    cx_id_parse(SAMPLE_DESK, 32, &call.device);
    return call;
}

#endif
