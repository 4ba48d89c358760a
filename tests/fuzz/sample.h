/*
 * sample.h - a small account with something in every table, for fuzz targets and unit tests.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_FUZZ_SAMPLE_H
#define CX_FUZZ_SAMPLE_H

#include "kamailio_mod/routing/compile.h"
#include "kamailio_mod/routing/route.h"

#define SAMPLE_ALICE     "a1000000000000000000000000000201"
#define SAMPLE_BOB       "a1000000000000000000000000000202"
#define SAMPLE_DESK      "a2000000000000000000000000000201"
#define SAMPLE_RULE      "a5000000000000000000000000000001"
#define SAMPLE_MENU      "a7000000000000000000000000000001"
#define SAMPLE_ROOM      "aa000000000000000000000000000001"
#define SAMPLE_DIRECTORY "ab000000000000000000000000000001"
#define SAMPLE_LIST      "ac000000000000000000000000000001"
#define SAMPLE_ACCOUNT   "a0000000000000000000000000000001"

/* Points at literals: nothing to free. */
static inline void sample_rows(struct cx_account_rows *rows)
{
    static struct cx_row_user users[2];
    static struct cx_row_device devices[2];
    static struct cx_row_vmbox boxes[1];
    static struct cx_row_callflow flows[6];
    static struct cx_row_document rules[2], sets[1], menus[1], rooms[1], directories[1],
        boxes_fax[1], blacklists[1], lists[1];
    static const char *n300[] = {"300"};
    static struct cx_row_document groups[2];
    static struct cx_row_number numbers[1];
    static struct cx_row_resource resources[1];
    static struct cx_row_gateway gateways[1];
    static const char *n201[] = {"201"}, *n202[] = {"202", "+35315550100"}, *n400[] = {"400"},
                      *n87[] = {"*87"}, *p[] = {"^\\*\\*([0-9]*)$"};

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
    users[1].call_forward_busy = "{\"enabled\":true,\"number\":\"201\"}";
    users[1].call_failover = "{\"enabled\":true,\"number\":\"+353861234567\"}";
    users[1].hotdesk = "{\"enabled\":true,\"id\":\"1234\"}";
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
    devices[1].call_forward = "{\"enabled\":true,\"number\":\"400\",\"substitute\":false}";
    groups[0] =
        (struct cx_row_document){.kind = CX_DOCUMENT_GROUP,
                                 .id = "a5000000000000000000000000000001",
                                 .name = "inner",
                                 .doc = "{\"endpoints\":{\"" SAMPLE_BOB "\":{\"type\":\"user\"}}}"};
    groups[1] = (struct cx_row_document){
        .kind = CX_DOCUMENT_GROUP,
        .id = "a5000000000000000000000000000002",
        .name = "outer",
        .doc = "{\"endpoints\":{\"a5000000000000000000000000000001\":{\"type\":\"group\"},"
               "\"" SAMPLE_DESK "\":{\"type\":\"device\",\"weight\":3}}}"};
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
    /* every module of nodes.inc that has tables of its own, one below the other */
    flows[3] = (struct cx_row_callflow){
        .id = "a3000000000000000000000000000300",
        .numbers = n300,
        .number_count = 1,
        .flow =
            "{\"module\":\"temporal_route\",\"data\":{\"rules\":[\"" SAMPLE_RULE
            "\"],\"timezone\":\"America/New_York\"},\"children\":{\"_\":{\"module\":\"menu\","
            "\"data\":{\"id\":\"" SAMPLE_MENU
            "\"},\"children\":{\"1\":{\"module\":\"conference\",\"data\":{\"id\":\"" SAMPLE_ROOM
            "\"}},\"2\":{\"module\":\"conference\"},\"3\":{\"module\":\"directory\",\"data\":{"
            "\"id\":\"" SAMPLE_DIRECTORY
            "\"}},\"4\":{\"module\":\"faxbox\"},\"_\":{\"module\":\"check_cid\",\"data\":{"
            "\"regex\":\"^2\"},\"children\":{\"match\":{\"module\":\"cidlistmatch\",\"data\":{"
            "\"id\":\"" SAMPLE_LIST "\"},\"children\":{\"nomatch\":{\"module\":\"lookupcidname\","
            "\"data\":{\"lists\":[\"" SAMPLE_LIST
            "\"]},\"children\":{\"_\":{\"module\":\"branch_variable\",\"data\":{\"variable\":"
            "\"first_name\",\"scope\":\"user\"},\"children\":{\"_\":{\"module\":\"tts\",\"data\":{"
            "\"text\":\"bye\"}}}}}}}}}}}}}}"};
    rules[0] = (struct cx_row_document){
        .kind = CX_DOCUMENT_RULE,
        .id = SAMPLE_RULE,
        .name = "open",
        .doc = "{\"cycle\":\"weekly\",\"wdays\":[\"monday\"],\"exclude\":[\"2026-12-25\",\""
               "a5000000000000000000000000000002\"]}"};
    rules[1] = rules[0];
    rules[1].id = "a5000000000000000000000000000002";
    rules[1].doc = "{\"cycle\":\"yearly\",\"month\":12,\"days\":[25],\"timezone\":\"Asia/Tokyo\"}";
    sets[0] = (struct cx_row_document){.kind = CX_DOCUMENT_RULE_SET,
                                       .id = "a6000000000000000000000000000001",
                                       .name = "set",
                                       .doc = "{\"temporal_rules\":[\"" SAMPLE_RULE "\"]}"};
    menus[0] = (struct cx_row_document){
        .kind = CX_DOCUMENT_MENU,
        .id = SAMPLE_MENU,
        .name = "menu",
        .doc = "{\"hunt_allow\":\"^2\",\"hunt_deny\":\"^29\",\"record_pin\":\"4711\"}"};
    rooms[0] = (struct cx_row_document){
        .kind = CX_DOCUMENT_CONFERENCE,
        .id = SAMPLE_ROOM,
        .owner_id = SAMPLE_ALICE,
        .name = "room",
        .doc = "{\"conference_numbers\":[\"7201\"],\"member\":{\"pins\":[\"1\",\"2\"]}}"};
    directories[0] = (struct cx_row_document){.kind = CX_DOCUMENT_DIRECTORY,
                                              .id = SAMPLE_DIRECTORY,
                                              .name = "all",
                                              .doc = "{\"min_dtmf\":2}"};
    users[1].doc = "{\"directories\":{\"" SAMPLE_DIRECTORY
                   "\":\"a3000000000000000000000000000202\"},\"blacklists\":["
                   "\"a9000000000000000000000000000001\"]}";
    boxes_fax[0] = (struct cx_row_document){.kind = CX_DOCUMENT_FAXBOX,
                                            .id = "a8000000000000000000000000000001",
                                            .owner_id = SAMPLE_BOB,
                                            .name = "fax",
                                            .doc = "{\"media\":{\"fax_option\":true}}"};
    blacklists[0] = (struct cx_row_document){
        .kind = CX_DOCUMENT_BLACKLIST,
        .id = "a9000000000000000000000000000001",
        .name = "pests",
        .doc = "{\"numbers\":{\"+353861234567\":{}},\"should_block_anonymous\":true}"};
    lists[0] = (struct cx_row_document){
        .kind = CX_DOCUMENT_MATCH_LIST,
        .id = SAMPLE_LIST,
        .name = "book",
        .doc = "{\"entries\":{\"a\":{\"number\":\"201\",\"displayname\":\"Al\"},\"b\":{"
               "\"pattern\":\"^\\\\+44\"}}}"};
    flows[4] = (struct cx_row_callflow){
        .id = "a3000000000000000000000000000400",
        .owner_id = SAMPLE_BOB,
        .numbers = n400,
        .number_count = 1,
        .flow =
            "{\"module\":\"ring_group\",\"data\":{\"name\":\"all\",\"strategy\":\"single\","
            "\"repeats\":2,\"ringback\":\"system_media/x\",\"endpoints\":[{\"endpoint_type\":"
            "\"group\",\"id\":\"a5000000000000000000000000000002\",\"timeout\":5,\"delay\":1}]},"
            "\"children\":{}}"};
    flows[5] = (struct cx_row_callflow){
        .id = "a3000000000000000000000000000500",
        .numbers = n87,
        .number_count = 1,
        .flow = "{\"module\":\"group_pickup\",\"data\":{\"group_id\":"
                "\"a5000000000000000000000000000002\",\"approved_user_id\":\"" SAMPLE_ALICE
                "\"},\"children\":{}}"};
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
                    .doc = "{\"dial_plan\":{\"^9(\\\\d+)$\":{\"prefix\":\"0\"}},\"blacklists\":["
                           "\"a9000000000000000000000000000001\"]}"},
        .users = users,
        .user_count = 2,
        .devices = devices,
        .device_count = 2,
        .vmboxes = boxes,
        .vmbox_count = 1,
        .callflows = flows,
        .callflow_count = 6,
        .numbers = numbers,
        .number_count = 1,
        .resources = resources,
        .resource_count = 1,
        .documents = {[CX_DOCUMENT_GROUP] = {groups, 2},
                      [CX_DOCUMENT_RULE] = {rules, 2},
                      [CX_DOCUMENT_RULE_SET] = {sets, 1},
                      [CX_DOCUMENT_MENU] = {menus, 1},
                      [CX_DOCUMENT_CONFERENCE] = {rooms, 1},
                      [CX_DOCUMENT_DIRECTORY] = {directories, 1},
                      [CX_DOCUMENT_FAXBOX] = {boxes_fax, 1},
                      [CX_DOCUMENT_BLACKLIST] = {blacklists, 1},
                      [CX_DOCUMENT_MATCH_LIST] = {lists, 1}},
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
