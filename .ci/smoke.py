"""Holds the report of a run on the embedded range against what it must say."""

import json
import pathlib
import sys

PER_CHECK = {
    "error-stack-trace",
    "error-shape-inconsistent",
    "jwt-alg-none",
    "jwt-exp-ignored",
    "authz-object-read",
    "input-sqli-boolean",
    "ratelimit-missing",
    "ratelimit-never-recovers",
}


def main(name: str, folder: pathlib.Path) -> None:
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    verdicts = {check["id"]: check["verdict"] for practice in report["practices"] for check in practice["checks"]}
    wrong = []

    def must(holds: bool, what: str) -> None:
        if not holds:
            wrong.append(what)

    missing = PER_CHECK - verdicts.keys()
    must(not missing, f"checks without a verdict: {sorted(missing)}")
    wanted = "violated" if name == "defects" else "held"
    for check, verdict in sorted(verdicts.items()):
        must(verdict == wanted, f"{check} is {verdict}, expected {wanted}")
    must(all(operation["reached"] for operation in report["operations"]), "an operation was not reached")
    for identity in report["identities"]:
        alive = identity["granted"] > 0 and identity["alive_at_end"]
        must(alive, f"the identity {identity['name']} does not work")
    must((folder / "journal.jsonl").is_file(), "there is no journal")
    seen = [finding for finding in report["findings"] if finding["state"] in ("confirmed", "shrunk")]
    if name == "defects":
        found = {finding["check"] for finding in seen}
        must(found >= PER_CHECK, f"checks without a finding: {sorted(PER_CHECK - found)}")
        for finding in seen:
            path = folder / "corpora" / finding["case_file"]
            must(path.is_file(), f"{path} is missing")
            if path.is_file():
                case = json.loads(path.read_text(encoding="utf-8"))
                must(case["format"] == 1 and case["check"] == finding["check"], f"{path} is another case")
    else:
        must(not report["findings"], f"findings: {[finding['title'] for finding in report['findings']]}")
    for line in wrong:
        print(f"{name}: {line}", file=sys.stderr)
    if wrong:
        sys.exit(1)
    print(f"{name}: {len(verdicts)} checks {wanted}, {len(seen)} findings, {report['requests']} requests")


if __name__ == "__main__":
    main(sys.argv[1], pathlib.Path(sys.argv[2]))
