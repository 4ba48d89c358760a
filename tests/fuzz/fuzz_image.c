/*
 * fuzz_image.c - damages an account image (with a right checksum) and reads it: refused, or safe to
 * route with. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "kamailio_mod/routing/layout.h"
#include "tests/fuzz/sample.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_everything(const struct cx_image *image)
{
    static const char *const dialled[] = {"201",         "202", "**202",  "0861234567", "300",
                                          "90861234567", "112", "999999", "400",        "*87"};
    struct cx_env env = {.registered = sample_registered};
    static struct cx_step step, next;
    struct cx_image_device device;
    struct cx_image_gateway gateway;
    struct cx_image_box box;

    for (uint32_t i = 0; i < cx_image_device_count(image); i++)
        cx_image_device_at(image, i, &device);
    for (uint32_t i = 0; i < cx_image_gateway_count(image); i++)
        cx_image_gateway_at(image, i, &gateway);
    for (uint32_t i = 0; i < cx_image_box_count(image); i++)
        cx_image_box_at(image, i, &box);
    for (size_t i = 0; i < sizeof(dialled) / sizeof(*dialled); i++) {
        struct cx_call call = sample_call(dialled[i]);
        cx_route(image, image, &env, &call, &step);
        for (int o = CX_OUT_BUSY; o <= CX_OUT_CONTINUE; o++)
            cx_route_next(image, NULL, &env, &call, &step.cursor, (enum cx_outcome)o, 486,
                          (struct cx_str){0}, &next);
        for (int key = 0; key < 5; key++) {
            char text[2] = {(char)('0' + key), 0};
            cx_route_next(image, NULL, &env, &call, &step.cursor, CX_OUT_CONTINUE, 0,
                          sample_z(text), &next);
        }
        cx_route_dial(image, NULL, &env, &call, &step.cursor, sample_z("202"), &next);
        call.forwarded = true;
        call.forward_user = (struct cx_id){{0xa1}};
        call.forward_user.b[14] = 0x02;
        call.forward_user.b[15] = 0x02;
        cx_route(image, image, &env, &call, &step);
        call.forwarded = false;
        call.from = CX_FROM_CARRIER;
        cx_route(image, NULL, &env, &call, &step);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct cx_image *good;
    struct cx_image *image;
    const char *why;
    size_t bytes;

    if (!good) {
        struct cx_account_rows rows;
        struct cx_compile_error error;
        sample_rows(&rows);
        if (cx_compile(&rows, &good, &error) < 0)
            abort();
    }
    bytes = cx_image_size(good);
    image = malloc(bytes);
    memcpy(image, good, bytes);
    /* each three bytes of input: where, and what */
    for (size_t i = 0; i + 2 < size; i += 3)
        ((uint8_t *)image)[(size_t)(data[i] << 8 | data[i + 1]) % bytes] = data[i + 2];
    image->checksum = cx_checksum(&image->account, bytes - offsetof(struct cx_image, account));
    if (cx_image_check(image, bytes, &why) == 0)
        read_everything(image);
    free(image);
    return 0;
}
