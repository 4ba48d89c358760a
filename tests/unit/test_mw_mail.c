/*
 * test_mw_mail.c - e-mails of the media worker: headers that hold, MIME that a parser reads, and
 * what each way of failing means.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media_worker/mail.h"
#include "mw_fixture.h"

enum { STUB_PORT = 2531, SINK_PORT = 2532, NO_PORT = 2533 };
#define ID "0123456789abcdef0123456789abcdef"

static int ends; /* calls of before_end */
static int end_error;

static int before_end(void *arg)
{
    assert_ptr_equal(arg, &ends);
    /* the server must not have the message yet */
    assert_int_equal(mw_smtp_messages(), 0);
    ends++;
    return end_error;
}

static struct cx_mail mail_to(unsigned port, const char *to)
{
    static char url[64];
    struct cx_mail mail = {.smtp = url,
                           .from = "voicemail@centrex.local",
                           .to = to,
                           .message_id = ID,
                           .subject = "New message",
                           .text = "Hello.\r\n.\r\nAfter a dot.\r\n",
                           .date = 1700000000,
                           .before_end = before_end,
                           .arg = &ends};

    snprintf(url, sizeof(url), "smtp://%s:%u", mw_ip(), port);
    ends = end_error = 0;
    return mail;
}

static int send_in_mode(enum mw_smtp_mode mode)
{
    struct cx_mail mail = mail_to(STUB_PORT, "a@example.com");
    char error[320];

    mw_smtp_mode(mode);
    return cx_mail_send(&mail, error, sizeof(error));
}

static void addresses(void **state)
{
    (void)state;
    assert_true(cx_mail_address_is_valid("jane.doe+vm@example.com"));
    assert_false(cx_mail_address_is_valid(""));
    assert_false(cx_mail_address_is_valid("jane"));
    assert_false(cx_mail_address_is_valid("@example.com"));
    assert_false(cx_mail_address_is_valid("jane@"));
    assert_false(cx_mail_address_is_valid("a@b@c"));
    assert_false(cx_mail_address_is_valid("a@b.c\r\nRCPT TO:<x@y.z>"));
    assert_false(cx_mail_address_is_valid("a@b.c> SIZE=1"));
    assert_false(cx_mail_address_is_valid("a@b.c,d@e.f"));
    assert_false(cx_mail_address_is_valid("j\xc3\xa9@b.c"));
}

static void expect_header(const char *value, const char *expected)
{
    char *header = cx_mail_header("Subject", value);

    assert_non_null(header);
    assert_string_equal(header, expected);
    free(header);
}

static void headers(void **state)
{
    char *header, emoji[401];

    (void)state;
    expect_header("Plain text", "Subject: Plain text");
    expect_header("a\r\nBcc: x@y.z", "Subject: a  Bcc: x@y.z");
    expect_header("Zo\xc3\xab", "Subject: =?UTF-8?B?Wm/Dqw==?=");
    expect_header("Zo\xeb", "Subject: Zo?"); /* Latin-1 is not UTF-8 */
    expect_header("=?x?", "Subject: =?UTF-8?B?PT94Pw==?=");
    for (int i = 0; i < 100; i++)
        memcpy(emoji + 4 * i, "\xf0\x9f\x93\x9e", 4);
    emoji[400] = '\0';
    header = cx_mail_header("Subject", emoji);
    assert_non_null(header);
    for (const char *line = header; line; line = strstr(line, "\r\n")) {
        line += *line == '\r' ? 2 : 0;
        assert_true(strcspn(line, "\r") <= 78);
        if (line != header)
            assert_int_equal(*line, ' '); /* each line continues the one header */
    }
    free(header);
}

static void accepted(void **state)
{
    (void)state;
    assert_int_equal(send_in_mode(MW_SMTP_ACCEPT), 0);
    assert_int_equal(ends, 1);
    assert_int_equal(mw_smtp_messages(), 1);
    assert_non_null(strstr(mw_smtp_last(), "Message-ID: <" ID "@centrex.local>\r\n"));
    assert_non_null(strstr(mw_smtp_last(), "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"));
}

