/*
 * image.h - an account image: everything that routing needs of one account in one block.
 *
 * Contiguous, immutable, position-independent (offsets from its start, no pointers), with magic,
 * format version, size and checksum in the header: it can be copied by memcpy, kept in shared
 * memory, written to a file and read back. The layout is private to image.c and compile.c.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CX_ROUTING_IMAGE_H
#define CX_ROUTING_IMAGE_H

#include <stddef.h>
#include "call.h"

struct cx_image; /* opaque; the pointer is the block itself, 8-byte aligned */

/* Checks a block of untrusted bytes whole: header, checksum, every offset, string and index.
 * 0, or a negative errno with *why set to a literal. After 0, readers need no further checks. */
int cx_image_check(const void *block, size_t size_bytes, const char **why);

size_t cx_image_size(const struct cx_image *image);
struct cx_id cx_image_account(const struct cx_image *image); /* zero: the cluster's carriers */
struct cx_str cx_image_realm(const struct cx_image *image);
struct cx_str cx_image_name(const struct cx_image *image);
bool cx_image_enabled(const struct cx_image *image);
int32_t cx_image_max_calls(const struct cx_image *image); /* -1: no limit */

/* What may be in use at once; -1: no limit. Emergency calls are never counted. */
struct cx_image_limits {
    int32_t calls;               /* of the account, of all kinds */
    int32_t inbound, outbound;   /* with the outside world */
    int32_t outbound_per_minute; /* begun in one minute; against toll fraud */
};
void cx_image_limits(const struct cx_image *image, struct cx_image_limits *limits);
int32_t cx_image_user_max_calls(const struct cx_image *image, struct cx_id user); /* -1: no limit */

struct cx_str cx_image_user_presence(const struct cx_image *image,
                                     struct cx_id user); /* main extension, or empty */

/* Numbers in service on this account (E.164), for the cluster's index. */
uint32_t cx_image_number_count(const struct cx_image *image);
struct cx_str cx_image_number(const struct cx_image *image, uint32_t index);
uint32_t cx_image_user_count(const struct cx_image *image);

/* A phone as authentication and registration see it. */
struct cx_image_device {
    struct cx_id id;
    struct cx_id owner; /* who it belongs to now (hot desk considered), zero if nobody */
    struct cx_str username;
    struct cx_str ha1; /* 32 hex digits, or empty: cannot register */
    struct cx_str ip;  /* sip.method "ip": the address that is believed */
    bool enabled;      /* device, its owner and the account */
};
bool cx_image_device_by_username(const struct cx_image *image, struct cx_str username,
                                 struct cx_image_device *device);
bool cx_image_device_by_id(const struct cx_image *image, struct cx_id id,
                           struct cx_image_device *device);
uint32_t cx_image_device_count(const struct cx_image *image);
void cx_image_device_at(const struct cx_image *image, uint32_t index,
                        struct cx_image_device *device);

/* Voicemail boxes of a user, for the message lamp; counts are those of the compile. */
struct cx_image_box {
    struct cx_id id;
    struct cx_id owner;
    struct cx_str mailbox;
};
uint32_t cx_image_box_count(const struct cx_image *image);
void cx_image_box_at(const struct cx_image *image, uint32_t index, struct cx_image_box *box);

/* Gateways of the image's carriers, for the index of trunk addresses and for pings. */
struct cx_image_gateway {
    struct cx_id resource;
    struct cx_str resource_name;
    struct cx_str server;
    struct cx_str transport;
    uint16_t port;
    bool enabled;
    bool inbound;
};
uint32_t cx_image_gateway_count(const struct cx_image *image);
void cx_image_gateway_at(const struct cx_image *image, uint32_t index,
                         struct cx_image_gateway *gateway);

/* 32 hex digits <-> binary; parse returns false and a zero id for anything else. */
bool cx_id_parse(const char *hex, size_t len, struct cx_id *id);
void cx_id_format(struct cx_id id, char hex[33]);
bool cx_id_is_zero(struct cx_id id);
bool cx_id_equal(struct cx_id a, struct cx_id b);

#endif
