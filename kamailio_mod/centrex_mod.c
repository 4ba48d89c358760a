/*
 * centrex_mod.c - the module as Kamailio sees it: functions, parameters, pseudo-variables, life
 * cycle. No logic here: see execute.c, source.c, loader.c. SPDX-License-Identifier:
 * GPL-2.0-or-later
 */
#include <string.h>

#include "core/cfg/cfg_struct.h"
#include "core/mod_fix.h"
#include "core/parser/parse_from.h"
#include "core/pt.h"
#include "core/pvar.h"
#include "core/rpc_lookup.h"
#include "core/sr_module.h"

#include "blf.h"
#include "branch.h"
#include "calls.h"
#include "cdr.h"
#include "contacts.h"
#include "context.h"
#include "cursor_key.h"
#include "execute.h"
#include "gateways.h"
#include "inside.h"
#include "legs.h"
#include "limits.h"
#include "loader.h"
#include "metrics.h"
#include "music.h"
#include "rpc.h"
#include "snapshot.h"
#include "source.h"
#include "takeover.h"
#include "timeline.h"
#include "tm_api.h"

MODULE_VERSION

struct tm_binds cx_tm;
uac_api_t cx_uac;
dispatcher_api_t cx_dispatcher;
uint8_t cx_cursor_key[32];

/* Script functions: >0 true, <0 false; 0 would stop the script. */

static int w_trunk(struct sip_msg *msg, char *p1, char *p2)
{
    (void)p1;
    (void)p2;
    return cx_source_trunk(msg) ? 1 : -1;
}

static int w_inside(struct sip_msg *msg, char *p1, char *p2)
{
    (void)p1;
    (void)p2;
    return cx_inside(msg) ? 1 : -1;
}

static int w_reply(struct sip_msg *msg, char *p1, char *p2)
{
    (void)p1;
    (void)p2;
    cx_calls_reply(msg);
    return 1;
}

/* cx_hold("1"): the sender holds; cx_hold("0"): it does not. True: something has changed. */
static int w_hold(struct sip_msg *msg, char *on, char *p2)
{
    str text = {0};

    (void)p2;
    if (get_str_fparam(&text, msg, (fparam_t *)on) < 0 || parse_headers(msg, HDR_EOH_F, 0) < 0 ||
        !msg->callid || parse_from_header(msg) < 0)
        return -1;
    return cx_calls_hold(cx_str_of(msg->callid->body), cx_str_of(get_from(msg)->tag_value),
                         text.len == 1 && text.s[0] == '1')
               ? 1
               : -1;
}

/* REFER: true: pass it on; else it has been refused. */
static int w_refer(struct sip_msg *msg, char *p1, char *p2)
{
    const int code = cx_takeover_refer(msg);

    (void)p1;
    (void)p2;
    if (code)
        cx_tm.t_reply(msg, (unsigned)code,
                      code == 501   ? "The other side can't be transferred"
                      : code == 403 ? "Not allowed"
                      : code == 481 ? "No such call"
                                    : "Bad Request");
    return code ? -1 : 1;
}

static int w_device(struct sip_msg *msg, char *p1, char *p2)
{
    (void)p1;
    (void)p2;
    return cx_source_device(msg) == 0 ? 1 : -1;
}

static int w_route(struct sip_msg *msg, char *p1, char *p2)
{
    (void)p1;
    (void)p2;
    return cx_execute_first(msg);
}

static int w_next(struct sip_msg *msg, char *p1, char *p2)
{
    (void)p1;
    (void)p2;
    return cx_execute_next(msg);
}

static int w_branch(struct sip_msg *msg, char *p1, char *p2)
{
    (void)p1;
    (void)p2;
    return cx_branch(msg);
}

static int w_registered(struct sip_msg *msg, char *p1, char *p2)
{
    const struct cx_source *source = cx_source_get(msg);

    (void)p1;
    (void)p2;
    return source && cx_loader_registered(source->account, source->device) ? 1 : -1;
}

/* The text of a variable; empty when it is null, as quality is when rtpengine had no valid RTCP. */
static struct cx_str text_of_variable(struct sip_msg *msg, char *spec)
{
    pv_value_t value;

