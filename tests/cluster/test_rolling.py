"""A rolling change: every proxy, every PostgREST and a function of the database, one by one, under followers."""

import re
from uuid import uuid4

from addresses import conninfo
from cluster.whole import Cluster, Node
from stack.health import status_of
from stack.process import Program, end
from tests.cluster.test_faults import busy
from tests.dba.test_rework import documented, succeeds
from tests.support.long import long
from tests.support.waiting import wait_until
from tests.support.workplace import workplace

pytestmark = long

# The steps of docs/dba.md, by what is in them: rework, freeze the old body, deploy with a way back and forth.
STEPS = ["sqitch rework", "for script in", "sqitch revert"]


def replace(running: Cluster, node: Node, program: Program) -> None:
    """Ends a part of a node, which its supervisor starts again, and waits until it gets polls again."""
    end(program.process)
    # /ready may be a second old; this asks the tables.
    unknown = f"{node.proxy_url}/api/v2/sessions/{uuid4()}/events"
    wait_until(lambda: status_of(unknown) == 404, f"{node.name} answers")
    wait_until(lambda: not is_out(running, node), f"HAProxy sees {node.name}")


def is_out(running: Cluster, node: Node) -> bool:
    """Whether HAProxy sends a node no polls, by the last word about it in its log."""
    words = re.findall(rf"Server proxies/{node.name} is (UP|DOWN)", running.haproxy.log_path.read_text())
    return bool(words) and words[-1] == "DOWN"


def rework(url: str) -> None:
    """Ships a changed function as docs/dba.md says, takes it back, and ships it again."""
    with workplace() as copy:
        variables = conninfo.environment(url)
        copy.bash("".join(f"export {name}='{value}'\n" for name, value in variables.items()))
        for step in STEPS:
            succeeds(copy, documented(step))


def test_a_rolling_change_refuses_no_poll(whole: Cluster) -> None:
    """Whatever is replaced one by one behind HAProxy should cost no poll."""
    with busy(whole, "rolling change") as at_work:
        for node in whole.nodes.values():
            replace(whole, node, node.proxy)
        for node in whole.nodes.values():
            replace(whole, node, node.postgrest)
        rework(whole.writer_url)
    assert {status for follower in at_work.followers for status in follower.statuses} == {"200"}
