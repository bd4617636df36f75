"""The TypeScript client has the right types, and its own tests pass against a running gateway."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import INVENTORY, ROOT, Running

README = ROOT / "clients" / "typescript" / "README.md"


@pytest.fixture(scope="module")
def run_node() -> Iterator[Any]:
    sys.path.insert(0, str(ROOT / "scripts"))
    from clients import run_node

    yield run_node
    sys.path.remove(str(ROOT / "scripts"))


@pytest.mark.timeout(400)
def test_it_passes_its_own_tests_against_the_gateway(running: Running, run_node: Any) -> None:
    env = {"CARAVAN_URL": running.url, "CARAVAN_TOKEN": running.token, "INVENTORY": str(INVENTORY)}
    done = run_node(["--test", "--test-reporter=tap", "test/gateway.test.ts"], env)
    assert "# pass 6" in done.stdout
    assert "# skipped 0" in done.stdout


@pytest.mark.timeout(400)
def test_its_types_hold_and_so_does_the_example_in_its_readme(run_node: Any, tmp_path: Path) -> None:
    (example,) = re.findall(
        r"^```ts\n(.*?)^```$", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    source = ROOT / "clients" / "typescript"
    (tmp_path / "example.ts").write_text(example.replace('"@caravan/client"', f'"{source}/src/index.ts"'))
    (tmp_path / "tsconfig.json").write_text(
        f'{{"extends": "{source}/tsconfig.json", "include": ["example.ts", "{source}/src", "{source}/test"],'
        f' "compilerOptions": {{"typeRoots": ["{source}/node_modules/@types"]}}}}'
    )
    (tmp_path / "package.json").write_text('{"type": "module"}')
    run_node(["node_modules/typescript/bin/tsc", "--project", tmp_path / "tsconfig.json"])
