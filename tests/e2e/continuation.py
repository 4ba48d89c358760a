"""A worker that answered goes on with the callflow: signed cursor and outcome by a new INVITE. The worker is played by
the test. SPDX-License-Identifier: GPL-2.0-or-later"""
from worker import FakeWorker


def _flow(w, number, menu_number):
    """A service with children by key."""
    child = {"module": "user", "data": {"id": w.acme.bob.id, "timeout": 5}, "children": {}}
    other = {"module": "response", "data": {"code": 486, "message": "Busy Here"}, "children": {}}
    flow = w.acme.callflow([number], {"module": "play", "data": {"id": "system_media/vm-goodbye"},
                                      "children": {"_": other, "1": child}})
    menu = w.stack.api.put(f"{w.acme.at}/menus", {"name": "dial", "timeout": 3000, "hunt": True})["id"]
    w.acme.callflow([menu_number], {"module": "menu", "data": {"id": menu}, "children": {}})
    w.acme.in_force()
    return flow


def a_worker_continues_the_tree_after_it_answered(w):
    """Key 1 rings Bob with the first caller's ID; an unknown key takes the default child; `dial` takes an extension."""
    _flow(w, "310", "311")
    with FakeWorker(w.stack, freq=880) as worker:
        call = w.alice.call("310")
        service = worker.wait_call()
        assert worker.service(service)[0] == "play", service.invite.headers
        service.answer()
        call.wait_up()
        on = worker.goes_on(service, "continue;key=1")
        bob = w.bob.wait_call()
        assert bob.caller == ("Alice Archer", "201"), bob.caller
        assert not bob.invite.get("X-Centrex-Cursor"), "the phone sees our headers"
        bob.ring()
        on.expect(180)
        bob.answer()
        on.wait_up().hears(660)
        bob.hears(880)
        on.bye()
        bob.wait_end()
        assert worker.goes_on(service, "continue;key=7").final() == 486
        menu = w.alice.call("311")
        asked = worker.wait_call()
        assert worker.service(asked)[0] == "menu", asked.invite.headers
        asked.answer()
        typed = worker.goes_on(asked, "continue;key=_;dial=202")
        bob = w.bob.wait_call()
        assert bob.caller[1] == "201", bob.caller
        bob.ring()
        typed.expect(180)
        typed.cancel()
        typed.final()
        bob.wait_end()
        assert worker.goes_on(asked, "continue;dial=999").final() == 404
        assert worker.goes_on(service, "continue;dial=202").final() == 404, "no menu, and yet a number was taken"
        menu.bye()
        asked.wait_end()
        row = w.acme.wait_cdr(on)[0]
        call.bye()
        service.wait_end()
        ids = {r["interaction_id"] for r in (row, w.acme.wait_cdr(call)[0])}
        assert len(ids) == 1, "the legs are one interaction"
        assert row["owner_id"] == w.acme.alice.id and row["callee_owner_id"] == w.acme.bob.id, row


def nobody_else_may_continue_a_tree(w):
    """A cursor that is not ours, and a good one from a phone's address, are refused."""
    with FakeWorker(w.stack) as worker:
        call = w.alice.call("310")
        service = worker.wait_call()
        good = service.invite.get("X-Centrex-Cursor")
        bad = good[:10] + ("A" if good[10] != "A" else "B") + good[11:]
        assert worker.goes_on(service, "continue;key=1", cursor=bad).final() == 403
        assert worker.call(f"sip:continue@{w.stack.ip}:5060").final() == 403
        thief = w.bob.call(f"sip:continue@{w.stack.ip}:5060", headers=[
            ("X-Centrex-Cursor", good), ("X-Centrex-Outcome", "continue;key=1"),
            ("X-Centrex-Account", service.invite.get("X-Centrex-Account")), ("X-Centrex-Call", "0" * 32)])
        thief_went_on = thief.final_or_call(w.bob, 5) if thief.code is None else False
        assert not thief_went_on, "a phone continued another's call"
        thief.cancel()
        service.reject(480)
        call.final()
        while not worker.incoming.empty():
            worker.incoming.get().reject(404)


TESTS = [a_worker_continues_the_tree_after_it_answered, nobody_else_may_continue_a_tree]