static void failures_mean(void **state)
{
    struct cx_mail mail = mail_to(NO_PORT, "a@example.com");
    char error[320];

    (void)state;
    assert_int_equal(cx_mail_send(&mail, error, sizeof(error)), -EHOSTUNREACH);
    assert_int_equal(send_in_mode(MW_SMTP_REFUSE_RCPT), -EBADMSG);
    assert_int_equal(ends, 0);
    assert_int_equal(send_in_mode(MW_SMTP_LATER_RCPT), -EAGAIN);
    assert_int_equal(ends, 0);
    assert_int_equal(send_in_mode(MW_SMTP_REFUSE_MESSAGE), -EBADMSG);
    assert_int_equal(ends, 1);
    assert_int_equal(send_in_mode(MW_SMTP_NO_SERVICE), -EHOSTUNREACH);
    assert_int_equal(ends, 0);
    assert_int_equal(send_in_mode(MW_SMTP_CLOSE_AT_END), -EHOSTUNREACH);
    assert_int_equal(ends, 1);
    mail = mail_to(STUB_PORT, "a@example.com>");
    mw_smtp_mode(MW_SMTP_ACCEPT);
    assert_int_equal(cx_mail_send(&mail, error, sizeof(error)), -EINVAL);
    assert_int_equal(mw_smtp_messages(), 0);
}

static void no_end_without_note(void **state)
{
    struct cx_mail mail = mail_to(STUB_PORT, "a@example.com");
    char error[320];

    (void)state;
    mw_smtp_mode(MW_SMTP_ACCEPT);
    end_error = -ENOSPC;
    assert_int_equal(cx_mail_send(&mail, error, sizeof(error)), -ENOSPC);
    assert_int_equal(ends, 1);
    assert_int_equal(mw_smtp_messages(), 0); /* the dot was never sent */
}

static void a_parser_reads_it(void **state)
{
    struct cx_mail mail = mail_to(SINK_PORT, "jane@example.com");
    char error[320];
    json_t *mails, *m, *headers_read;
    FILE *f;
    pid_t sink;

    (void)state;
    mw_smtp_mode(MW_SMTP_ACCEPT);
    f = fopen(mw_path("a.mp3"), "w");
    assert_non_null(f);
    for (int i = 0; i < 300000; i++) /* more than any buffer of libcurl */
        putc(i * 7 & 255, f);
    fclose(f);
    sink = mw_sink_start(SINK_PORT, "maildir");
    mail.subject = "Zo\xc3\xab \xe2\x98\x8e\r\nBcc: evil@example.com";
    mail.text = "Gr\xc3\xbc\xc3\x9f Gott = ok\r\n.\r\nend\r\n";
    mail.file = mw_path("a.mp3");
    mail.file_name = "voicemail-201.mp3";
    mail.file_type = "audio/mpeg";
    assert_int_equal(cx_mail_send(&mail, error, sizeof(error)), 0);
    assert_int_equal(ends, 1);
    assert_int_equal(mw_sink_mails("maildir"), 1);
    mw_sink_stop(sink);
    mails = mw_sink_read("maildir");
    m = json_array_get(mails, 0);
    headers_read = json_object_get(m, "headers");
    assert_int_equal(json_array_size(json_object_get(m, "defects")), 0);
    assert_string_equal(json_string_value(json_object_get(headers_read, "Subject")),
                        "Zo\xc3\xab \xe2\x98\x8e  Bcc: evil@example.com");
    assert_null(json_object_get(headers_read, "Bcc"));
    assert_string_equal(json_string_value(json_object_get(headers_read, "To")), "jane@example.com");
    assert_string_equal(json_string_value(json_object_get(m, "text")),
                        "Gr\xc3\xbc\xc3\x9f Gott = ok\n.\nend\n");
    m = json_array_get(json_object_get(m, "parts"), 1);
    assert_string_equal(json_string_value(json_object_get(m, "type")), "audio/mpeg");
    assert_string_equal(json_string_value(json_object_get(m, "name")), "voicemail-201.mp3");
    assert_string_equal(json_string_value(json_object_get(m, "disposition")), "attachment");
    assert_int_equal(json_string_length(json_object_get(m, "base64")), 400000);
    json_decref(mails);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses),
        cmocka_unit_test(headers),
        cmocka_unit_test(accepted),
        cmocka_unit_test(failures_mean),
        cmocka_unit_test(no_end_without_note),
        cmocka_unit_test(a_parser_reads_it),
    };
    int failed;

    curl_global_init(CURL_GLOBAL_DEFAULT);
    mw_folder();
    mw_smtp_start(STUB_PORT);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    curl_global_cleanup();
    return failed;
}
