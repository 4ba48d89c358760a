/*
 * ticket.c - see ticket.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "ticket.h"

#define NOBODY "00000000000000000000000000000000"

enum { KEY = 32, SIGNATURE = 16 /* bytes */ };

static int key_of(const char *secret, unsigned char key[KEY])
{
    if (strlen(secret) != 2 * KEY)
        return -EINVAL;
    for (int i = 0; i < KEY; i++) {
        unsigned byte;

        if (!isxdigit((unsigned char)secret[2 * i]) ||
            !isxdigit((unsigned char)secret[2 * i + 1]) ||
            sscanf(secret + 2 * i, "%2x", &byte) != 1)
            return -EINVAL;
        key[i] = (unsigned char)byte;
    }
    return 0;
}

static void encode(char *to, size_t size, const char *text)
{
    size_t n = 0;

    for (; *text && n + 4 < size; text++) {
        unsigned char c = (unsigned char)*text;
        if (isalnum(c) || strchr("-.!*_+'~", c))
            to[n++] = (char)c;
        else
            n += (size_t)snprintf(to + n, 4, "%%%02X", c);
    }
    to[n] = '\0';
}

int cx_fax_ticket(const struct cx_fax_job *job, const char *secret, char *headers, size_t size)
{
    unsigned char key[KEY], mac[EVP_MAX_MD_SIZE];
    char to[200], name[400], number[200], text[1200], signature[2 * SIGNATURE + 1];
    unsigned mac_size = 0;
    int err = key_of(secret, key), n;

    if (err < 0)
        return err;
    encode(to, sizeof(to), job->to);
    encode(name, 160, job->from_name);
    encode(number, sizeof(number), job->from_number);
    n = snprintf(text, sizeof(text),
                 "account=%s;user=%s;device=" NOBODY ";call=%s;hops=0;keep=%d;hide=0;to=%s;name=%s;"
                 "number=%s;at=%lld",
                 job->account, *job->owner ? job->owner : NOBODY, job->interaction, job->own_number,
                 to, name, number, (long long)time(NULL));
    HMAC(EVP_sha256(), key, KEY, (const unsigned char *)text, (size_t)n, mac, &mac_size);
    for (int i = 0; i < SIGNATURE; i++)
        snprintf(signature + 2 * i, 3, "%02x", mac[i]);
    n = snprintf(headers, size, "X-Centrex-Forward: %s;sig=%s\r\nX-Centrex-Call: %s\r\n", text,
                 signature, job->interaction);
    return n > 0 && (size_t)n < size ? 0 : -EINVAL;
}
