"""Prints the JSON Schema of the protocol format: ``python -m annotations.schema``."""

from __future__ import annotations

import json
import sys

from annotations.protocol import json_schema


def main() -> None:
    """Write the schema to standard output."""
    sys.stdout.write(json.dumps(json_schema(), indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
