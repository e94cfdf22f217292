"""There and back: what migrations make, and that nothing of it stays."""

from stack import migrations
from stack.binaries import REPOSITORY
from stack.migrations import changes
from tests.migrations.scripts import dump, fingerprint, run, script


def test_deploy_again(deployed: str) -> None:
    """Deploy, revert, deploy should give the same schema as deploy, and the revert an empty database."""
    before = dump(deployed)
    migrations.revert(deployed)
    assert [line for line in fingerprint(deployed) if "events" in line and not line.startswith("role ")] == []
    migrations.deploy(deployed)
    assert dump(deployed) == before


def test_deploy_of_deployed(deployed: str) -> None:
    """Deploying what is already deployed should change nothing."""
    before = dump(deployed)
    migrations.deploy(deployed)
    assert dump(deployed) == before


def test_each_step_back(empty: str, deployed_template: str) -> None:
    """Each revert script should take away exactly what its deploy script made."""
    assert deployed_template  # its use of the roles is why they stay here
    states = [fingerprint(empty)]
    for change in changes():
        run(empty, script("deploy", change))
        states.append(fingerprint(empty))
    for change in reversed(changes()):
        states.pop()
        run(empty, script("revert", change))
        assert fingerprint(empty) == states[-1], f"after the revert of {change}"


def test_sources_are_what_is_deployed(deployed: str) -> None:
    """Running every file of db/functions and db/indexes on a migrated database should change nothing."""
    before = dump(deployed)
    for directory in ("functions", "indexes"):
        for file in sorted((REPOSITORY / "db" / directory).glob("*.sql")):
            run(deployed, file)
    assert dump(deployed) == before
