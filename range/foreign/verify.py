"""Shows that the services are as DEFECTS.md says.

Starts each service as it is and hardened, on a free port of the loopback
address, and prints a table: which defect is there in which mode, and how odd
inputs were answered. Exits with 1 if anything is not as it should be.
"""

import argparse
import json
import sys
import time
from pathlib import Path

from verifying.defects import all_defects
from verifying.document import Document
from verifying.judging import Findings
from verifying.odd import Tester
from verifying.running import running
from verifying.services import SERVICES, Service
from verifying.web import Client

MODES = {"as it is": False, "hardened": True}


def main() -> int:
    options = _options()
    chosen = [service for service in SERVICES if service.name in options.services]
    rows, faults, documents = [], [], {}
    for service in chosen:
        for mode, hardened in MODES.items():
            place = f"{service.name}, {mode}"
            with running(service.name, hardened, options.installed) as port:
                document = Client(port).get(service.document).json
                documents.setdefault(service.name, []).append(json.dumps(document, sort_keys=True))
                rows += _defects(service, port, Document(document), hardened, faults, place)
            # A fresh store for the odd inputs.
            with running(service.name, hardened, options.installed) as port:
                started = time.monotonic()
                found = Tester(service, port, Document(document), hardened).run()
                rows.append((service.name, "odd inputs", mode, _summary(found, started)))
                faults += [f"{place}: {fault}" for fault in found.faults]
        if len(set(documents[service.name])) != 1:
            faults.append(f"{service.name}: the document differs between the modes")
    _print_table(rows)
    for fault in faults[: options.show]:
        print(f"WRONG {fault}")
    print(f"{len(faults)} wrong" if faults else "all as it should be")
    return 1 if faults else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("services", nargs="*", help="clinic, market, library; all if none is named")
    parser.add_argument(
        "--installed",
        type=Path,
        help="the folder that install.sh was given, less the service's name",
    )
    parser.add_argument("--show", type=int, default=40, help="how many faults to print")
    options = parser.parse_args()
    names = [service.name for service in SERVICES]
    options.services = options.services or names
    unknown = [name for name in options.services if name not in names]
    if unknown:
        parser.error(f"there is no service {', '.join(unknown)}; there are {', '.join(names)}")
    return options


def _defects(
    service: Service, port: int, document: Document, hardened: bool, faults: list[str], place: str
) -> list[tuple[str, str, str, str]]:
    try:
        found = all_defects(service, port, document)
    except AssertionError as error:
        faults.append(f"{place}: {error}")
        return []
    mode = "hardened" if hardened else "as it is"
    faults += [
        f"{place}: {defect} is {'there' if there else 'not there'}"
        for defect, there in found.items()
        if there == hardened
    ]
    return [
        (service.name, defect, mode, "there" if there else "absent")
        for defect, there in found.items()
    ]


def _summary(found: Findings, started: float) -> str:
    errors = sum(count for status, count in found.statuses.items() if status >= 500)
    seconds = time.monotonic() - started
    return (
        f"{found.sent} sent, {errors} server errors, {len(found.faults)} faults ({seconds:.0f} s)"
    )


def _print_table(rows: list[tuple[str, str, str, str]]) -> None:
    cells: dict[tuple[str, str], dict[str, str]] = {}
    for service, defect, mode, result in rows:
        cells.setdefault((service, defect), {})[mode] = result
    print("| service | defect | as it is | hardened |\n| --- | --- | --- | --- |")
    for (service, defect), modes in cells.items():
        results = " | ".join(modes.get(mode, "?") for mode in MODES)
        print(f"| {service} | {defect} | {results} |")


if __name__ == "__main__":
    sys.exit(main())
