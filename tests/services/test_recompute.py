"""A recompute that is killed half way, again and again: in the end everything is as if nobody had disturbed it."""

MODULE = "from tests.services import recompute\n"


def test_a_killed_run_ends_as_an_undisturbed_one(installation):
    with installation.broker_away():  # nobody else to score anything
        installation.python(f"{MODULE}recompute.prepare(120)")
        expected = installation.python(f"{MODULE}answer = recompute.undisturbed()")
        found = installation.python(f"{MODULE}answer = recompute.killed_until_done(40, {expected['seconds']})")

    assert found["kills"] >= 3
    assert found["runs"] == 1
    assert found["outcome"] == expected["outcome"]
    assert len(found["outcome"]) > 240  # accounts and their snapshots, and whose band has changed