    if (pv_get_spec_value(msg, (pv_spec_t *)spec, &value) < 0 || !(value.flags & PV_VAL_STR) ||
        (value.flags & PV_VAL_NULL))
        return (struct cx_str){0};
    return cx_str_of(value.rs);
}

/* cx_hangup(cause, $mos, $jitter, $loss) */
static int w_hangup(struct sip_msg *msg, char *cause, char *mos, char *jitter, char *loss)
{
    char text[48];
    str c = {0};

    if (get_str_fparam(&c, msg, (fparam_t *)cause) < 0)
        return -1;
    CX_COPY(text, cx_str_of(c));
    cx_cdr_end(msg, text, text_of_variable(msg, mos), text_of_variable(msg, jitter),
               text_of_variable(msg, loss));
    return 1;
}

static int fixup_hangup(void **param, int number)
{
    return number == 1 ? fixup_var_pve_str_12(param, 1) : fixup_pvar_null(param, 1);
}

static cmd_export_t commands[] = {
    {"cx_trunk", (cmd_function)w_trunk, 0, 0, 0, REQUEST_ROUTE},
    {"cx_inside", (cmd_function)w_inside, 0, 0, 0, REQUEST_ROUTE},
    {"cx_reply", (cmd_function)w_reply, 0, 0, 0, ONREPLY_ROUTE},
    {"cx_hold", (cmd_function)w_hold, 1, fixup_spve_null, 0, REQUEST_ROUTE},
    {"cx_refer", (cmd_function)w_refer, 0, 0, 0, REQUEST_ROUTE},
    {"cx_device", (cmd_function)w_device, 0, 0, 0, REQUEST_ROUTE},
    {"cx_route", (cmd_function)w_route, 0, 0, 0, REQUEST_ROUTE},
    {"cx_next", (cmd_function)w_next, 0, 0, 0, FAILURE_ROUTE},
    {"cx_branch", (cmd_function)w_branch, 0, 0, 0, BRANCH_ROUTE},
    {"cx_registered", (cmd_function)w_registered, 0, 0, 0, REQUEST_ROUTE},
    {"cx_hangup", (cmd_function)(void (*)(void))w_hangup, 4, fixup_hangup, 0, ANY_ROUTE},
    {0, 0, 0, 0, 0, 0},
};

static param_export_t params[] = {
    {"config_file", PARAM_STRING, &cx_loader_config.config_file},
    {"images", PARAM_STRING, &cx_loader_config.images},
    {"journal", PARAM_STRING, &cx_loader_config.journal},
    {"poll_ms", INT_PARAM, &cx_loader_config.poll_ms},
    {"device_silence_ms", INT_PARAM, &cx_execute_config.device_silence_ms},
    {"gateway_silence_ms", INT_PARAM, &cx_execute_config.gateway_silence_ms},
    {"worker_silence_ms", INT_PARAM, &cx_execute_config.worker_silence_ms},
    {"gateway_list", PARAM_STRING, &cx_gateways_config.list_file},
    {"gateway_set", INT_PARAM, &cx_gateways_config.set},
    {"hold_music", PARAM_STRING, &cx_music_default},
    {"limits_dry_run", INT_PARAM, &cx_limits_dry_run},
    {"worker_set", INT_PARAM, &cx_execute_config.worker_set},
    {"worker_algorithm", INT_PARAM, &cx_execute_config.worker_algorithm},
    {0, 0, 0},
};

/* $cx(name) */

enum {
    PV_HA1,
    PV_USERNAME,
    PV_ACCOUNT,
    PV_DEVICE,
    PV_INTERACTION,
    PV_SERVICE,
    PV_MAX_CALLS,
    PV_EMERGENCY,
    PV_INSIDE,
    PV_LEG,
    PV_AFFINITY,
    PV_WAITING,
    PV_MUSIC,
};

static const char *const pv_names[] = {
    [PV_HA1] = "ha1",
    [PV_USERNAME] = "username",
    [PV_ACCOUNT] = "account",
    [PV_DEVICE] = "device",
    [PV_INTERACTION] = "interaction",
    [PV_SERVICE] = "service",
    [PV_MAX_CALLS] = "max_calls",
    [PV_EMERGENCY] = "emergency",
    [PV_INSIDE] = "inside",
    [PV_LEG] = "leg",
    [PV_AFFINITY] = "affinity",
    [PV_WAITING] = "waiting",
    [PV_MUSIC] = "music",
};

