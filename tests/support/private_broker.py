"""A RabbitMQ node of a test's own, which may be stopped, killed, alarmed and started again with its data.

Started from an installed rabbitmq-server, beside any other node: own name, ports, folder, cookie and epmd.
"""

import atexit
import os
import re
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.undertaker import Undertaker
from tests.support.waiting import accepts, free_port, wait_until

# Debian's command in PATH insists on the user rabbitmq and its folders; the script behind it does not.
BEHIND_WRAPPERS = Path("/usr/lib/rabbitmq/bin")


def find_scripts() -> Path | None:
    """The folder of rabbitmq-server and rabbitmqctl, or None where RabbitMQ is not installed."""
    if (BEHIND_WRAPPERS / "rabbitmq-server").exists():
        return BEHIND_WRAPPERS
    found = shutil.which("rabbitmq-server")
    return Path(found).resolve().parent if found else None


class PrivateBroker:
    """`config` are lines of rabbitmq.conf, such as {"consumer_timeout": "2000"}; they count from the next start.

    `advanced` are settings of the application rabbit that rabbitmq.conf does not know, in Erlang.

    `management` has it answer its management API, as guest, at `management_port`.

    All methods block; in a test whose loop must go on, call them with asyncio.to_thread.
    """

    def __init__(
        self,
        config: Mapping[str, str] | None = None,
        advanced: Mapping[str, str] | None = None,
        *,
        management: bool = False,
    ) -> None:
        scripts = find_scripts()
        if scripts is None:
            raise FileNotFoundError("rabbitmq-server is not installed")
        self._scripts = scripts
        self.config, self.advanced = dict(config or {}), dict(advanced or {})
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="caravan-rabbit-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._undertaker: Undertaker | None = None
        cookie = self.folder / ".erlang.cookie"
        cookie.write_text(uuid.uuid4().hex)
        cookie.chmod(0o400)
        self.management_port = free_port() if management else None
        if management:
            self.config |= {
                "management.tcp.ip": "127.0.0.1",
                "management.tcp.port": str(self.management_port),
            }
        plugins = "rabbitmq_management" if management else ""
        (self.folder / "enabled_plugins").write_text(f"[{plugins}].\n")
        (self.folder / "env.conf").touch()  # keeps the machine's own rabbitmq-env.conf out
        self._environment = {
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("RABBITMQ_", "ERL_"))
            },
            "HOME": str(self.folder),
            "ERL_EPMD_PORT": str(free_port()),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"caravan-{uuid.uuid4().hex[:8]}@localhost",
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "env.conf"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.folder / "advanced.config"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(self.folder / "config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_PID_FILE": str(self.folder / "pid"),
            # The start script then becomes the virtual machine, so that a kill reaches the broker itself.
            "RUNNING_UNDER_SYSTEMD": "true",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        }

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}/"

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> Self:
        """Returns once the broker takes connections; quorum queues elect their leader within a second after that."""
        if self.is_running:
            return self
        lines = {"listeners.tcp.local": f"127.0.0.1:{self.port}", "log.console": "false", **self.config}
        (self.folder / "rabbitmq.conf").write_text(
            "".join(f"{key} = {value}\n" for key, value in lines.items())
        )
        terms = ", ".join(f"{{{key}, {value}}}" for key, value in self.advanced.items())
        (self.folder / "advanced.config").write_text(f"[{{rabbit, [{terms}]}}].\n")
        output = (self.folder / "output.log").open("ab")
        with output:
            self._process = subprocess.Popen(
                [self._scripts / "rabbitmq-server"],
                env=self._environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # the node and its helpers can be killed as one
            )
        deed = f"kill -9 -{self._process.pid}; sleep 1; epmd -kill"
        self._undertaker = Undertaker(deed, self.folder, self._environment)
        atexit.register(self.close)
        wait_until(self._has_started, timeout=60, what="a private RabbitMQ node")
        return self

    def _has_started(self) -> bool:
        if not self.is_running:
            raise RuntimeError(f"the private RabbitMQ node ended at once:\n{self.output()[-2000:]}")
        return accepts(self.port)

    def stop(self) -> None:
        """Ends the node in good order."""
        if self._process is not None and self.is_running:
            self._process.terminate()
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()
        self._dismiss_undertaker()

    def settle(self) -> None:
        """Has the names of quorum queues written to disk, which the node does by itself only now and then.

        A quorum queue killed in its first second comes back without a leader, for ever, and its confirmed messages
        with it (seen on 3.10; symptom as in rabbitmq-server#15725). Tests that mean older queues say so by this.
        """
        self.rabbitmqctl("eval", "[dets:sync(Table) || Table <- dets:all()].")

    def kill(self) -> None:
        """Ends the node as a power cut would; what was confirmed is on disk, if its queue is (see settle)."""
        if self._process is not None and self.is_running:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(30)
        self._dismiss_undertaker()

    def _dismiss_undertaker(self) -> None:
        if self._undertaker is not None:
            self._undertaker.dismiss()
            self._undertaker = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def rabbitmqctl(self, *arguments: str) -> str:
        """Runs a command on this node and returns what it prints; CalledProcessError carries its complaint."""
        command = [str(self._scripts / "rabbitmqctl"), "--quiet", *arguments]
        return subprocess.run(
            command,
            env=self._environment,
            cwd=self.folder,
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        ).stdout

    def raise_memory_alarm(self) -> None:
        """Publishers are blocked from now on."""
        self.rabbitmqctl("set_vm_memory_high_watermark", "absolute", "1MB")

    def clear_memory_alarm(self) -> None:
        self.rabbitmqctl("set_vm_memory_high_watermark", "0.6")

    def output(self) -> str:
        """What the node printed and logged, for a failing test's message."""
        files = [self.folder / "output.log", *sorted((self.folder / "log").glob("*.log"))]
        return "\n".join(file.read_text(errors="replace") for file in files if file.exists())

    def version(self) -> str:
        folders = " ".join(str(path) for path in self._scripts.parent.glob("**/rabbitmq_server-*"))
        found = re.search(r"rabbitmq_server-([\d.]+)", f"{folders} {self._scripts}")
        return found.group(1) if found else "of unknown version"

    def close(self) -> None:
        """Ends the node and its port mapper and removes its folder, for which nothing need be put in order first."""
        atexit.unregister(self.close)
        self.kill()
        if epmd := shutil.which("epmd"):
            subprocess.run([epmd, "-kill"], env=self._environment, capture_output=True, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
