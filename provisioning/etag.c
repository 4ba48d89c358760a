/*
 * etag.c - entity tags: the revision of a document, and a hash of what is told of it (list counts
 * and names change without a new revision). See api.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"

void cx_etag(int64_t revision, const json_t *data, char tag[CX_ETAG_MAX])
{
    char *text = json_dumps(data, JSON_COMPACT | JSON_ENCODE_ANY);
    uint64_t hash = 14695981039346656037u; /* FNV-1a */

    for (const char *p = text; p && *p; p++)
        hash = (hash ^ (unsigned char)*p) * 1099511628211u;
    free(text);
    snprintf(tag, CX_ETAG_MAX, "%lld-%016llx", (long long)revision, (unsigned long long)hash);
}

bool cx_etag_matches(const char *header, const char *tag, bool revision_only)
{
    const char *p = header;
    size_t wanted = revision_only ? strcspn(tag, "-") : strlen(tag);

    while (*p) {
        p += strspn(p, " \t,");
        if (*p == '*')
            return true;
        /* a weak tag is good enough for "has it changed?", not for writing */
        if (strncmp(p, "W/", 2) == 0) {
            p += 2;
            if (revision_only) {
                p += strcspn(p, ",");
                continue;
            }
        }
        if (*p == '"') {
            size_t n = strcspn(++p, "\"");
            size_t compared = revision_only ? strcspn(p, "-\"") : n;
            if (compared == wanted && memcmp(p, tag, wanted) == 0)
                return true;
            p += n;
        }
        p += strcspn(p, ",");
    }
    return false;
}
