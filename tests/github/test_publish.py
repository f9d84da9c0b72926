"""The branch of the built site: what goes there, what is refused, and who meets the token."""

from __future__ import annotations

import base64
import hashlib
import http.server
import os
import subprocess
import threading
from pathlib import Path

import publish
import pytest
from programs import Repository

TOKEN = "ghs_secret"


@pytest.fixture
def built(tmp_path):
    site = tmp_path / "html"
    for name in ("ko/index.html", "en/index.html", "ko/notebooks/rnn.ipynb", "ko/_static/a.css"):
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(name)
    for name in ("index.html", "build.json"):
        (site / name).write_text(name)
    return site


@pytest.fixture
def remote(tmp_path):
    folder = tmp_path / "remote.git"
    git("init", "--bare", "--quiet", folder)
    return folder


def git(*arguments: object) -> str:
    done = subprocess.run(["git", *map(str, arguments)], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def published(remote: Path) -> list[str]:
    if not git("-C", remote, "branch", "--list", "gh-pages"):
        return []
    return git("-C", remote, "ls-tree", "-r", "--name-only", "gh-pages").splitlines()


def change(remote: Path, tmp_path: Path, name: str, content: bytes | None) -> None:
    """Somebody changes a file of the published branch; without content, it is taken away."""
    clone = tmp_path / f"clone-{len(list(tmp_path.iterdir()))}"
    git("clone", "--quiet", "--branch", "gh-pages", remote, clone)
    (clone / name).unlink() if content is None else (clone / name).write_bytes(content)
    git("-C", clone, "add", "--all", "--force")
    who = ("-c", "user.name=A", "-c", "user.email=a@b.c")
    git("-C", clone, *who, "commit", "--quiet", "--message", "by hand")
    git("-C", clone, "push", "--quiet")


def test_the_branch_holds_the_site_in_its_root_and_no_history(built, remote):
    for text in ("first", "second"):
        (built / "index.html").write_text(text)
        publish.publish(built, "gh-pages", str(remote))
    assert git("-C", remote, "show", "gh-pages:index.html") == "second"
    assert git("-C", remote, "rev-list", "--count", "gh-pages") == "1"
    assert {".nojekyll", "ko/notebooks/rnn.ipynb", "ko/_static/a.css"} <= set(published(remote))
    assert not (built / ".git").exists()


@pytest.mark.parametrize(
    ("branch", "lacking", "message"),
    [
        ("main", None, "expected a branch for the built site alone"),
        ("gh-pages", "build.json", "it lacks build.json: run make book"),
    ],
)
def test_sources_are_never_replaced_and_half_a_site_is_not_published(
    built, remote, branch, lacking, message
):
    if lacking:
        (built / lacking).unlink()
    with pytest.raises(RuntimeError, match=message):
        publish.publish(built, branch, str(remote))
    assert git("-C", remote, "branch", "--list") == ""


def test_a_refused_push_is_an_error_with_gits_own_words(built, tmp_path, capsys):
    arguments = [str(built), "--branch", "gh-pages", "--remote", str(tmp_path / "nowhere.git")]
    assert publish.main(arguments) == 1
    assert "git ls-remote: " in capsys.readouterr().err


# What another job built is not trusted

STRANGE = {
    "a link to a file": lambda site, aim: (site / "ko" / "a.txt").symlink_to(aim / "secret"),
    "a link to a folder": lambda site, aim: (site / "ko" / "more").symlink_to(aim),
    "a link with a name of two lines": lambda site, aim: (site / "a\n::error::b").symlink_to(aim),
    "a link that leads nowhere": lambda site, aim: (site / "a").symlink_to(aim / "nowhere"),
    "a link in place of a page": lambda site, aim: (
        (site / "ko" / "index.html").unlink(),
        (site / "ko" / "index.html").symlink_to(aim / "secret"),
    ),
    "a repository": lambda site, aim: git("init", "--quiet", site),
    "a repository in a folder": lambda site, aim: git("init", "--quiet", site / "ko" / "_static"),
    "a repository with capitals": lambda site, aim: (site / "ko" / ".GIT").mkdir(),
    "a file that names one": lambda site, aim: (site / ".git").write_text(f"gitdir: {aim}"),
    "a submodule": lambda site, aim: (site / ".gitmodules").write_text("[submodule]"),
    "attributes": lambda site, aim: (site / ".gitattributes").write_text("* text"),
    "a workflow": lambda site, aim: (site / ".github" / "workflows").mkdir(parents=True),
    "a pipe": lambda site, aim: os.mkfifo(site / "ko" / "pipe"),
}  # fmt: skip


@pytest.mark.parametrize("what", STRANGE)
def test_what_no_built_site_holds_is_refused_by_its_path(built, remote, tmp_path, what, capsys):
    aim = tmp_path / "aim"
    aim.mkdir()
    (aim / "secret").write_text("secret")
    STRANGE[what](built, aim)
    arguments = [str(built), "--branch", "gh-pages", "--remote", str(remote)]
    assert publish.main(arguments) == 1
    said = capsys.readouterr().err
    assert said.startswith(str(built)) and "which no built site has: run make clean" in said
    assert said.count("\n") == 1
    assert published(remote) == []


@pytest.mark.parametrize("name", [".g\u200cit", "git~1", ".git ", ".git...", "ko/.GiT"])
def test_a_name_that_another_system_takes_for_a_repository_is_refused(built, remote, name):
    (built / name).mkdir()
    (built / name / "config").write_text("[core]\n")
    with pytest.raises(RuntimeError, match=r"has a name that git obeys|invalid path"):
        publish.publish(built, "gh-pages", str(remote))
    assert published(remote) == []


def settings(mark: Path) -> str:
    command = f"!touch {mark}"
    return (
        f"[core]\n\tfsmonitor = touch {mark}\n\thooksPath = {mark.parent}/hooks\n"
        f"[credential]\n\thelper = {command}\n[filter \"a\"]\n\tclean = touch {mark}\n"
    )  # fmt: skip


def test_no_setting_of_the_machine_runs_a_program(built, remote, tmp_path, monkeypatch):
    mark = tmp_path / "mark"
    hooks = tmp_path / "hooks"
    for folder in (hooks, tmp_path / "template" / "hooks"):
        folder.mkdir(parents=True)
        for name in ("pre-commit", "post-commit", "pre-push", "reference-transaction"):
            (folder / name).write_text(f"#!/bin/sh\ntouch {mark}\n")
            (folder / name).chmod(0o755)
    (tmp_path / ".gitconfig").write_text(settings(mark))
    (tmp_path / ".config" / "git").mkdir(parents=True)
    (tmp_path / ".config" / "git" / "config").write_text(settings(mark))
    (tmp_path / ".config" / "git" / "attributes").write_text("* filter=a\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_TEMPLATE_DIR", str(tmp_path / "template"))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", f"touch {mark}")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "another"))
    publish.publish(built, "gh-pages", str(remote))
    monkeypatch.delenv("GIT_DIR")
    assert published(remote)
    assert not mark.exists()


# The token


class Host(http.server.BaseHTTPRequestHandler):
    """Serves a repository to whoever has the token, by git's own program."""

    root: Path

    def do_GET(self):
        said = self.headers.get("Authorization", "")
        expected = base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()
        if said != f"Basic {expected}":
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="git"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        path, _, query = self.path.partition("?")
        variables = {
            "GIT_PROJECT_ROOT": str(self.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REMOTE_USER": "x-access-token",
            "REQUEST_METHOD": self.command,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        done = subprocess.run(
            ["git", "http-backend"], env=os.environ | variables, input=body, capture_output=True
        )
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        self.send_response(200)
        for line in head.decode().splitlines():
            self.send_header(*line.split(": ", 1))
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_GET

    def log_message(self, *arguments):
        pass


@pytest.fixture
def host(remote):
    """The address of the repository on a host that asks for the token."""
    git("-C", remote, "config", "http.receivepack", "true")
    Host.root = remote.parent
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Host)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/{remote.name}"
    server.shutdown()
    server.server_close()


def test_the_token_gets_to_the_host_and_no_program_is_handed_it(
    built, remote, host, tmp_path, monkeypatch
):
    seen, run = [], subprocess.run

    def recorded(command, **options):
        if "http-backend" not in command:  # which is the host's
            seen.append(f"{command} {options.get('env', {})}")
        return run(command, **options)

    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    monkeypatch.setattr(subprocess, "run", recorded)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    for _ in range(2):
        assert publish.main([str(built), "--branch", "gh-pages", "--remote", host]) == 0
    assert "index.html" in published(remote)
    assert len(seen) > 10, "what is called inherits from these and no others"
    assert not [call for call in seen if TOKEN in call or "TOKEN" in call]
    assert list((tmp_path / "temporary").iterdir()) == [], "the file with the token is gone"


def test_without_the_token_the_host_refuses(built, remote, host, monkeypatch, capsys):
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    assert publish.main([str(built), "--branch", "gh-pages", "--remote", host]) == 1
    assert "git ls-remote: fatal" in capsys.readouterr().err


def test_nobody_else_reads_the_file_with_the_token(built, remote, monkeypatch):
    modes, read = [], Repository.read

    def looked(self, *arguments):
        modes.append(
            (
                self.credentials.stat().st_mode & 0o777,
                self.credentials.parent.stat().st_mode & 0o777,
            )
        )
        return read(self, *arguments)

    monkeypatch.setattr(Repository, "read", looked)
    publish.publish(built, "gh-pages", str(remote), token=TOKEN)
    assert set(modes) == {(0o600, 0o700)}


# Others may write to the branch, too


def test_what_somebody_pushed_meanwhile_is_not_lost(built, remote, tmp_path, monkeypatch, capsys):
    publish.publish(built, "gh-pages", str(remote))
    commit = Repository.commit

    def meanwhile(self, message):
        change(remote, tmp_path, "by-hand.txt", b"by hand")
        commit(self, message)

    monkeypatch.setattr(Repository, "commit", meanwhile)
    arguments = [str(built), "--branch", "gh-pages", "--remote", str(remote)]
    assert publish.main(arguments) == 1
    assert f"gh-pages of {remote} has changed since this began" in capsys.readouterr().err
    assert "by-hand.txt" in published(remote)


# Wheels stay

OLD, NEW = "helper-0.1.0-py3-none-any.whl", "wheels/helper-0.2.0+a1-py3-none-any.whl"


@pytest.fixture
def with_wheels(built, remote):
    """A site with a wheel was published, then one with another."""
    (built / OLD).write_bytes(b"old\n\x00")
    publish.publish(built, "gh-pages", str(remote))
    (built / OLD).unlink()
    (built / NEW).parent.mkdir()
    (built / NEW).write_bytes(b"new")
    publish.publish(built, "gh-pages", str(remote))
    return remote


def wheel(remote: Path, name: str) -> bytes:
    command = ["git", "-C", remote, "cat-file", "blob", f"gh-pages:{name}"]
    return subprocess.run(command, capture_output=True, check=True).stdout


def test_a_wheel_that_was_published_stays(built, with_wheels):
    (built / NEW).unlink()
    publish.publish(built, "gh-pages", str(with_wheels))
    assert wheel(with_wheels, OLD) == b"old\n\x00"
    assert wheel(with_wheels, NEW) == b"new"
    lines = wheel(with_wheels, publish.RECORD).decode().splitlines()
    expected = [(b"old\n\x00", OLD), (b"new", NEW)]
    assert lines == [f"{hashlib.sha256(content).hexdigest()}  {name}" for content, name in expected]
    assert git("-C", with_wheels, "rev-list", "--count", "gh-pages") == "1"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (OLD, b"old\n\x01", f"{OLD} was changed on the published branch: put it back"),
        (OLD, None, f"{OLD} is gone from the published branch: put it back"),
        (publish.RECORD, b"\xff\n", "expected a hash and the path of a wheel"),
        (publish.RECORD, b"0  ../a.whl\n", "expected a hash and the path of a wheel"),
        (publish.RECORD, b"0" * 64 + b"  .git/a.whl\n", "expected a hash and the path of a wheel"),
        (publish.RECORD, b"0" * 64 + b"  /etc/a.whl\n", "expected a hash and the path of a wheel"),
        (publish.RECORD, b"0" * 64 + b"  index.html\n", "expected a hash and the path of a wheel"),
    ],
)  # fmt: skip
def test_a_wheel_or_record_that_was_tampered_with_stops_everything(
    built, with_wheels, tmp_path, name, content, message, capsys
):
    change(with_wheels, tmp_path, name, content)
    before = git("-C", with_wheels, "rev-parse", "gh-pages")
    arguments = [str(built), "--branch", "gh-pages", "--remote", str(with_wheels)]
    assert publish.main(arguments) == 1
    assert message in capsys.readouterr().err
    assert git("-C", with_wheels, "rev-parse", "gh-pages") == before


def test_a_new_wheel_takes_no_old_ones_name(built, with_wheels):
    (built / OLD).write_bytes(b"another")
    with pytest.raises(RuntimeError, match="downloaded notebooks need the one of before"):
        publish.publish(built, "gh-pages", str(with_wheels))


def test_a_wheel_that_nothing_vouches_for_does_not_stay(built, with_wheels, tmp_path):
    change(with_wheels, tmp_path, "strange.whl", b"strange")
    publish.publish(built, "gh-pages", str(with_wheels))
    assert "strange.whl" not in published(with_wheels)
    assert {OLD, NEW} <= set(published(with_wheels))


def test_a_wheel_with_a_name_that_the_record_cannot_hold_is_refused(built, remote):
    (built / "a\nb.whl").write_bytes(b"new")
    with pytest.raises(RuntimeError, match="is no name for a wheel"):
        publish.publish(built, "gh-pages", str(remote))
