/*
 * ivr.c - see ivr.h. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audio/prompt.h"
#include "ivr.h"
#include "log.h"

#define PARAMS_MAX 32
#define TEXT_MAX   2000

#define CX_SERVICE(name) extern const struct cx_service cx_service_##name;
#include "services/services.inc"
#undef CX_SERVICE

static const struct cx_service *const services[] = {
#define CX_SERVICE(name) &cx_service_##name,
#include "services/services.inc"
#undef CX_SERVICE
};

struct cx_ivr {
    const struct cx_service *service;
    const struct cx_ivr_ops *ops;
    void *arg;
    struct cx_ivr_call call;
    struct {
        const char *name, *value;
    } params[PARAMS_MAX];
    unsigned param_count;
    bool over, leaving;
    void *extra;                        /* cx_ivr_alloc() */
    char *text;                         /* holds names and values */
    _Alignas(max_align_t) char state[]; /* of the service */
};

const struct cx_service *cx_service_find(const char *name)
{
    for (size_t i = 0; i < sizeof(services) / sizeof(*services); i++)
        if (strcmp(services[i]->name, name) == 0)
            return services[i];
    return NULL;
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* In place. False: a malformed escape, or an escaped control character. */
static bool decode(char *text)
{
    char *to = text;

    for (char *at = text; *at; at++) {
        int c = (unsigned char)*at;
        if (c == '%') {
            int high = hex(at[1]), low = high >= 0 ? hex(at[2]) : -1;
            if (low < 0)
                return false;
            c = high * 16 + low;
            at += 2;
        }
        if (c < ' ' || c == 0x7f)
            return false;
        *to++ = (char)c;
    }
    *to = '\0';
    return true;
}

static int split(struct cx_ivr *ivr)
{
    char *rest = NULL;

    strtok_r(ivr->text, ";", &rest); /* the name of the service */
    for (char *p = strtok_r(NULL, ";", &rest); p; p = strtok_r(NULL, ";", &rest)) {
        char *equals = strchr(p, '=');
        if (!equals || ivr->param_count == PARAMS_MAX)
            return -EINVAL;
        *equals = '\0';
        if (!decode(p) || !decode(equals + 1))
            return -EINVAL;
        ivr->params[ivr->param_count].name = p;
        ivr->params[ivr->param_count++].value = equals + 1;
    }
    return 0;
}

int cx_ivr_make(const struct cx_service *service, const char *service_text,
                const struct cx_ivr_call *call, const struct cx_ivr_ops *ops, void *arg,
                struct cx_ivr **out)
{
    struct cx_ivr *ivr;
    int err = -ENOMEM;

    *out = NULL;
    ivr = calloc(1, sizeof(*ivr) + service->state_size);
    if (!ivr)
        return -ENOMEM;
    ivr->service = service;
    ivr->ops = ops;
    ivr->arg = arg;
    ivr->call = *call;
    ivr->text = strdup(service_text);
    if (ivr->text)
        err = split(ivr);
    if (err < 0) {
        cx_log(CX_LOG_WARNING, call->interaction, "malformed parameters of service %s",
               service->name);
        cx_ivr_free(ivr);
        return err;
    }
    *out = ivr;
    return 0;
}

int cx_ivr_new(const char *service_text, const struct cx_ivr_call *call,
               const struct cx_ivr_ops *ops, void *arg, struct cx_ivr **out)
{
    size_t len = strcspn(service_text, ";");
    const struct cx_service *service;
    char name[32];

    *out = NULL;
    if (len == 0 || len >= sizeof(name) || strlen(service_text) > TEXT_MAX)
        return -EINVAL;
    snprintf(name, sizeof(name), "%.*s", (int)len, service_text);
    service = cx_service_find(name);
    if (!service) {
        cx_log(CX_LOG_WARNING, call->interaction, "there is no service \"%s\"", name);
        return -ENOENT;
    }
    return cx_ivr_make(service, service_text, call, ops, arg, out);
}

void cx_ivr_free(struct cx_ivr *ivr)
{
    if (!ivr)
        return;
    free(ivr->extra);
    free(ivr->text);
    free(ivr);
}

void cx_ivr_event(struct cx_ivr *ivr, const struct cx_event *event)
{
    if (ivr->over)
        return;
    if (event->type == CX_EV_HANGUP)
        ivr->over = true;
    else if (ivr->leaving) {
        if (event->type == CX_EV_PLAYED || event->type == CX_EV_MEDIA_LOST)
            cx_ivr_end(ivr, 480, "Temporarily Unavailable", NULL);
        return;
    }
    ivr->service->event(ivr, ivr->state, event);
}

const char *cx_ivr_param(const struct cx_ivr *ivr, const char *name)
{
    for (unsigned i = 0; i < ivr->param_count; i++)
        if (strcmp(ivr->params[i].name, name) == 0)
            return ivr->params[i].value;
    return NULL;
}

unsigned cx_ivr_param_number(const struct cx_ivr *ivr, const char *name, unsigned min, unsigned max,
                             unsigned missing)
{
    const char *text = cx_ivr_param(ivr, name);
    char *end;
    unsigned long value;

    if (!text || *text < '0' || *text > '9')
        return missing;
    value = strtoul(text, &end, 10);
    return *end || value < min || value > max ? missing : (unsigned)value;
}

void *cx_ivr_alloc(struct cx_ivr *ivr, size_t size)
{
    if (!ivr->extra)
        ivr->extra = calloc(1, size);
    return ivr->extra;
}

const struct cx_ivr_call *cx_ivr_call(const struct cx_ivr *ivr)
{
    return &ivr->call;
}

bool cx_ivr_has_offer(struct cx_ivr *ivr)
{
    return ivr->ops->has_offer(ivr->arg);
}

int cx_ivr_early(struct cx_ivr *ivr)
{
    return ivr->over ? -EINVAL : ivr->ops->early(ivr->arg);
}

int cx_ivr_ringing(struct cx_ivr *ivr)
{
    return ivr->over ? -EINVAL : ivr->ops->ringing(ivr->arg);
}

int cx_ivr_answer(struct cx_ivr *ivr)
{
    return ivr->over ? -EINVAL : ivr->ops->answer(ivr->arg);
}

void cx_ivr_end(struct cx_ivr *ivr, int code, const char *reason, const char *headers)
{
    if (ivr->over)
        return;
    ivr->over = true;
    ivr->ops->end(ivr->arg, code, reason, headers);
}

void cx_ivr_play(struct cx_ivr *ivr, const char *const *names, size_t count)
{
    struct cx_event none = {.type = CX_EV_PLAYED, .missing = (unsigned)count};

    if (!ivr->over && ivr->ops->play(ivr->arg, names, count) < 0)
        cx_ivr_event(ivr, &none);
}

void cx_ivr_stop(struct cx_ivr *ivr)
{
    if (!ivr->over)
        ivr->ops->stop(ivr->arg);
}

int cx_ivr_record(struct cx_ivr *ivr, const struct cx_spool_meta *meta, unsigned max_ms)
{
    return ivr->over ? -EINVAL : ivr->ops->record(ivr->arg, meta, max_ms);
}

unsigned cx_ivr_record_stop(struct cx_ivr *ivr)
{
    return ivr->ops->record_stop(ivr->arg);
}

int cx_ivr_draft(struct cx_ivr *ivr, unsigned max_ms)
{
    return ivr->over ? -EINVAL : ivr->ops->draft(ivr->arg, max_ms);
}

unsigned cx_ivr_draft_stop(struct cx_ivr *ivr, struct cx_draft *draft)
{
    return ivr->ops->draft_stop(ivr->arg, draft);
}

void cx_ivr_ask(struct cx_ivr *ivr, const struct cx_question *question, const void *data)
{
    struct cx_event failed = {.type = CX_EV_ANSWER};

    if (ivr->over)
        return;
    failed.error = ivr->ops->ask(ivr->arg, question, data);
    if (failed.error < 0)
        cx_ivr_event(ivr, &failed);
}

void cx_ivr_aside(struct cx_ivr *ivr, const struct cx_question *question, const void *data)
{
    ivr->ops->aside(ivr->arg, question, data);
}

void cx_ivr_farewell(struct cx_ivr *ivr, const char *const *names, size_t count)
{
    ivr->leaving = true;
    cx_ivr_timer(ivr, 0);
    cx_ivr_play(ivr, names, count);
}

void cx_ivr_apologize(struct cx_ivr *ivr)
{
    static const char *const names[] = {"sys/im-sorry", "sys/please-try-call-later"};

    cx_ivr_farewell(ivr, names, 2);
}

/* text for X-Centrex-Outcome: all but RFC 3261's token characters as %XX. */
static size_t encode(char *to, size_t size, const char *text)
{
    size_t n = 0;

    for (; *text && n + 4 < size; text++) {
        unsigned char c = (unsigned char)*text;
        if ((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
            strchr("-.!*_+`'~", c))
            to[n++] = (char)c;
        else
            n += (size_t)snprintf(to + n, size - n, "%%%02X", c);
    }
    to[n] = '\0';
    return n;
}

void cx_ivr_continue(struct cx_ivr *ivr, const char *key, const char *dial)
{
    char outcome[400], headers[450], name[200], number[120];

    if (ivr->over)
        return;
    encode(name, sizeof(name), key);
    encode(number, sizeof(number), dial ? dial : "");
    snprintf(outcome, sizeof(outcome), "continue;key=%s%s%s", name, dial ? ";dial=" : "", number);
    snprintf(headers, sizeof(headers), "X-Centrex-Outcome: %s\r\n", outcome);
    ivr->over = true;
    if (ivr->ops->go_on(ivr->arg, outcome) < 0) /* not answered, or it cannot be */
        ivr->ops->end(ivr->arg, 480, "Temporarily Unavailable", headers);
}

int cx_ivr_dial(struct cx_ivr *ivr, const char *uri, const char *headers)
{
    return ivr->over ? -EINVAL : ivr->ops->dial(ivr->arg, uri, headers);
}

int cx_ivr_join(struct cx_ivr *ivr)
{
    int err = ivr->over ? -EINVAL : ivr->ops->join(ivr->arg);

    if (err == 0)
        ivr->over = true;
    return err;
}

void cx_ivr_echo(struct cx_ivr *ivr, bool on)
{
    if (!ivr->over)
        ivr->ops->echo(ivr->arg, on);
}

int cx_ivr_mix(struct cx_ivr *ivr, struct cx_mix *mix, struct cx_mix_member **member)
{
    return ivr->ops->mix(ivr->arg, mix, member);
}

void cx_ivr_timer(struct cx_ivr *ivr, unsigned ms)
{
    if (!ivr->over)
        ivr->ops->timer(ivr->arg, ms);
}

const char *cx_ivr_spool(const struct cx_ivr *ivr)
{
    return ivr->ops->spool(ivr->arg);
}

int cx_ivr_fax(struct cx_ivr *ivr, const struct cx_fax_order *order)
{
    return ivr->over ? -EINVAL : ivr->ops->fax(ivr->arg, order);
}

void cx_ivr_fax_result(struct cx_ivr *ivr, struct cx_fax_result *result)
{
    ivr->ops->fax_result(ivr->arg, result);
}

bool cx_ivr_media_name(const char *media, char *name, size_t size)
{
    static const char system[] = "system_media/";
    int n;

    if (!media || !cx_prompt_key_is_safe(media))
        return false;
    if (strncmp(media, system, sizeof(system) - 1) == 0)
        n = snprintf(name, size, "sys/%s", media + sizeof(system) - 1);
    else
        n = snprintf(name, size, "store/%s", media);
    return n > 0 && (size_t)n < size;
}
