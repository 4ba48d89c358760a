/*
 * tts.c - see tts.h. The cache is the storage itself: the name of a file is the hash of what it
 * says and how. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../db/id.h"
#include "child.h"
#include "tts.h"

#define DEADLINE_MS 8000

/* Only letters, digits and hyphens: it becomes an argument. */
static void word(char *to, size_t size, const char *from)
{
    size_t n = 0;

    for (; *from && n + 1 < size && (isalnum((unsigned char)*from) || *from == '-'); from++)
        to[n++] = (char)tolower((unsigned char)*from);
    to[n] = '\0';
}

static bool is_english(const char *language)
{
    return !*language || strncmp(language, "en", 2) == 0;
}

/* flite's voices by name, or by whose it is like. */
static const char *flite_voice(const char *voice)
{
    static const char *const names[] = {"slt", "rms", "awb", "kal", "kal16"};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (strcmp(voice, names[i]) == 0)
            return names[i];
    return strstr(voice, "male") == voice || strstr(voice, "-male") ? "rms" : "slt";
}

static void name(const struct cx_tts *t, const char *voice, const char *language, char hex[33])
{
    unsigned char hash[SHA256_DIGEST_LENGTH];
    char all[CX_TTS_TEXT + 80];
    int n = snprintf(all, sizeof(all), "%s\n%s\n%s", voice, language, t->text);

    SHA256((const unsigned char *)all, (size_t)n, hash);
    for (int i = 0; i < 16; i++)
        snprintf(hex + 2 * i, 3, "%02x", hash[i]);
}

static int write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    int err = file ? 0 : -errno;

    for (; file && *text; text++)
        fputc((unsigned char)*text < ' ' ? ' ' : *text, file);
    if (file && (fputc('\n', file) == EOF || fflush(file) != 0))
        err = -EIO;
    if (file)
        fclose(file);
    return err;
}

static int speak(const char *voice, const char *language, const char *text_file, const char *wav)
{
    const char *const flite[] = {"flite", "-voice", flite_voice(voice), "-f", text_file, "-o",
                                 wav,     NULL};
    char who[32];
    const char *const espeak[] = {"espeak-ng", "-v", who, "-f", text_file, "-w", wav, NULL};

    snprintf(who, sizeof(who), "%s+%s", language, strstr(voice, "male") == voice ? "m3" : "f3");
    return cx_child_run(is_english(language) ? flite : espeak, NULL);
}

int cx_tts_make(const char *storage, struct cx_tts *t)
{
    char folder[PATH_MAX], path[PATH_MAX + 80], text[PATH_MAX + 80], wav[PATH_MAX + 80];
    char voice[40], language[16], hex[33], unique[33];
    struct stat st;
    int err, n;

    word(voice, sizeof(voice), t->voice);
    word(language, sizeof(language), t->language);
    name(t, voice, language, hex);
    snprintf(t->key, sizeof(t->key), "%s/tts/%s.wav", t->account, hex);
    n = snprintf(folder, sizeof(folder), "%s/%s", storage, t->account);
    if (n < 0 || (size_t)n + 5 > sizeof(folder))
        return -ENAMETOOLONG;
    snprintf(path, sizeof(path), "%s/%s", storage, t->key);
    if (stat(path, &st) == 0)
        return 0;
    if (!t->text[strspn(t->text, " \t\r\n")])
        return -EBADMSG;
    if (mkdir(folder, 0770) < 0 && errno != EEXIST)
        return -errno;
    strcat(folder, "/tts");
    if (mkdir(folder, 0770) < 0 && errno != EEXIST)
        return -errno;
    cx_id_new(unique);
    snprintf(text, sizeof(text), "%s/%s.txt", folder, unique);
    snprintf(wav, sizeof(wav), "%s/%s.tmp", folder, unique);
    err = write_text(text, t->text);
    if (err == 0)
        err = speak(voice, language, text, wav);
    if (err == 0 && (stat(wav, &st) < 0 || st.st_size <= 44))
        err = -EBADMSG;
    if (err == 0 && rename(wav, path) < 0)
        err = -errno;
    unlink(text);
    unlink(wav);
    return err;
}

static int make(const struct cx_ask_env *env, void *data)
{
    return cx_tts_make(env->storage, data);
}

const struct cx_question cx_tts_question = {
    .run = make, .size = sizeof(struct cx_tts), .deadline_ms = DEADLINE_MS};
