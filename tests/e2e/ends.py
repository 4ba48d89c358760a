"""How calls end that cannot be put through: the right SIP code or the right prompt, and a record that says why.
SPDX-License-Identifier: GPL-2.0-or-later"""
import time

import audio
from stack import wait_for
from tenant import ApiError


def unknown_extension_in_a_tenant_without_outside_line(w):
    """umbra has no no_match callflow: 404. (Its own phone calls, so it is allowed to notice.)"""
    call = w.bystander.phones[0].call("299")
    assert call.final(10) == 404, call.code
    w.other.wait_cdr(call)
    w.bystander.remember()


def unknown_extension_that_no_carrier_takes(w):
    call = w.alice.call("299")
    assert call.final(20) == 404, call.code
    assert w.acme.wait_cdr(call)[0]["sip_code"] == 404
    assert all(c.quiet() for c in w.carriers)


def wrong_password(w):
    """Neither registers nor calls."""
    wrong = type(w.alice)(w.stack.address(), w.stack.server, "alice", w.acme.realm, "not-it", name="wrong")
    try:
        assert wrong.register() == 403
        assert wrong.call("202").final(8) == 403
        assert w.bob.quiet(0.2)
    finally:
        wrong.close()


def unknown_user_name(w):
    nobody = type(w.alice)(w.stack.address(), w.stack.server, "nobody", w.acme.realm, "x", name="nobody")
    try:
        assert nobody.register() == 403
    finally:
        nobody.close()


def disabled_device(w):
    """Registered, then disabled: its calls are refused, it gets none, it cannot register again."""
    device = w.acme.device(w.acme.bob, "bobold")
    phone = w.acme.phone(device=device)
    try:
        w.stack.api.patch(f"{w.acme.at}/devices/{device.id}", {"enabled": False})
        w.acme.in_force()
        assert phone.register() == 403
        assert phone.call("201").final(8) == 403
        call = w.alice.call("202")
        w.bob.wait_call().ring()
        call.expect(180)
        assert phone.quiet(0.3), "a disabled device rang"
        call.cancel()
        call.final(5)
    finally:
        phone.close()
        w.stack.api.delete(f"{w.acme.at}/devices/{device.id}")


def user_without_registered_phone_and_without_box(w):
    dora = w.acme.user("Dora", "Dunne", "204", box=False)
    w.acme.in_force()
    call = w.alice.call("204")
    code = call.final(10)
    assert code == 480, code
    row = w.acme.wait_cdr(call)[0]
    assert row["sip_code"] == 480 and row["answer_ms"] is None, row
    assert dora


def busy_user_without_box(w):
    eve = w.acme.user("Eve", "Egan", "205", box=False)
    phone = w.acme.phone(eve, policy=486)
    w.acme.in_force()
    try:
        call = w.alice.call("205")
        assert call.final(10) == 486, call.code
        assert w.acme.wait_cdr(call)[0]["hangup_cause"] == "USER_BUSY"
    finally:
        phone.close()


def restricted_class_is_refused(w):
    """International denied for the account: no carrier hears of it; the caller gets a prompt or 403."""
    w.stack.api.patch(w.acme.at, {"call_restriction": {"international": {"action": "deny"}}})
    try:
        w.acme.in_force()
        call = w.alice.call("00442079460000")
        code = call.final(20)
        assert code == 403, code
        prompt = audio.loud_seconds(call.audio.recording(call.started)) if call.audio else 0
        assert prompt > 0.5, f"the refusal was not spoken ({prompt} s of sound)"
        assert all(c.quiet() for c in w.carriers)
        assert w.acme.wait_cdr(call)[0]["sip_code"] == 403
    finally:
        w.stack.api.patch(w.acme.at, {"call_restriction": None})
        w.acme.in_force()


def one_worker_down_the_other_answers(w):
    """kill -9 of an idle worker: the next calls go to the other, at once or after one failed try."""
    w.stack.ctl("kill", "media0")
    try:
        for _ in range(3):
            call = w.alice.call("203")
            call.wait_up(10)
            time.sleep(0.3)
            call.bye()
    finally:
        w.stack.ctl("start", "media0")
        w.stack.up("media0")


def all_workers_down(w):
    """No voicemail then: a clear final code, quickly, and phones still ring."""
    for part in ("media0", "media1"):
        w.stack.ctl("kill", part)
    try:
        call = w.alice.call("203")
        assert call.final(15) in (480, 503), call.code
        call = w.alice.call("202")
        w.bob.wait_call().ring()
        call.expect(180)
        w.bob.calls[call.call_id].answer()
        call.wait_up().hears(660)
        call.bye()
    finally:
        for part in ("media0", "media1"):
            w.stack.ctl("start", part)
            w.stack.up(part)
    wait_for("workers back in use", lambda: _works(w), 20)


def _works(w):
    call = w.alice.call("203")
    code = call.final(15)
    if code == 200:
        time.sleep(0.3)
        call.bye()
    return code == 200


def response_node(w):
    """A callflow that answers with a code of its own."""
    w.acme.callflow(["299001"], {"module": "response", "data": {"code": 410, "message": "Moved away"}, "children": {}})
    w.acme.in_force()
    call = w.alice.call("299001")
    assert call.final(10) == 410, call.code


def a_callflow_in_a_circle_ends(w):
    """Two callflows that lead to each other: a clear final answer, within seconds."""
    first = w.acme.callflow(["299010"], {"module": "response", "data": {"code": 404}, "children": {}})
    try:
        second = w.acme.callflow(["299011"], {"module": "callflow", "data": {"id": first}, "children": {}})
        w.stack.api.patch(f"{w.acme.at}/callflows/{first}",
                          {"flow": {"module": "callflow", "data": {"id": second}, "children": {}}})
    except ApiError as e:
        assert e.code == 400, e  # refusing it when it is saved is right too
        return
    w.acme.in_force()
    assert w.alice.call("299010").final(10) >= 400
    w.stack.api.delete(f"{w.acme.at}/callflows/{second}")
    w.stack.api.delete(f"{w.acme.at}/callflows/{first}")


TESTS = [unknown_extension_in_a_tenant_without_outside_line, unknown_extension_that_no_carrier_takes, wrong_password,
         unknown_user_name, disabled_device, user_without_registered_phone_and_without_box, busy_user_without_box,
         restricted_class_is_refused, response_node, a_callflow_in_a_circle_ends, one_worker_down_the_other_answers,
         all_workers_down]
