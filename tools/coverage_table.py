"""Prints the lines of C++ source that a build with --coverage has run, by folder. usage: coverage_table.py BUILD SOURCE"""

import collections
import json
import pathlib
import subprocess
import sys


def gcov_reports(build):
    """What gcov says of each object file that was run, as JSON."""
    for counts in sorted(build.rglob("*.gcda")):
        said = subprocess.run(["gcov", "--json-format", "--stdout", str(counts)], cwd=build, check=True,
                              capture_output=True, text=True).stdout
        for line in said.splitlines():
            if line.startswith("{"):
                yield json.loads(line)


def lines_run(build, source):
    """{file below source: {line: whether it ran in any object file}}"""
    lines = collections.defaultdict(dict)
    for report in gcov_reports(build):
        for file in report["files"]:
            path = pathlib.Path(report["current_working_directory"], file["file"]).resolve()
            if not path.is_relative_to(source):
                continue
            known = lines[path.relative_to(source)]
            for line in file["lines"]:
                known[line["line_number"]] = known.get(line["line_number"], False) or line["count"] > 0
    return lines


def main():
    build, source = (pathlib.Path(name).resolve() for name in sys.argv[1:])
    folders = collections.defaultdict(lambda: [0, 0])
    for file, lines in lines_run(build, source).items():
        for name in (str(file.parent), "all"):
            folders[name][0] += sum(lines.values())
            folders[name][1] += len(lines)
    print("| folder | lines | run | share |\n|---|---|---|---|")
    for name, (run, known) in sorted(folders.items(), key=lambda item: (item[0] == "all", item[0])):
        print(f"| {name} | {known} | {run} | {100 * run / max(known, 1):.1f} % |")


if __name__ == "__main__":
    main()
