"""`python -m tests.bench [NAME...]`: every promised ratio as a table and as JSON; exit 1 where one is not kept."""

from __future__ import annotations

import argparse
import sys

from tests.bench.runner import as_json, load, measure, names, shared_folder, table


def main() -> int:
    """Runs the named benches, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("name", nargs="*", help=f"one of {', '.join(names())}")
    wanted = parser.parse_args().name or names()
    if unknown := sorted(set(wanted) - set(names())):
        parser.error(f"no bench {', '.join(unknown)}; there are {', '.join(names())}")
    results = []
    for name in wanted:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        results.append(measure(load(name, shared_folder())))
    for result in results:
        print(f"{result.name}: {result.promise}")
    print()
    print(table(results))
    print()
    print(as_json(results))
    return 0 if all(ratio.kept for result in results for ratio in result.ratios) else 1


if __name__ == "__main__":
    raise SystemExit(main())
