"""``make demo``: prepare both sites, say how to get in, and serve them until Ctrl+C.

The shop is on localhost, the simulated buyer on 127.0.0.1: two host names, so that a browser takes them for strangers.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

VAR = Path(os.environ.get("DEMO_VAR", Path(__file__).parent / "var"))
DEMO_FILE = VAR / "demo.json"
SHOP_NAME = "Nordlicht Supply"


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m demo_site", description=__doc__)
    arguments.add_argument("--prepare-only", action="store_true", help="make the data and the file, serve nothing")
    only_prepare = arguments.parse_args().prepare_only
    port, buyer_port = int(os.environ.get("PORT", 8000)), int(os.environ.get("BUYER_PORT", 8001))
    os.environ.update(PORT=str(port), BUYER_PORT=str(buyer_port))
    if not only_prepare and (taken := [each for each in (port, buyer_port) if not _is_free(each)]):
        print(f"Port {taken[0]} is in use. Choose others: make demo PORT=8080 BUYER_PORT=8081", file=sys.stderr)
        return 1
    description = prepare(shop=f"http://localhost:{port}", buyer=f"http://127.0.0.1:{buyer_port}")
    announce(description)
    return 0 if only_prepare else serve(port, buyer_port)


def prepare(*, shop: str, buyer: str) -> dict[str, Any]:
    """Databases, catalogue, connections and ``demo.json``; what is there already stays as it is."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "demo_site.settings"
    import django

    django.setup()
    from django.core.management import call_command

    from demo_site import connecting

    call_command("migrate", verbosity=0)
    call_command("seed_shop")
    connecting.connect_everybody(buyer=buyer)
    description = connecting.describe(shop=shop, buyer=buyer)
    connecting.write(DEMO_FILE, description)
    # The buyer is a project of its own, with its own settings and database: a process of its own prepares it.
    environment = _environment("demo_site.buyer.settings")
    for command in (["migrate", "--verbosity=0"], ["seed_buyer", str(DEMO_FILE), "--shop", SHOP_NAME]):
        subprocess.run([sys.executable, "-m", "django", *command], check=True, env=environment)  # noqa: S603
    return description


def announce(description: dict[str, Any]) -> None:
    print(f"\nShop             {description['shop']}/")
    print(f"Simulated buyer  {description['buyer']}/")
    print(f"Admin            {description['shop']}/admin/")
    for person in description["staff"]:
        print(f"                 {person['username']} / {person['password']}  ({person['role']})")
    print(f"Mail to users    {os.path.relpath(VAR / 'mail')}")
    print("\nCustomers (Sender identity / shared secret; for OCI they are user name and password)")
    for each in description["customers"]:
        print(f"  {each['company']}, {each['format']}, {each['mode']}")
        print(f"    {each['sender_identity']} / {each['secret']}")
        print(f"    {each['oci_url'] or each['setup_url']}")
    print(f"\nAll of it is in {os.path.relpath(DEMO_FILE)}.")
    print("Stop with Ctrl+C.\n", flush=True)


def serve(port: int, buyer_port: int) -> int:
    """Run both servers and the worker; when one ends, or Ctrl+C comes, end the others too."""
    servers = [
        _worker(),
        _gunicorn("demo_site.wsgi", "demo_site.settings", port, processes=2),
        # A cart that comes home by GET is one long address.
        _gunicorn(
            "demo_site.buyer.wsgi", "demo_site.buyer.settings", buyer_port, "--limit-request-line=0", processes=1
        ),
    ]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        os.wait()
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        for server in servers:
            server.terminate()
        for server in servers:
            server.wait()


def _worker() -> subprocess.Popen[bytes]:
    """Hands orders to the shop and sends what waits for buyers."""
    command = [sys.executable, "-m", "django", "punchout_deliver", "--forever", "--pause", "0.5"]
    return subprocess.Popen(command, env=_environment("demo_site.settings"))  # noqa: S603


def _gunicorn(application: str, settings: str, port: int, *more: str, processes: int) -> subprocess.Popen[bytes]:
    options = ["--bind", f"127.0.0.1:{port}", "--workers", str(processes), "--threads", "8", "--log-level", "warning"]
    command = [sys.executable, "-m", "gunicorn", *options, *more, application]
    return subprocess.Popen(command, env=_environment(settings))  # noqa: S603


def _environment(settings: str) -> dict[str, str]:
    return {**os.environ, "DJANGO_SETTINGS_MODULE": settings}


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


if __name__ == "__main__":
    sys.exit(main())
