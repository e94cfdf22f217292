"""What a recorded command leaves in the database and in the terminal."""

import os
import sys
from datetime import timedelta

from recorder.lines import MAX_LINE_BYTES
from tests.support.waiting import wait_until

from .conftest import ROOT, Recorders


def test_rows(recorders: Recorders) -> None:
    """A successful command should leave a completed session with one step and its events in order."""
    with recorders.start("--name", "greeting", "--", "sh", "-c", "echo hello; echo 'warning: late'") as recorder:
        recorded = recorder.result()
    session, step = recorded.session, recorded.step
    assert recorded.exit_code == 0
    assert (session["status"], session["session_type"], session["mode"]) == (
        "completed",
        "recorded_command",
        "autonomous",
    )
    assert session["project_path"] == str(ROOT)
    assert session["config"]["command"] == ["sh", "-c", "echo hello; echo 'warning: late'"]
    assert session["result"]["events"] == {"info": 1, "warning": 1, "error": 0}
    assert session["created_at"] < session["updated_at"] == session["completed_at"]
    assert (step["code"], step["name"], step["sequence"], step["status"]) == ("run_command", "greeting", 1, "completed")
    assert step["started_at"] < step["completed_at"]
    assert recorded.types == [
        "session_created",
        "workflow_started",
        "step_started",
        "info",
        "warning",
        "step_completed",
        "workflow_completed",
    ]
    assert {event["step_id"] for event in recorded.events[2:6]} == {step["id"]}
    assert {event["step_id"] for event in (*recorded.events[:2], recorded.events[6])} == {None}


def test_event_data(recorders: Recorders) -> None:
    """Each line should say where and when it came, and the end how it went and how long it took."""
    recorded = recorders.shell("echo one; echo two; echo three >&2")
    assert [(line["event_data"]["stream"], line["event_data"]["line"]) for line in recorded.lines] in (
        [("stdout", 1), ("stdout", 2), ("stderr", 1)],
        [("stderr", 1), ("stdout", 1), ("stdout", 2)],
    )
    elapsed = [line["event_data"]["elapsed_ms"] for line in recorded.lines]
    completed = recorded.events[-2]
    assert elapsed == sorted(elapsed)
    assert completed["event_type"] == "step_completed"
    assert completed["event_data"]["exit_code"] == 0
    assert completed["event_data"]["duration_ms"] >= elapsed[-1]


def test_each_line_is_committed_as_it_comes(recorders: Recorders) -> None:
    """A line should be visible to others while the command still runs, at the time it was written."""
    with recorders.start("--", "sh", "-c", "echo first; read answer; echo $answer") as recorder:
        recorder.wait_for(b"first")
        # the recorder passes a line on before it records it
        wait_until(lambda: any(event["message"] == "first" for event in recorder.events()), "the first line")
        seen = recorder.events()[-1]
        recorder.send_line(b"second")
        recorded = recorder.result()
    assert recorded.messages() == ["first", "second"]
    assert seen == recorded.lines[0]
    assert recorded.session["created_at"] <= seen["timestamp"] <= recorded.session["completed_at"]


def test_output_passes_through(recorders: Recorders) -> None:
    """Both outputs should reach the terminal byte for byte."""
    recorded = recorders.python(r"import os; os.write(1, b'a\0\xff\r\n\x1b[31mred'); os.write(2, b'oops\n')")
    assert recorded.stdout == b"a\0\xff\r\n\x1b[31mred"
    assert b"oops\n" in recorded.stderr


def test_input_passes_through(recorders: Recorders) -> None:
    """The command should read the recorder's input to its end."""
    assert recorders.shell("cat", given=b"a line\nand another\n").messages() == ["a line", "and another"]


def test_messages(recorders: Recorders) -> None:
    """Invalid bytes and NUL should be stored visibly, colours go without hiding the level, a last line count."""
    recorded = recorders.python(r"import os; os.write(1, b'a\0b\xff\n\x1b[31merror:\x1b[0m bad\n10%\r20%\r\nno end')")
    assert recorded.messages() == ["a␀b\\xff", "error: bad", "10%", "20%", "no end"]
    assert recorded.lines[1]["event_type"] == "error"
    assert recorded.lines[2]["event_data"]["redraw"] is True


def test_very_long_line(recorders: Recorders) -> None:
    """A line of a megabyte should be stored in parts that together are the line."""
    recorded = recorders.python("print('é' * 524_288 + 'end')")
    assert "".join(recorded.messages()) == "é" * 524_288 + "end"
    assert [line["event_data"]["part"] for line in recorded.lines] == [1, 2, 3, 4, 5]
    assert [line["event_data"]["continues"] for line in recorded.lines] == [True, True, True, True, False]
    assert {line["event_data"]["line"] for line in recorded.lines} == {1}
    assert all(len(line["message"].encode()) <= MAX_LINE_BYTES for line in recorded.lines)


def test_many_lines(recorders: Recorders) -> None:
    """A fast command should lose no line and keep their order."""
    recorded = recorders.python("for number in range(3000): print(number)")
    assert recorded.messages() == [str(number) for number in range(3000)]


def test_plain_progress(recorders: Recorders) -> None:
    """Without a terminal the recorder should say the session and its URLs, then how it ended."""
    recorded = recorders.shell("echo hello; echo 'error: bad'")
    session_id = recorded.session["id"]
    assert recorded.stderr.decode().splitlines()[:3] == [
        f"recorder: session {session_id}",
        f"recorder: page    http://127.0.0.1:8000/sessions/{session_id}",
        f"recorder: events  http://127.0.0.1:8000/api/v2/sessions/{session_id}/events",
    ]
    assert b"recorder: completed after " in recorded.stderr
    assert recorded.stderr.endswith(b" s: 1 info, 0 warning, 1 error\n")


def test_argument_that_is_not_text(recorders: Recorders) -> None:
    """An argument with invalid bytes should reach the command unchanged and be stored visibly."""
    argument = os.fsdecode(b"caf\xe9")
    with recorders.start("--", sys.executable, "-c", "import sys; print(ascii(sys.argv[1]))", argument) as recorder:
        recorded = recorder.result()
    assert recorded.messages() == [r"'caf\udce9'"]
    assert recorded.session["config"]["command"][-1] == "caf\\xe9"


def test_separator_of_the_command(recorders: Recorders) -> None:
    """Only the first -- should be the recorder's; options after it are the command's."""
    with recorders.start("--", "printf", "%s ", "--", "--name", "x") as recorder:
        assert recorder.result().stdout == b"-- --name x "


def test_long_name_is_cut_to_its_column(recorders: Recorders) -> None:
    """A command longer than a step's name should be recorded, its full text in the step's inputs."""
    script = "echo " + "x" * 400
    recorded = recorders.shell(script)
    assert len(recorded.step["name"]) == 255
    assert recorded.step["inputs"]["command"][2] == script


def test_process_left_behind(recorders: Recorders) -> None:
    """A command that leaves a process with its output open should end the recording soon, with a warning."""
    recorded = recorders.shell("sleep 60 & echo $!")
    os.kill(int(recorded.messages()[0]), 15)
    assert recorded.session["status"] == "completed"
    assert "left behind" in recorded.events[-3]["message"]
    assert recorded.session["completed_at"] - recorded.session["created_at"] < timedelta(seconds=30)


def test_output_of_a_process_that_ends_just_after(recorders: Recorders) -> None:
    """Output that a helper process hands over just after the command ended should be recorded."""
    recorded = recorders.shell("(while kill -0 $$ 2>/dev/null; do :; done; echo late) & exit 0")
    assert recorded.messages() == ["late"]
