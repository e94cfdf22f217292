"""A rolling change: every proxy, every PostgREST and a function of the database, one by one, under followers."""

import os

import pytest

from addresses import conninfo
from cluster.whole import Cluster, Node
from stack.health import healthy
from stack.process import Program, end
from tests.cluster.test_faults import busy
from tests.dba.test_rework import documented, succeeds
from tests.support.waiting import wait_until
from tests.support.workplace import workplace

pytestmark = pytest.mark.skipif(not os.environ.get("LONG"), reason="the long profile (LONG=1) changes a cluster")

# The steps of docs/dba.md, by what is in them: rework, freeze the old body, deploy with a way back and forth.
STEPS = ["sqitch rework", "for script in", "sqitch revert"]


def replace(node: Node, program: Program) -> None:
    """Ends a part of a node as its service manager does, starts it again, and waits until the node is ready."""
    end(program.process)
    program.start_again()
    wait_until(lambda: healthy(node.proxy_url), f"{node.name} is ready")


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
            replace(node, node.proxy)
        for node in whole.nodes.values():
            replace(node, node.postgrest)
        rework(whole.writer_url)
    assert {status for follower in at_work.followers for status in follower.statuses} == {"200"}
