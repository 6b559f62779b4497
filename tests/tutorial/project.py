"""The project a reader of the tutorial ends up with: made by ``wagtail start``, filled from the blocks of the page."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from tests.tutorial.recipe import Block, blocks, follow

ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = ROOT / "docs" / "tutorial" / "index.md"
README = ROOT / "README.md"
SHELL = "python manage.py shell"


@dataclass
class Project:
    folder: Path
    port: int
    secret: str = ""

    @classmethod
    def make(cls, folder: Path) -> Project:
        """Everything up to the running server."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            project = cls(folder / "mysite", free.getsockname()[1])
        run("-c", "from wagtail.bin.wagtail import main; main()", "start", "mysite", cwd=folder)
        project.manage("startapp", "shop")
        for block in blocks(TUTORIAL):
            if not block.file.startswith(SHELL):
                follow(block, project.folder)
        base = project.folder / "mysite" / "settings" / "base.py"
        base.write_text(base.read_text().replace("localhost:8000", f"localhost:{project.port}"))
        project.manage("makemigrations", "shop")
        project.manage("migrate")
        return project

    @property
    def setup_url(self) -> str:
        return f"http://localhost:{self.port}/punchout/cxml/"

    def manage(self, *arguments: str, **environment: str) -> str:
        return run("manage.py", *arguments, cwd=self.folder, **environment)

    def type_in(self, *pasted: Block) -> str:
        """Paste blocks into the shell; answer what they printed."""
        return self.manage("shell", "-v", "0", "-c", "\n".join(each.text for each in pasted))

    @contextmanager
    def server(self) -> Iterator[None]:
        command = [sys.executable, "manage.py", "runserver", "--noreload", "--insecure", f"localhost:{self.port}"]
        with (self.folder / "server.log").open("wb") as log:
            process = subprocess.Popen(command, cwd=self.folder, env=environ(), stdout=log, stderr=log)  # noqa: S603
            try:
                self._wait()
                yield
            finally:
                process.terminate()
                process.wait(timeout=20)

    def _wait(self) -> None:
        until = time.monotonic() + 60
        while True:
            try:
                urlopen(self.setup_url, timeout=30).close()  # noqa: S310
                return
            except URLError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)


def shell_blocks() -> dict[str, Block]:
    return {each.where: each for each in blocks(TUTORIAL) if each.file == SHELL}


def run(*arguments: str, cwd: Path, **environment: str) -> str:
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=cwd, env=environ(**environment), capture_output=True, text=True, timeout=300)  # noqa: S603
    assert done.returncode == 0, f"{' '.join(arguments)[:200]}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def environ(**more: str) -> dict[str, str]:
    """As a reader's terminal: without the settings of the project these tests run in."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "PYTEST_"))}
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"} | more
