"""Validates generated bodies with python's jsonschema, which shares no code with the generator.

Reads the file that `cargo run --example surfaces FOLDER FILE` writes: one {"of", "schema", "value"} a line.
Formats are annotations, as in the generator. Ends with 1 when less than 99 % are valid.
"""

import collections
import json
import sys

from jsonschema import Draft202012Validator


def main(path: str) -> int:
    validators: dict[str, Draft202012Validator] = {}
    valid, invalid, reasons = 0, 0, collections.Counter()
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            entry = json.loads(line)
            key = json.dumps(entry["schema"], sort_keys=True)
            if key not in validators:
                validators[key] = Draft202012Validator(entry["schema"])
            error = next(validators[key].iter_errors(entry["value"]), None)
            if error is None:
                valid += 1
            else:
                invalid += 1
                reasons[f"{entry['of']}: {error.json_path}: {error.validator}: {error.message[:100]}"] += 1
    for reason, count in reasons.most_common(20):
        print(f"{count:6} {reason}")
    share = valid / max(valid + invalid, 1)
    print(f"{valid} of {valid + invalid} bodies are valid: {share:.2%}")
    return 0 if share >= 0.99 and valid else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
