/*
 * migrate.c - see migrate.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/evp.h>

#include "migrate.h"

#define VERSIONS 10000 /* of four digits */
#define LOCK_S   60    /* another node may be at it that long */

static char *read_text(const char *path)
{
    FILE *f = fopen(path, "re");
    struct stat st;
    char *text = NULL;

    if (!f)
        return NULL;
    if (fstat(fileno(f), &st) == 0 && (text = malloc((size_t)st.st_size + 1)) != NULL) {
        size_t n = fread(text, 1, (size_t)st.st_size, f);
        text[n] = '\0';
    }
    fclose(f);
    return text;
}

static void checksum_of(const char *text, char hex[65])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;

    EVP_Digest(text, strlen(text), digest, &n, EVP_sha256(), NULL);
    for (unsigned i = 0; i < 32; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

static int is_migration(const struct dirent *e)
{
    size_t len = strlen(e->d_name);

    return len > 9 && isdigit((unsigned char)e->d_name[0]) &&
           isdigit((unsigned char)e->d_name[1]) && isdigit((unsigned char)e->d_name[2]) &&
           isdigit((unsigned char)e->d_name[3]) && e->d_name[4] == '_' &&
           strcmp(e->d_name + len - 4, ".sql") == 0;
}

struct applied {
    long newest;
    char checksum[VERSIONS][65]; /* by version; empty: not applied */
};

static int on_applied(void *arg, const struct cx_value *c, size_t n)
{
    struct applied *a = arg;

    (void)n;
    if (c[0].i < 0 || c[0].i >= VERSIONS)
        return -EINVAL;
    snprintf(a->checksum[c[0].i], sizeof(a->checksum[0]), "%s", c[1].s);
    if (c[0].i > a->newest)
        a->newest = (long)c[0].i;
    return 0;
}

static int read_applied(struct cx_db *db, struct applied *a)
{
    memset(a, 0, sizeof(*a));
    a->newest = -1;
    return cx_db_query(db, "SELECT version, checksum FROM schema_migration", NULL, 0, on_applied,
                       a);
}

static int apply(struct cx_db *db, long version, const char *name, const char *text,
                 const char *checksum)
{
    struct cx_value row[] = {cx_int(version), cx_text(name), cx_text(checksum)};
    /* DDL commits by itself in MariaDB: a file that fails half-way is named and looked at by a
     * person. */
    int err = cx_db_script(db, text);

    return err < 0
               ? err
               : cx_db_exec(
                     db, "INSERT INTO schema_migration (version, name, checksum) VALUES (?, ?, ?)",
                     row, 3, NULL);
}

static int migrate_file(struct cx_db *db, const struct applied *done, const char *folder,
                        const char *name, void (*say)(const char *line), char *error,
                        size_t error_size)
{
    char path[PATH_MAX], checksum[65], line[PATH_MAX + 64];
    long version = strtol(name, NULL, 10);
    char *text;
    int err = 0;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    text = read_text(path);
    if (!text) {
        snprintf(error, error_size, "%s: %s", path, strerror(errno));
        return -EIO;
    }
    checksum_of(text, checksum);
    if (done->checksum[version][0]) {
        if (strcmp(done->checksum[version], checksum) != 0) {
            snprintf(error, error_size,
                     "%s has changed since it was applied: restore it, and put the change into a "
                     "new file",
                     path);
            err = -EINVAL;
        }
        goto out;
    }
    if (version < done->newest) {
        snprintf(error, error_size,
                 "%s comes before %04ld, which is applied already: give it a higher number", path,
                 done->newest);
        err = -EINVAL;
        goto out;
    }
    err = apply(db, version, name, text, checksum);
    if (err < 0) {
        snprintf(error, error_size, "%s: %s", path, cx_db_error(db));
        goto out;
    }
    snprintf(line, sizeof(line), "applied %s", name);
    if (say)
        say(line);
    err = 1;
out:
    free(text);
    return err;
}

static int on_lock(void *arg, const struct cx_value *c, size_t n)
{
    (void)n;
    *(bool *)arg = c[0].type == CX_INT && c[0].i == 1;
    return 0;
}

/* One node at a time. Asked in short waits: a long one would run into the connection's time-out. */
static int lock(struct cx_db *db, char *error, size_t error_size)
{
    bool locked = false;
    int err = 0;

    for (int i = 0; err == 0 && !locked && i < LOCK_S; i++)
        err = cx_db_query(db, "SELECT GET_LOCK('centrex_migrate', 1)", NULL, 0, on_lock, &locked);
    if (err < 0)
        snprintf(error, error_size, "%s", cx_db_error(db));
    else if (!locked) {
        snprintf(error, error_size, "another node is migrating for over %d s", LOCK_S);
        err = -EAGAIN;
    }
    return err;
}

static void unlock(struct cx_db *db)
{
    bool unlocked;

    cx_db_query(db, "SELECT RELEASE_LOCK('centrex_migrate')", NULL, 0, on_lock, &unlocked);
}

/* The folder's files in order; a number must be there once only. Their count or -errno. */
static int list_files(const char *folder, struct dirent ***files, char *error, size_t error_size)
{
    int count = scandir(folder, files, is_migration, alphasort);

    if (count <= 0) {
        snprintf(error, error_size, "no migrations in %s", folder);
        return -ENOENT;
    }
    for (int i = 1; i < count; i++)
        if (strncmp((*files)[i - 1]->d_name, (*files)[i]->d_name, 4) == 0) {
            snprintf(error, error_size, "%s: %s and %s have the same number", folder,
                     (*files)[i - 1]->d_name, (*files)[i]->d_name);
            for (int k = 0; k < count; k++)
                free((*files)[k]);
            free(*files);
            *files = NULL;
            return -EINVAL;
        }
    return count;
}

static void free_files(struct dirent **files, int count)
{
    for (int i = 0; i < count; i++)
        free(files[i]);
    free(files);
}

static int newer(const struct applied *done, const char *newest_file, char *error,
                 size_t error_size)
{
    snprintf(error, error_size,
             "the database has schema %04ld, this program knows up to %.4s: install the newer one",
             done->newest, newest_file);
    return -EINVAL;
}

int cx_migrate(struct cx_db *db, const char *folder, void (*say)(const char *line), char *error,
               size_t error_size)
{
    struct applied *done = calloc(1, sizeof(*done));
    struct dirent **files = NULL;
    int applied = 0, err, count;

    count = done ? list_files(folder, &files, error, error_size) : -ENOMEM;
    err = count < 0 ? count : lock(db, error, error_size);
    if (err < 0)
        goto out;
    err = cx_db_exec(db,
                     "CREATE TABLE IF NOT EXISTS schema_migration (version INT PRIMARY KEY, "
                     "name VARCHAR(255) NOT NULL, checksum CHAR(64) NOT NULL, "
                     "applied_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP) ENGINE=InnoDB",
                     NULL, 0, NULL);
    if (err == 0)
        err = read_applied(db, done);
    if (err < 0)
        snprintf(error, error_size, "%s", cx_db_error(db));
    else if (done->newest > strtol(files[count - 1]->d_name, NULL, 10))
        err = newer(done, files[count - 1]->d_name, error, error_size);
    for (int i = 0; i < count && err >= 0; i++) {
        err = migrate_file(db, done, folder, files[i]->d_name, say, error, error_size);
        applied += err > 0;
    }
    unlock(db);
out:
    free_files(files, count);
    free(done);
    return err < 0 ? err : applied;
}

static int on_row(void *arg, const struct cx_value *c, size_t n)
{
    (void)c;
    (void)n;
    *(bool *)arg = true;
    return 0;
}

static int kamailio_tables(struct cx_db *db, const char *folder, char *error, size_t error_size)
{
    static const char *const scripts[] = {"standard", "usrloc", "dispatcher", "dialog", "htable"};
    static const char *const tables[] = {"version", "location", "dispatcher", "dialog", "htable"};
    int applied = 0;

    for (size_t i = 0; i < sizeof(scripts) / sizeof(*scripts); i++) {
        struct cx_value table = cx_text(tables[i]);
        char path[PATH_MAX], *text;
        bool there = false;
        int err = cx_db_query(db,
                              "SELECT 1 FROM information_schema.tables "
                              "WHERE table_schema = DATABASE() AND table_name = ?",
                              &table, 1, on_row, &there);

        if (err == 0 && there)
            continue;
        snprintf(path, sizeof(path), "%s/%s-create.sql", folder, scripts[i]);
        text = err == 0 ? read_text(path) : NULL;
        if (err == 0 && !text) {
            snprintf(error, error_size, "%s: %s", path, strerror(errno));
            return -ENOENT;
        }
        if (err == 0)
            err = cx_db_script(db, text);
        free(text);
        if (err < 0) {
            snprintf(error, error_size, "%s: %s", path, cx_db_error(db));
            return err;
        }
        applied++;
    }
    return applied;
}

int cx_migrate_kamailio(struct cx_db *db, const char *folder, char *error, size_t error_size)
{
    int err = lock(db, error, error_size);

    if (err == 0) {
        err = kamailio_tables(db, folder, error, error_size);
        unlock(db);
    }
    return err;
}

int cx_schema_check(struct cx_db *db, const char *folder, char *error, size_t error_size)
{
    struct applied *done = calloc(1, sizeof(*done));
    struct dirent **files = NULL;
    int count = done ? list_files(folder, &files, error, error_size) : -ENOMEM;
    int err = count < 0 ? count : read_applied(db, done);
    long wanted;

    if (count < 0)
        goto out;
    if (err < 0) {
        /* as a rule: the table is not there, because nothing was ever applied */
        snprintf(error, error_size, "%s: run centrexctl migrate", cx_db_error(db));
        goto out;
    }
    wanted = strtol(files[count - 1]->d_name, NULL, 10);
    if (done->newest > wanted)
        err = newer(done, files[count - 1]->d_name, error, error_size);
    else if (done->newest < wanted) {
        snprintf(error, error_size,
                 "the database has schema %04ld, this program wants %04ld: run centrexctl migrate",
                 done->newest < 0 ? 0 : done->newest, wanted);
        err = -EINVAL;
    }
out:
    free_files(files, count);
    free(done);
    return err;
}
