"""Tasks side by side: on this machine's cores, or on workers that share its code."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from bookwright import durable
from bookwright.runs import child, engine, seconds
from bookwright.runs import worker as lent
from bookwright.runs.engine import Task
from tests.conftest import ROOT
from tests.helpers import Book, append, make_book

SLEEP = "bookwright.runs.child:sleep"


@pytest.mark.parametrize(
    "address",
    [
        *("tcp://192.0.2.1:8786", "tcp://example.org:8786", "tcp://0.0.0.0:8786"),
        *("127.0.0.1:8786", "ws://127.0.0.1:8786", "tls://host", "tcp://127.0.0.1:x", "nonsense"),
        *("TCP://127.0.0.1:8786", "tcp://127.0.0.1@192.0.2.1:8786", "tcp://localhost:8786"),
    ],
)
def test_a_scheduler_that_anybody_could_use_is_refused_before_anything_is_sent(
    address, monkeypatch
):
    monkeypatch.setattr(engine, "_client", lambda address, own: pytest.fail("it was spoken to"))
    with pytest.raises(lent.EngineError, match="tls://HOST:PORT"):
        list(engine.run_all([Task("one", SLEEP, {"seconds": 0})], address))


def test_a_worker_joins_no_scheduler_that_anybody_could_use(monkeypatch, capsys):
    monkeypatch.setattr(lent, "_work", lambda *_: pytest.fail("it was joined"))
    assert lent.work("tcp://192.0.2.1:8786") == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1, "one line"
    assert "anybody who reaches 192.0.2.1 could run programs on the workers" in said
    assert "openssl req" in said
    assert "distributed.comm.tls" in said


@pytest.mark.parametrize("command", [("run",), ("worker", "tls://127.0.0.1:9")])
def test_without_a_certificate_one_line_says_how_to_make_one(tmp_path, command):
    status, said = make_book(tmp_path).run(*command, BOOK_SCHEDULER="tls://127.0.0.1:9")
    assert status == 1
    assert said.splitlines()[-1].startswith("tls://127.0.0.1:9 needs a certificate: make")
    assert "openssl req" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("address", ["tls://host:8786", "tcp://127.0.0.1:8786", "tcp://[::1]:1"])
def test_what_has_certificates_or_stays_on_this_machine_is_taken(address):
    lent.check_address(address)


def test_tasks_run_at_the_same_time_and_nothing_listens_beyond_the_loopback_address():
    listening, running = set(), set()
    largest = 0

    def told(task, what, message):
        nonlocal largest
        running.add(task.name)
        largest = max(largest, len(running))
        for process in [psutil.Process(), *psutil.Process().children(recursive=True)]:
            for connection in process.net_connections(kind="inet"):
                if connection.status == psutil.CONN_LISTEN:
                    listening.add(connection.laddr.ip)

    tasks = [Task(f"task {n}", SLEEP, {"seconds": 1.0}) for n in range(2 * os.cpu_count())]
    for done in engine.run_all(tasks, told=told):
        assert done.error is None
        assert done.result == 1.0
        running.discard(done.task.name)
    assert largest >= min(2, engine.CPU_COUNT)
    assert [ip for ip in listening if not ipaddress.ip_address(ip).is_loopback] == []


def test_the_longest_task_starts_first():
    started = []
    tasks = [Task(f"{n}", SLEEP, {"seconds": 0}, seconds=n) for n in (3, 9, 1, 7, 5, 2, 8)]
    list(engine.run_all(tasks, told=lambda task, what, message: started.append(task.seconds)))
    # Where one core is faster than another, a task starts before its neighbour, but no earlier.
    places = [abs(started.index(n) - k) for k, n in enumerate(sorted(started, reverse=True))]
    assert max(places) <= engine.CPU_COUNT


def test_nothing_is_started_when_there_is_nothing_to_do(monkeypatch):
    monkeypatch.setattr(
        engine, "_client", lambda address, own: pytest.fail("an engine was started")
    )
    assert list(engine.run_all([])) == []


def test_a_task_that_fails_says_why_and_the_others_go_on():
    tasks = [Task("good", SLEEP, {"seconds": 0}), Task("bad", SLEEP, {})]
    done = {each.task.name: each for each in engine.run_all(tasks)}
    assert done["good"].error is None
    assert "KeyError: 'seconds'" in done["bad"].error


def result(function: str, job: object) -> object:
    with contextlib.closing(child.Child(function, job)) as process:
        while process.running():
            time.sleep(0.05)
        return process.result()


def test_what_is_missing_or_refused_is_said_in_one_line_and_a_slip_with_its_place(tmp_path):
    assert result(SLEEP, {"seconds": 0}) == 0
    with pytest.raises(
        child.Ended, match=r"^\[Errno 2\] No such file or directory: '/is/not/here'$"
    ):
        result("os:listdir", "/is/not/here")
    with pytest.raises(child.Ended, match=r"(?s)^its process was ended with status 1.*ValueError"):
        result("builtins:float", "no number")


def test_where_no_room_is_left_for_a_task_that_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(durable, "full", lambda folder: f"no room is left in {folder.name}")
    name = Path(tempfile.gettempdir()).name
    said = (
        f"^its process was ended with status 1: no room is left in {name}, or set TMPDIR elsewhere$"
    )
    with pytest.raises(child.Ended, match=said):
        result("builtins:float", "no number")


def test_memory_keeps_tasks_apart_that_together_would_take_too_much():
    tasks = [Task(f"{n}", SLEEP, {"seconds": 0.5}, memory=lent.memory() * 0.6) for n in "ab"]
    start = time.perf_counter()
    assert len(list(engine.run_all(tasks))) == 2
    assert time.perf_counter() - start > 1.0


def test_a_task_that_is_too_large_for_this_machine_runs_alone_on_it():
    large = Task("large", SLEEP, {"seconds": 0}, memory=1e15, cores=1000)
    [done] = engine.run_all([large])
    assert done.error is None


@pytest.mark.skipif(not hasattr(psutil.Process, "cpu_affinity"), reason="no affinity here")
def test_two_builds_on_one_machine_hold_different_cores_and_a_third_one_goes_on_without(tmp_path):
    cores = psutil.Process().cpu_affinity()
    held, processes = [], []
    code = (
        "import psutil, sys; from bookwright.runs import child\n"
        "locks = child.hold_cores(1)\n"
        "print(*psutil.Process().cpu_affinity(), flush=True); sys.stdin.read()"
    )
    for _ in range(len(cores) + 1):
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=os.environ | {"TMPDIR": str(tmp_path)},  # a machine with no other tasks
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        held.append(process.stdout.readline().split())
    for process in processes:
        process.communicate()
    *single, last = held
    assert len({core for [core] in single}) == len(cores)
    assert len(last) == len(cores), "it may use all of them, with the threads of one"


def test_a_process_ends_with_the_one_that_asked_for_it_and_leaves_nothing(tmp_path):
    code = (
        "from bookwright.runs import child; import time\n"
        f"child.Child({SLEEP!r}, {{'seconds': 100}}); print('there', flush=True); time.sleep(100)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        process.stdout.readline()
        time.sleep(1)
        started = psutil.Process(process.pid).children(recursive=True)
        assert started
        process.kill()
    _, alive = psutil.wait_procs(started, timeout=10)
    assert alive == []
    assert {path.name for path in tmp_path.iterdir()} <= {"bookwright-cores"}


def test_a_task_that_is_too_large_for_every_worker_is_named():
    said: list[str] = []
    own = lent.identity()
    watch = engine._Watch(own, said.append)
    resources = {own.resource: 2, f"memory: {own.resource}": 1e9}
    workers = {"a": {"name": "a", "nthreads": 2, "resources": resources}}
    tasks = [Task("small", SLEEP, {}, memory=1e8), Task("large", SLEEP, {}, memory=2e9, cores=2)]
    for _ in range(2):
        watch.look(workers, tasks)
    assert said == ["large waits for a larger worker: it needs 2 cores and 2.0 GB of memory"]


def test_closing_a_task_ends_it():
    process = child.Child(SLEEP, {"seconds": 100})
    time.sleep(0.5)
    start = time.perf_counter()
    process.close()
    assert not process.running()
    assert time.perf_counter() - start < 10
    assert not process._folder.exists()


@pytest.mark.parametrize(("n_cores", "expected"), [(1, 12), (2, 6), (3, 6)])
def test_the_time_of_many_cores_is_that_of_the_longest_first(n_cores, expected):
    assert seconds.makespan([2, 1, 6, 3], n_cores) == expected


# A scheduler that runs already


def clone(book: Book, folder: Path) -> Path:
    """A copy of the book's code; the packages are shared."""
    ignored = shutil.ignore_patterns("_build", "__pycache__")
    shutil.copytree(book.folder, folder, ignore=ignored, symlinks=True)
    return folder


