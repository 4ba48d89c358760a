/*
 * contacts.c - see contacts.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <ctype.h>
#include <string.h>
#include <time.h>

#include "core/dset.h"
#include "core/parser/parse_rr.h"
#include "core/sr_module.h"
#include "modules/usrloc/usrloc.h"

#include "contacts.h"
#include "registrations.h"

#define AOR_MAX 320

static usrloc_api_t ul;
static udomain_t *location;

int cx_contacts_init(const char *folder)
{
    bind_usrloc_t bind = (bind_usrloc_t)(void (*)(void))find_export("ul_bind_usrloc", 1, 0);
    int count;

    if (!bind || bind(&ul) < 0) {
        LM_ERR("usrloc must be loaded before this module\n");
        return -1;
    }
    if (!ul.use_domain) {
        LM_ERR("usrloc's use_domain must be 1: accounts share user names\n");
        return -1;
    }
    if (ul.register_udomain("location", &location) < 0)
        return -1;
    count = cx_registrations_init(folder, &ul, location);
    if (count < 0) {
        LM_ERR("registrations in %s: %s\n", folder, strerror(-count));
        return -1;
    }
    if (count > 0)
        LM_NOTICE("%d registrations are in force again\n", count);
    return 0;
}

/* The name under which registrar stored it: in lower case, as registrar's case_sensitive=0 does. */
static bool aor_of(char text[AOR_MAX], str *aor, struct cx_str username, struct cx_str realm)
{
    if (username.len == 0 || username.len + 1 + realm.len >= AOR_MAX)
        return false;
    memcpy(text, username.s, username.len);
    text[username.len] = '@';
    memcpy(text + username.len + 1, realm.s, realm.len);
    aor->s = text;
    aor->len = (int)(username.len + 1 + realm.len);
    for (int i = 0; i < aor->len; i++)
        text[i] = (char)tolower((unsigned char)text[i]);
    return true;
}

/* One walk for all questions: use() may stop it by returning false. */
static int walk(struct cx_str username, struct cx_str realm, bool (*use)(void *, ucontact_t *),
                void *arg)
{
    char text[AOR_MAX];
    urecord_t *record = NULL;
    time_t now = time(NULL);
    int count = 0;
    str aor;

    if (!aor_of(text, &aor, username, realm))
        return 0;
    ul.lock_udomain(location, &aor);
    if (ul.get_urecord(location, &aor, &record) == 0) {
        for (ucontact_t *c = record->contacts; c; c = c->next) {
            if (!VALID_CONTACT(c, now))
                continue;
            count++;
            if (!use(arg, c))
                break;
        }
        ul.release_urecord(record);
    }
    ul.unlock_udomain(location, &aor);
    return count;
}

static bool one_is_enough(void *arg, ucontact_t *contact)
{
    (void)arg;
    (void)contact;
    return false;
}

bool cx_contacts_registered(void *arg, struct cx_str username, struct cx_str realm)
{
    (void)arg;
    return walk(username, realm, one_is_enough, NULL) > 0;
}

/* A Path says who stands between; else the address that the REGISTER came from. */
static str *next_hop_of(ucontact_t *c, str *path_uri)
{
    if (c->path.len > 0 && get_path_dst_uri(&c->path, path_uri) == 0)
        return path_uri;
    return c->received.len > 0 ? &c->received : NULL;
}

struct add {
    struct sip_msg *msg;
    str ruid;
    int added;
};

static bool add_branch(void *arg, ucontact_t *c)
{
    struct add *a = arg;
    str path_uri = {0};
    branch_t *b =
        ksr_push_branch(a->msg, &c->c, next_hop_of(c, &path_uri), c->path.len > 0 ? &c->path : NULL,
                        c->q, c->cflags, c->sock, c->instance.len ? &c->instance : NULL,
                        c->instance.len ? c->reg_id : 0, &a->ruid, &c->user_agent);

    if (b) {
        b->otcpid = c->tcpconn_id;
        a->added++;
    }
    return b != NULL; /* no room for more branches: stop */
}

int cx_contacts_add(struct sip_msg *msg, struct cx_str username, struct cx_str realm,
                    const char *ruid)
{
    struct add a = {.msg = msg, .ruid = {(char *)ruid, (int)strlen(ruid)}};

    walk(username, realm, add_branch, &a);
    return a.added;
}

struct each {
    void (*each)(void *arg, str *uri, str *next_hop, struct socket_info *socket);
    void *arg;
};

static bool tell(void *arg, ucontact_t *c)
{
    struct each *e = arg;
    str path_uri = {0};

    e->each(e->arg, &c->c, next_hop_of(c, &path_uri), c->sock);
    return true;
}

int cx_contacts_each(struct cx_str username, struct cx_str realm,
                     void (*each)(void *arg, str *uri, str *next_hop, struct socket_info *socket),
                     void *arg)
{
    struct each e = {each, arg};

    return walk(username, realm, tell, &e);
}
