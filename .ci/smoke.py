"""Holds the report of a run on the embedded range against what it must say."""

import json
import pathlib
import sys

# One operation answers in one way: the defects of these would stand where another default one does.
WITHOUT_DEFECT = {
    "authn-not-enforced",
    "authz-field-matrix",
    "ctype-refusal-not-415",
    "ctype-undocumented-accepted",
    "error-db-detail",
    "error-panic-spreads",
    "error-path-disclosure",
    "expose-seeded-secret",
    "input-sqli-error",
    "ratelimit-never-recovers",
}
AT_LEAST = 37


def main(name: str, folder: pathlib.Path) -> None:
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    verdicts = {check["id"]: check["verdict"] for practice in report["practices"] for check in practice["checks"]}
    wrong = []

    def must(holds: bool, what: str) -> None:
        if not holds:
            wrong.append(what)

    must(len(verdicts) >= AT_LEAST and verdicts.keys() > WITHOUT_DEFECT, f"only these have a verdict: {sorted(verdicts)}")
    broken = set() if name == "hardened" else verdicts.keys() - WITHOUT_DEFECT
    for check, verdict in sorted(verdicts.items()):
        if check in broken:
            must(verdict == "violated", f"{check} is {verdict}, expected violated")
        elif name == "hardened":
            must(verdict == "held", f"{check} is {verdict}, expected held")
        else:
            must(verdict != "skipped", f"{check} is skipped")
    must(all(operation["reached"] for operation in report["operations"]), "an operation was not reached")
    for identity in report["identities"]:
        alive = identity["granted"] > 0 and identity["alive_at_end"]
        must(alive, f"the identity {identity['name']} does not work")
    must((folder / "journal.jsonl").is_file(), "there is no journal")
    seen = [finding for finding in report["findings"] if finding["state"] in ("confirmed", "shrunk")]
    if name == "defects":
        found = {finding["check"] for finding in seen}
        must(found >= broken, f"checks without a finding: {sorted(broken - found)}")
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
    violated = sum(verdict == "violated" for verdict in verdicts.values())
    print(f"{name}: {len(verdicts)} checks, {violated} violated, {len(seen)} findings, {report['requests']} requests")


if __name__ == "__main__":
    main(sys.argv[1], pathlib.Path(sys.argv[2]))