def listening(process: subprocess.Popen[str]) -> set[int]:
    """The ports at which a process takes what others send, without those of loopback addresses."""
    return {
        connection.laddr.port
        for connection in psutil.Process(process.pid).net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
        if not ipaddress.ip_address(connection.laddr.ip).is_loopback
    }


@contextlib.contextmanager
def running(folder: Path, protocol: str, **variables: str) -> Iterator[str]:
    """A scheduler of Dask's own command on the loopback address."""
    module = ["distributed.cli.dask_scheduler", "--host", "127.0.0.1"]
    _, _, *options = lent.start_of(f"{protocol}://127.0.0.1:0").split()
    with subprocess.Popen(
        [sys.executable, "-m", *module, *options],
        cwd=folder,
        env=os.environ | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        said, found = "", None
        while found is None and (line := process.stdout.readline()):
            said += line
            found = re.search(rf"{protocol}://127\.0\.0\.1:\d+", line)
        assert found, said
        assert listening(process) == set()
        try:
            yield found[0]
        finally:
            process.kill()


@pytest.fixture
def scheduler(tmp_path) -> Iterator[str]:
    with running(tmp_path, "tcp") as address:
        yield address


def worker(folder: Path, address: str, name: str, **variables: str) -> subprocess.Popen[str]:
    code = (
        "import sys; from bookwright.runs import worker; "
        f"sys.exit(worker.work({address!r}, {name!r}))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=folder,
        env=os.environ | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert name in process.stdout.readline()
    if address.startswith("tcp://"):  # with certificates other machines may come
        assert listening(process) == set()
    return process


def test_a_page_whose_worker_dies_is_repeated_by_another_and_its_kernel_ends(tmp_path, scheduler):
    book = make_book(tmp_path / "book")
    book.write("import time\ntime.sleep(8)\nprint('done')")
    workers = {
        name: worker(clone(book, tmp_path / name), scheduler, name) for name in ("one", "two")
    }
    other = clone(book, tmp_path / "other")
    append(other / "lessons_src" / "encoding.py")
    workers["other"] = worker(other, scheduler, "other")
    try:
        with book.running(BOOK_SCHEDULER=scheduler) as build:
            busy = None
            deadline = time.monotonic() + 60
            while busy is None and time.monotonic() < deadline:
                time.sleep(0.5)
                for name, process in workers.items():
                    started = psutil.Process(process.pid).children(recursive=True)
                    if len(started) >= 2:  # the task's process and its kernel
                        busy, left = name, started
            if busy is None:
                build.kill()
            else:
                workers[busy].kill()
            said = build.stdout.read()
        assert busy in ("one", "two"), said
        assert build.returncode == 0, said
    finally:
        for process in workers.values():
            process.kill()
            process.communicate()
    _, alive = psutil.wait_procs(left, timeout=15)
    assert alive == []
    assert "[1/1] index ... again" in said, said
    assert said.count("ran in") == 1
    [refused] = [line for line in said.splitlines() if "refused" in line]
    assert "worker other is refused" in refused
    theirs, own = re.findall(r"core of tree (\w+)", refused)
    assert own != theirs
    _, output = book.run()
    assert "1 of 1 pages: reused an earlier run" in output, "it came back into the one cache"


def certificates(folder: Path, name: str) -> dict[str, str]:
    """A key and its certificate, as Dask's own variables name them."""
    key, certificate = (str(folder / f"{name}.{kind}") for kind in ("key", "pem"))
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=127.0.0.1", "-keyout", key, "-out", certificate]
    subprocess.run(command, check=True, capture_output=True)
    found = {"DASK_DISTRIBUTED__COMM__TLS__CA_FILE": certificate}
    for role in ("SCHEDULER", "WORKER", "CLIENT"):
        found[f"DASK_DISTRIBUTED__COMM__TLS__{role}__CERT"] = certificate
        found[f"DASK_DISTRIBUTED__COMM__TLS__{role}__KEY"] = key
    return found


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl to make certificates with")
def test_with_certificates_tasks_go_to_another_machine_and_without_them_nowhere(tmp_path):
    known, foreign = (certificates(tmp_path, name) for name in ("known", "foreign"))
    book = make_book(tmp_path / "book")
    with running(tmp_path, "tls", **known) as address:
        process = worker(clone(book, tmp_path / "one"), address, "one", **known)
        try:
            status, output = book.run(BOOK_SCHEDULER=address, **foreign)
            assert status == 1
            assert f"no scheduler answers at {address}" in output
            status, output = book.run(BOOK_SCHEDULER=address, **known)
            assert status == 0, output
            assert "index ran in" in output
            assert len(listening(process)) == 1, "nothing but what needs a certificate"
        finally:
            process.kill()
            process.communicate()


def test_a_scheduler_that_does_not_answer_is_named_with_what_to_do(tmp_path):
    address = "tcp://127.0.0.1:9"
    status, output = make_book(tmp_path).run(BOOK_SCHEDULER=address)
    assert status == 1
    assert f"no scheduler answers at {address}" in output
    assert "dask scheduler --protocol tcp --host 127.0.0.1 --dashboard-address 127" in output
    assert f"make worker SCHEDULER={address}" in output
    assert "Traceback" not in output


def test_a_worker_whose_clone_changes_goes_away_and_another_does_its_work(tmp_path, scheduler):
    book = make_book(tmp_path / "book")
    folders = {name: clone(book, tmp_path / name) for name in ("changed", "same")}
    workers = [worker(folders["changed"], scheduler, "changed")]
    append(folders["changed"] / "lessons_src" / "encoding.py")
    try:
        with book.running(BOOK_SCHEDULER=scheduler) as build:
            assert "start the worker again" in workers[0].communicate(timeout=60)[0]
            workers.append(worker(folders["same"], scheduler, "same"))
            said = build.stdout.read()
        assert build.returncode == 0, said
        assert said.count("ran in") == 1
    finally:
        for process in workers:
            process.kill()
            process.communicate()


def test_a_scheduler_that_goes_away_ends_the_build_in_one_message(tmp_path):
    book = make_book(tmp_path / "book")
    book.write("import time\ntime.sleep(60)")
    with contextlib.ExitStack() as scheduler:
        address = scheduler.enter_context(running(tmp_path, "tcp"))
        process = worker(clone(book, tmp_path / "one"), address, "one")
        try:
            with book.running(BOOK_SCHEDULER=address) as build:
                said = ""
                while "[1/1]" not in said:
                    said += build.stdout.readline()
                scheduler.close()
                said += build.communicate(timeout=60)[0]
            assert build.returncode == 1, said
            assert "went away" in said
            assert "Traceback" not in said
        finally:
            process.kill()
            process.communicate()


def test_a_record_that_a_command_writes_makes_no_other_clone(tmp_path, monkeypatch):
    for name in ("helper/__init__.py", "measured/__init__.py", "measured/record.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("1")
    for name in ("_config.yml", "pyproject.toml"):
        (tmp_path / name).touch()
    monkeypatch.setattr(lent.book, "ROOT", tmp_path)
    monkeypatch.setattr(lent.book, "BOOK", lent.book.BOOK._replace(helper="helper"))
    before = lent.identity()
    (tmp_path / "measured/record.json").write_text("2")
    assert lent.identity() == before
    for name in ("measured/__init__.py", "helper/__init__.py"):
        (tmp_path / name).write_text("2")
        assert lent.identity() != before
        before = lent.identity()
