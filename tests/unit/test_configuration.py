"""What a person sees, tries and changes of the settings."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from admin_app.checkup import Finding, Grade
from admin_app.configuration import Configuration
from shared.errors import BadInput, Problem, RedisUnreachable
from shared.settings import PASSWORD_VARIABLE, Program, Settings, Source
from shared.sources import Sources
from tests.unit.test_sources import ME

FINE = Finding("connection", Grade.GOOD, "Redis answers.")


class Server:
    """What stands behind the configuration: remembers as what it was looked at."""

    def __init__(self) -> None:
        self.looked: list[tuple[Settings, Mapping[str, str]]] = []

    def check(self, settings: Settings, environ: Mapping[str, str]) -> None:
        if not settings.redis_url.startswith("redis"):
            raise BadInput([Problem("redis_url", "No address.")])

    async def look(self, settings: Settings, environ: Mapping[str, str]) -> Sequence[Finding]:
        self.looked.append((settings, environ))
        if "nowhere" in settings.redis_url:
            raise RedisUnreachable("nowhere:6379", "Nothing answers.")
        return [FINE]


def configuration(
    folder: Path, server: Server, environ: Mapping[str, str] | None = None, **policy: object
) -> Configuration:
    policies = folder / "policies"
    policies.mkdir(mode=0o755, exist_ok=True)
    path = policies / "all.json"
    path.write_text(json.dumps(policy), encoding="utf-8")
    path.chmod(0o644)
    sources = Sources(
        Program.CONSOLE,
        {},
        environ or {},
        folder / "config" / "siaran.toml",
        policy_folder=policies,
        system_uids=ME,
    )
    return Configuration(
        sources, folder / "data", environ or {}, check=server.check, look=server.look
    )


def test_every_setting_of_the_console_is_there_with_its_source(tmp_path: Path) -> None:
    now = configuration(tmp_path, Server(), {"SIARAN_SENDER": "HQ"}, theme="dark")
    entries = {entry.info.name: entry for entry in now.entries()}
    assert entries["theme"].source is Source.POLICY
    assert not entries["theme"].editable
    assert entries["sender"].source is Source.ENVIRONMENT
    assert not entries["sender"].editable
    assert entries["redis_url"].source is Source.DEFAULT
    assert entries["redis_url"].editable
    assert not entries["retention_hours"].editable  # for IT only
    assert "channels" not in entries  # the tray's


def test_what_is_saved_is_in_force_and_can_be_taken_back(tmp_path: Path) -> None:
    now = configuration(tmp_path, Server())
    saved: list[None] = []
    now.saved.connect(lambda: saved.append(None))
    now.save({"redis_url": "redis://hq:1"})
    again = configuration(tmp_path, Server())
    assert again.settings.redis_url == "redis://hq:1"
    assert again.entry("redis_url").own
    assert again.has_address
    assert saved == [None]
    again.save({"redis_url": None})
    assert not configuration(tmp_path, Server()).has_address


def test_wrong_input_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    now = configuration(tmp_path, Server(), theme="dark")
    with pytest.raises(BadInput) as caught:
        now.save({"sender": "x" * 200, "redis_url": "http://x"})
    assert [problem.field for problem in caught.value.problems] == ["sender"]
    assert "at most" in str(caught.value)
    with pytest.raises(BadInput, match="No address"):
        now.save({"redis_url": "http://x"})
    with pytest.raises(BadInput, match="cannot be changed here"):
        now.save({"theme": "light"})
    assert not (tmp_path / "config").exists()


async def test_a_look_uses_what_was_typed_and_keeps_the_password_to_itself(tmp_path: Path) -> None:
    server = Server()
    now = configuration(tmp_path, server)
    assert await now.look({"redis_url": "redis://hq"}, "secret") == [FINE]
    settings, environ = server.looked[0]
    assert settings.redis_url == "redis://hq"
    assert environ[PASSWORD_VARIABLE] == "secret"
    assert PASSWORD_VARIABLE not in now.environ
    assert not (tmp_path / "config").exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [({"redis_url": "redis://nowhere"}, "Nothing answers"), ({"redis_url": "x"}, "No address")],
)
async def test_a_look_that_fails_is_a_finding(
    tmp_path: Path, changes: dict[str, str], sentence: str
) -> None:
    findings = await configuration(tmp_path, Server()).look(changes)
    assert [one.grade for one in findings] == [Grade.BAD]
    assert sentence in findings[0].sentence


@pytest.mark.parametrize("wrong", [{"ca_file": "%APPDATA%/ca.pem"}, {"namespace": 5}])
async def test_nothing_is_tried_without_what_it_has_set_and_cannot_be_used(
    tmp_path: Path, wrong: dict[str, object]
) -> None:
    server = Server()
    now = configuration(tmp_path, server, {"APPDATA": "/mine"}, **wrong)
    [finding] = await now.look({"sender": "HQ"})
    assert finding.grade is Grade.BAD
    assert next(iter(wrong)) in finding.sentence
    assert server.looked == []
    now.save({"sender": "HQ"})  # which has nothing to do with it


def test_a_password_goes_into_its_own_file_and_never_into_the_settings(tmp_path: Path) -> None:
    now = configuration(tmp_path, Server())
    assert now.password_editable()
    now.save({}, "rahasia")
    text = (tmp_path / "config" / "siaran.toml").read_text(encoding="utf-8")
    assert "rahasia" not in text
    again = configuration(tmp_path, Server())
    assert Path(again.settings.password_file).read_text(encoding="utf-8") == "rahasia\n"
    assert again.password_given


def test_a_password_of_the_environment_goes_first(tmp_path: Path) -> None:
    now = configuration(tmp_path, Server(), {PASSWORD_VARIABLE: "x"})
    assert now.password_given
    assert not now.password_editable()