static int pv_parse_name(pv_spec_t *spec, str *in)
{
    for (size_t i = 0; i < sizeof(pv_names) / sizeof(*pv_names); i++)
        if ((int)strlen(pv_names[i]) == in->len &&
            memcmp(pv_names[i], in->s, (size_t)in->len) == 0) {
            spec->pvp.pvn.type = PV_NAME_INTSTR;
            spec->pvp.pvn.u.isname.name.n = (int)i;
            return 0;
        }
    LM_ERR("$cx(%.*s) is not known\n", in->len, in->s);
    return -1;
}

static int give_text(struct sip_msg *msg, pv_param_t *param, pv_value_t *value, struct cx_str text)
{
    str s = {(char *)text.s, (int)text.len};

    return text.len ? pv_get_strval(msg, param, value, &s) : pv_get_null(msg, param, value);
}

static int give_id(struct sip_msg *msg, pv_param_t *param, pv_value_t *value, struct cx_id id)
{
    static char hex[33];

    if (cx_id_is_zero(id))
        return pv_get_null(msg, param, value);
    cx_id_format(id, hex);
    return give_text(msg, param, value, (struct cx_str){hex, 32});
}

/* -1: no limit. */
static int max_calls(const struct cx_context *ctx)
{
    const struct cx_image *image;
    int n = -1;

    if (!ctx)
        return n;
    cx_snapshot_enter();
    image = cx_snapshot_by_id(ctx->account);
    if (image)
        n = cx_image_max_calls(image);
    cx_snapshot_leave();
    return n;
}

/* Which kind is the branch that this branch route, or this reply, is about? */
static struct cx_str leg_of(const struct sip_msg *msg, const struct cx_context *ctx)
{
    const struct cell *t = cx_tm.t_gett();
    struct cx_str ruid = cx_str_of(msg->ruid);
    int branch, leg;

    if (!ctx || !t || t == T_UNDEFINED)
        return (struct cx_str){0};
    if (msg->first_line.type == SIP_REPLY) {
        branch = cx_tm.t_gett_branch();
        if (branch < 0 || branch >= t->nr_of_outgoings)
            return (struct cx_str){0};
        ruid = cx_str_of(t->uac[branch].ruid);
    }
    if (!cx_leg_is_loop(ruid))
        return (struct cx_str){0};
    leg = cx_leg_of(ctx, ruid);
    return leg >= 0 && ctx->legs[leg].ignore_early_media ? (struct cx_str){"quiet loop", 10}
                                                         : (struct cx_str){"loop", 4};
}

/* Of the party whose request this is, or is replied to. */
static struct cx_str music(struct sip_msg *msg)
{
    static struct cx_live call;
    const struct cx_party *holder;
    struct cx_str tag;

    if (parse_headers(msg, HDR_EOH_F, 0) < 0 || !msg->callid || parse_from_header(msg) < 0 ||
        !cx_calls_find(cx_str_of(msg->callid->body), &call))
        return (struct cx_str){0};
    tag = cx_str_of(get_from(msg)->tag_value);
    holder = strlen(call.caller.tag) == tag.len && memcmp(call.caller.tag, tag.s, tag.len) == 0
                 ? &call.caller
                 : &call.callee;
    if (cx_id_is_zero(holder->device)) /* a carrier has its own */
        return (struct cx_str){0};
    return cx_music_file(holder->device, holder->owner, call.account);
}

static const struct cx_str inside_names[] = {
    [CX_INSIDE_NOT] = {NULL, 0},
    [CX_INSIDE_CONTINUE] = {"continue", 8},
    [CX_INSIDE_FORWARD] = {"forward", 7},
    [CX_INSIDE_LOOP] = {"loop", 4},
};

