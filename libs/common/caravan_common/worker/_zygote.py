"""The process that children are forked from: imports once, then forks, kills and buries on order of the worker.

It holds no other file than its control socket, never runs a phase, and ends when the worker's end of that socket
closes, taking every child with it. Being the children's parent it can kill without mistaking a reused pid.
"""

import contextlib
import ctypes
import gc
import os
import select
import selectors
import shutil
import signal
import socket
import struct
import sys
import threading
from collections.abc import Iterator
from importlib import import_module

ORDER = struct.Struct("!cII")
READY, FORK, KILL, FORKED, EXITED = b"R", b"F", b"K", b"P", b"X"
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36


class Zygote:
    """Children by the number the worker gave them."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._pids: dict[int, int] = {}
        self._numbers: dict[int, int] = {}
        self._wake, self._waker = socket.socketpair()
        self._pid = os.getpid()

    def serve(self) -> None:
        """Until the worker is gone."""
        self._listen_for_deaths()
        _adopt_orphans()
        gc.collect()
        gc.freeze()
        self._report(READY, 0, self._pid)
        with selectors.DefaultSelector() as selector:
            selector.register(self._control, selectors.EVENT_READ)
            selector.register(self._wake, selectors.EVENT_READ)
            while self._turn(selector):
                pass
        self._kill_all()

    def _turn(self, selector: selectors.BaseSelector) -> bool:
        for key, _ in selector.select():
            if key.fileobj is self._wake:
                with contextlib.suppress(BlockingIOError):
                    self._wake.recv(4096)
                self._bury()
            elif not self._obey():
                return False
        return True

    def _obey(self) -> bool:
        try:
            message, files, _, _ = socket.recv_fds(self._control, ORDER.size, 1)
        except ConnectionError:
            return False
        if len(message) < ORDER.size:
            return False
        order, number, _ = ORDER.unpack(message)
        if order == FORK:
            self._fork(number, files[0])
        elif order == KILL:
            self._kill(number)
        return True

    def _fork(self, number: int, link: int) -> None:
        pid = os.fork()
        if pid == 0:
            self._live_as_child(number, link)
        os.close(link)
        self._pids[number], self._numbers[pid] = pid, number
        self._report(FORKED, number, pid)

    def _live_as_child(self, number: int, link: int) -> None:
        status = 1
        try:
            os.setsid()
            _die_with(self._pid)
            signal.set_wakeup_fd(-1)
            for each in (signal.SIGCHLD, signal.SIGTERM):
                signal.signal(each, signal.SIG_DFL)
            for each_socket in (self._control, self._wake, self._waker):
                each_socket.close()
            from caravan_common.worker.child.main import serve

            serve(socket.socket(fileno=link), number)
            status = 0
        except BaseException:  # noqa: BLE001  (whatever it was: the fork must not return into the zygote's loop)
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(status)

    def _listen_for_deaths(self) -> None:
        self._wake.setblocking(False)
        self._waker.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        # The worker decides when to stop; a signal to the whole process group must not get ahead of it.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)

    def _bury(self) -> None:
        """Before a dead child's pid is given back, all that is left of its process group is killed."""
        while True:
            try:
                dead = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if dead is None:
                return
            number = self._numbers.pop(dead.si_pid, None)
            if number is not None:
                _kill_group(dead.si_pid)
                del self._pids[number]
            _, status = os.waitpid(dead.si_pid, 0)
            if number is not None:
                self._kill_strays()
                self._report(EXITED, number, os.waitstatus_to_exitcode(status) & 0xFFFFFFFF)

    def _kill(self, number: int) -> None:
        pid = self._pids.get(number)
        if pid is not None:
            _kill_group(pid)
            # It may not have its group yet.
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _kill_strays(self) -> None:
        """Orphans that had left their group came to us as their subreaper."""
        with contextlib.suppress(OSError), open(f"/proc/self/task/{self._pid}/children") as file:  # noqa: PTH123
            for stray in map(int, file.read().split()):
                if stray not in self._numbers:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(stray, signal.SIGKILL)

    def _kill_all(self) -> None:
        for number in list(self._pids):
            self._kill(number)
        # Whoever is orphaned by that comes to us, and is killed in turn until nobody is left.
        with contextlib.suppress(ChildProcessError):
            while True:
                self._kill_strays()
                dead, _ = os.waitpid(-1, 0)
                self._numbers.pop(dead, None)

    def _report(self, what: bytes, number: int, value: int) -> None:
        with contextlib.suppress(ConnectionError):
            self._control.sendall(ORDER.pack(what, number, value))


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def _adopt_orphans() -> None:
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def _die_with(parent: int) -> None:
    _adopt_orphans()
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def main(control: int, scratch: str, preload: list[str]) -> None:
    """Imports what children need. An import that fails ends it, with its traceback, before anything is forked."""
    # A worker's stdout may be read by a program; what libraries print in a child is no part of it.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    with _ending_when_deserted(control, scratch):
        for name in preload:
            _load(name)
    Zygote(socket.socket(fileno=control)).serve()
    shutil.rmtree(scratch, ignore_errors=True)
    # Nothing is left to be tidied up, and what was imported may take its time over it.
    os._exit(0)


@contextlib.contextmanager
def _ending_when_deserted(control: int, scratch: str) -> Iterator[None]:
    """Imports take half a minute on a busy machine, and meanwhile nobody reads the control socket: a thread sees that
    the worker is gone, and ends the process. The thread has ended before anything is forked."""
    done, finish = os.pipe()

    def watch() -> None:
        poll = select.poll()
        poll.register(control, 0)  # that it was hung up is told in any case
        poll.register(done, 0)
        if control in [file for file, _ in poll.poll()]:
            shutil.rmtree(scratch, ignore_errors=True)
            os._exit(0)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        os.close(finish)
        watcher.join()
        os.close(done)


def _load(name: str) -> None:
    """`module` or `module:function` to call; with a `?` in front the service can do without it."""
    module, _, function = name.lstrip("?").partition(":")
    try:
        loaded = import_module(module)
        if function:
            getattr(loaded, function)()
    except Exception as error:
        if not name.startswith("?"):
            raise
        sys.stderr.write(f"not preloaded: {module}: {error}\n")
