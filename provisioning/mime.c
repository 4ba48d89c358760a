/*
 * mime.c - see mime.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <gmime/gmime.h>

#include "mime.h"

static void copy_text(char *to, size_t size, const char *from)
{
    gchar *valid = g_utf8_make_valid(from ? from : "", -1);

    g_utf8_strncpy(to, valid, (gsize)(size / 4));
    g_free(valid);
}

static int read_content(GMimePart *from, struct cx_mime_part *part)
{
    GMimeDataWrapper *content = g_mime_part_get_content(from);
    GMimeStream *memory = g_mime_stream_mem_new();
    GByteArray *bytes;
    int err = 0;

    if (content)
        g_mime_data_wrapper_write_to_stream(content, memory);
    bytes = g_mime_stream_mem_get_byte_array((GMimeStreamMem *)memory);
    part->data = malloc(bytes->len + 1);
    if (part->data) {
        memcpy(part->data, bytes->data ? (void *)bytes->data : "", bytes->len);
        part->data[bytes->len] = '\0';
        part->size = bytes->len;
    } else {
        err = -ENOMEM;
    }
    g_object_unref(memory);
    return err;
}

/* Text in another character set. What cannot be read stays as it is. */
static void to_utf8(GMimePart *from, struct cx_mime_part *part)
{
    const char *set = g_mime_object_get_content_type_parameter((GMimeObject *)from, "charset");
    gsize size = 0;
    char *text;

    if (!set || strcasecmp(set, "utf-8") == 0 || strcasecmp(set, "us-ascii") == 0)
        return;
    text = g_convert(part->data, (gssize)part->size, "UTF-8", set, NULL, &size, NULL);
    if (text && size > 0) {
        char *copy = malloc(size + 1);
        if (copy) {
            memcpy(copy, text, size + 1);
            free(part->data);
            part->data = copy;
            part->size = size;
        }
    }
    g_free(text);
}

struct walking {
    struct cx_mime *mime;
    int err;
};

static void each(GMimeObject *parent, GMimeObject *object, gpointer arg)
{
    struct walking *w = arg;
    GMimeContentType *type = g_mime_object_get_content_type(object);
    const char *disposition = g_mime_object_get_disposition(object), *name;
    struct cx_mime_part *part;

    (void)parent;
    if (w->err < 0 || !GMIME_IS_PART(object))
        return;
    if (w->mime->count == CX_MIME_PARTS) {
        w->err = -E2BIG;
        return;
    }
    part = &w->mime->parts[w->mime->count++];
    snprintf(part->type, sizeof(part->type), "%s/%s", g_mime_content_type_get_media_type(type),
             g_mime_content_type_get_media_subtype(type));
    for (char *p = part->type; *p; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p + 'a' - 'A');
    name = g_mime_part_get_filename((GMimePart *)object);
    copy_text(part->name, sizeof(part->name), name);
    part->attachment = part->name[0] || (disposition && strcasecmp(disposition, "attachment") == 0);
    w->err = read_content((GMimePart *)object, part);
    if (w->err == 0 && strncmp(part->type, "text/", 5) == 0)
        to_utf8((GMimePart *)object, part);
}

static void read_headers(GMimeMessage *message, struct cx_mime *mime)
{
    const char *id = g_mime_message_get_message_id(message);
    const char *subject = g_mime_message_get_subject(message);
    const char *automatic = g_mime_object_get_header((GMimeObject *)message, "Auto-Submitted");

    copy_text(mime->message_id, sizeof(mime->message_id), id);
    copy_text(mime->subject, sizeof(mime->subject), subject);
    mime->automatic = automatic && strncasecmp(automatic, "no", 2) != 0;
}

static GMimeStream *open_stream(const char *data, size_t size, const char *content_type)
{
    GMimeStream *stream = g_mime_stream_mem_new();

    if (content_type) {
        g_mime_stream_printf(stream, "MIME-Version: 1.0\r\nContent-Type: %s\r\n\r\n", content_type);
    }
    g_mime_stream_write(stream, data, size);
    g_mime_stream_reset(stream);
    return stream;
}

int cx_mime_parse(const char *data, size_t size, const char *content_type, struct cx_mime *mime)
{
    struct walking walking = {.mime = mime};
    GMimeObject *object = NULL;
    GMimeMessage *message = NULL;
    GMimeParser *parser;
    GMimeStream *stream;

    memset(mime, 0, sizeof(*mime));
    if (content_type && strpbrk(content_type, "\r\n"))
        return -EBADMSG;
    g_mime_init();
    stream = open_stream(data, size, content_type);
    parser = g_mime_parser_new_with_stream(stream);
    g_object_unref(stream);
    if (content_type) {
        object = g_mime_parser_construct_part(parser, NULL);
    } else {
        message = g_mime_parser_construct_message(parser, NULL);
        object = message ? g_mime_message_get_mime_part(message) : NULL;
    }
    g_object_unref(parser);
    if (!object)
        walking.err = -EBADMSG;
    else if (GMIME_IS_MULTIPART(object))
        g_mime_multipart_foreach((GMimeMultipart *)object, each, &walking);
    else
        each(NULL, object, &walking);
    if (message)
        read_headers(message, mime);
    if (message)
        g_object_unref(message);
    else if (object)
        g_object_unref(object);
    if (walking.err < 0)
        cx_mime_free(mime);
    return walking.err;
}

void cx_mime_free(struct cx_mime *mime)
{
    for (size_t i = 0; i < mime->count; i++)
        free(mime->parts[i].data);
    memset(mime, 0, sizeof(*mime));
}