static int pv_get_cx(struct sip_msg *msg, pv_param_t *param, pv_value_t *value)
{
    const struct cx_source *source = cx_source_get(msg);
    const struct cx_context *ctx = cx_context_get();

    switch (param->pvn.u.isname.name.n) {
    case PV_HA1:
        return give_text(msg, param, value, cx_source_ha1(msg));
    case PV_USERNAME:
        return give_text(msg, param, value, cx_source_username(msg));
    case PV_ACCOUNT:
        return give_id(msg, param, value,
                       ctx      ? ctx->account
                       : source ? source->account
                                : (struct cx_id){{0}});
    case PV_DEVICE:
        return give_id(msg, param, value, source ? source->device : (struct cx_id){{0}});
    case PV_INTERACTION:
        return give_id(msg, param, value, ctx ? ctx->interaction : (struct cx_id){{0}});
    case PV_MAX_CALLS:
        return pv_get_sintval(msg, param, value, max_calls(ctx));
    case PV_INSIDE:
        return give_text(msg, param, value,
                         inside_names[ctx      ? ctx->inside
                                      : source ? source->inside
                                               : CX_INSIDE_NOT]);
    case PV_LEG:
        return give_text(msg, param, value, leg_of(msg, ctx));
    case PV_AFFINITY:
        return give_text(msg, param, value,
                         ctx ? (struct cx_str){ctx->affinity, (uint32_t)strlen(ctx->affinity)}
                             : (struct cx_str){0});
    case PV_MUSIC:
        return give_text(msg, param, value, music(msg));
    case PV_WAITING:
        return pv_get_sintval(msg, param, value, ctx && ctx->waiting);
    case PV_EMERGENCY:
        return pv_get_sintval(msg, param, value, ctx && ctx->emergency);
    default:
        return ctx && ctx->kind == CX_STEP_SERVICE
                   ? give_text(msg, param, value,
                               (struct cx_str){ctx->service, (uint32_t)strlen(ctx->service)})
                   : pv_get_null(msg, param, value);
    }
}

static pv_export_t variables[] = {
    {{"cx", sizeof("cx") - 1}, PVT_OTHER, pv_get_cx, 0, pv_parse_name, 0, 0, 0},
    {{0, 0}, 0, 0, 0, 0, 0, 0, 0},
};

static int mod_init(void)
{
    int err;

    if (load_tm_api(&cx_tm) < 0 || load_uac_api(&cx_uac) < 0 ||
        dispatcher_load_api(&cx_dispatcher) < 0) {
        LM_ERR("tm, uac and dispatcher must be loaded before this module\n");
        return -1;
    }
    if (!cx_loader_config.config_file || !cx_loader_config.images || !cx_loader_config.journal) {
        LM_ERR("modparams config_file, images and journal must be set\n");
        return -1;
    }
    if (cx_gateways_init() < 0 || cx_metrics_init() < 0 || cx_snapshot_init() < 0 ||
        cx_timeline_init() < 0 || cx_calls_init() < 0 || cx_limits_init() < 0 ||
        cx_takeover_init() < 0 || cx_music_init() < 0)
        return -1;
    err = cx_cdr_init(cx_loader_config.journal);
    if (err < 0) {
        LM_ERR("journal %s: %s\n", cx_loader_config.journal, strerror(-err));
        return -1;
    }
    if (cx_contacts_init(cx_loader_config.journal) < 0 || cx_loader_init() < 0 ||
        rpc_register_array(cx_rpc_table) != 0)
        return -1;
    register_procs(3);
    cfg_register_child(3);
    return 0;
}

static int start(char *name, void (*run)(void))
{
    int pid = fork_process(PROC_TIMER, name, 1);

    if (pid == 0 && cfg_child_init() == 0)
        run(); /* returns only when it cannot go on */
    return pid > 0 ? 0 : -1;
}

static int child_init(int rank)
{
    if (rank != PROC_MAIN)
        return 0;
    return start("centrex loader", cx_loader_run) < 0 ||
                   start("centrex timeline", cx_timeline_run) < 0 ||
                   start("centrex lamps", cx_blf_run) < 0
               ? -1
               : 0;
}

struct module_exports exports = {
    .name = "centrex",
    .dlflags = DEFAULT_DLFLAGS,
    .cmds = commands,
    .params = params,
    .pv_items = variables,
    .init_mod_f = mod_init,
    .init_child_f = child_init,
};
