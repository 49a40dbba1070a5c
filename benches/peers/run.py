#!/usr/bin/env python3
"""Runs dp, dbt-core on DuckDB, SQLMesh and terraform on the same pipeline, one after the other in one go.

    benches/peers/run.py --assets 1000

The peers are installed from PyPI into environments outside the repository (`--environments`), once. terraform is left
out unless it is on PATH. Each row is printed to stderr as soon as it is there, the table in Markdown to stdout at the
end. Ratios are to what dp takes for the same: by the clock, and by CPU time (user and system, of all processes)."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from pipeline import Dbt, Dp, Pipeline, Sqlmesh, Terraform

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGES = {"dbt": ["dbt-core>=1.10,<1.11", "dbt-duckdb"], "sqlmesh": ["sqlmesh"]}

# What is compared with what; "looked at in full" is dp's plan that reads everything though nothing moved.
FIRST_PLAN, ALL, NOTHING, FULL, EDIT, APPLY_EDIT = (
    "plan from nothing",
    "run of all",
    "plan, nothing to do",
    "plan, nothing to do, looked at in full",
    "plan after one edit",
    "apply after one edit",
)


@dataclass
class Row:
    tool: str
    what: str
    command: str
    clock: float
    cpu: float
    peak_mib: float


class Failed(Exception):
    pass


class Runner:
    def __init__(self, tool, folder, environment, limit):
        self.tool, self.folder, self.limit = tool, folder, limit
        self.environment = {**os.environ, **environment}
        for name in ("DP_PROJECT", "DP_ENV"):
            self.environment.pop(name, None)
        self.rows = []

    def run(self, command, exits=(0,), answer=""):
        """Runs it in the project's folder; gives the time by the clock, CPU time, and peak memory of the largest process."""
        with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as given:
            given.write(answer)
            given.seek(0)
            start = time.monotonic()
            process = subprocess.Popen(
                [str(word) for word in command],
                cwd=self.folder,
                env=self.environment,
                stdin=given,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            while True:
                ended, status, usage = os.wait4(process.pid, os.WNOHANG)
                if ended:
                    break
                if time.monotonic() - start > self.limit:
                    process.kill()
                    os.wait4(process.pid, 0)
                    process.returncode = -9
                    raise Failed(f"{' '.join(map(str, command))}: over {self.limit} s, given up")
                time.sleep(0.002)
            clock = time.monotonic() - start
            process.returncode = os.waitstatus_to_exitcode(status)
            output.seek(0)
            text = output.read()
        if process.returncode not in exits:
            raise Failed(f"{' '.join(map(str, command))}: exit {process.returncode}\n{text[-3000:]}")
        return text, clock, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024

    def time(self, what, command, times=1, exits=(0,), answer="", before=lambda: None, names=""):
        """The median by the clock of so many runs is a row. Each has to name what it is about to do."""
        runs = []
        for _ in range(times):
            before()
            text, *measured = self.run(command, exits, answer)
            if names not in text:
                raise Failed(f"{' '.join(map(str, command))}: does not name {names}\n{text[-3000:]}")
            runs.append(measured)
        clock, cpu, peak = sorted(runs)[len(runs) // 2]
        shown = " ".join([Path(str(command[0])).name, *map(str, command[1:])])
        row = Row(self.tool, what, shown, clock, cpu, peak)
        print(f"{self.tool}: {what}: {clock:.2f} s, CPU {cpu:.2f} s, {peak:.0f} MiB", file=sys.stderr, flush=True)
        self.rows.append(row)


def edited(project):
    """A part of the name that every tool has for the query that is edited."""
    return project.pipeline.queries[-1].name[1]


def editor(project):
    """Edits the last query, another way each time."""
    literals = iter(range(2, 1000))
    return lambda: project.edit(next(literals))


def dp(runner, project, binary, times):
    plan = [binary, "plan", "--detailed-exitcode"]
    apply = [binary, "apply", "--auto-approve", "-q"]
    edit = editor(project)
    runner.time(FIRST_PLAN, plan, exits=(2,))
    shutil.rmtree(project.folder / ".dp", ignore_errors=True)
    runner.time(ALL, apply)
    runner.time(FULL, [binary, "plan", "--all"], times)
    # What was written less than two seconds ago may have been written again unseen, so dp still reads it.
    for _ in range(100):
        text = runner.run([*plan, "--trace-time"])[0]
        if "read the project" not in text:
            break
        time.sleep(0.3)
    else:
        raise Failed("a plan with nothing to do still reads the project")
    runner.time(NOTHING, plan, times)
    runner.time(EDIT, plan, times, exits=(2,), before=edit, names=edited(project))
    runner.time(APPLY_EDIT, apply, before=edit)


def dbt(runner, project, binary, times):
    edit = editor(project)
    runner.time(FIRST_PLAN, [binary, "parse", "--no-partial-parse"])
    runner.time(ALL, [binary, "run"])
    shutil.copytree(project.folder / "target", project.folder / "before")
    changed = ["--select", "state:modified", "--state", "before"]
    listing = [binary, "ls", *changed]
    runner.time(NOTHING, listing, times)
    runner.time(EDIT, listing, times, before=edit, names=edited(project))
    runner.time(APPLY_EDIT, [binary, "run", *changed], before=edit)


def sqlmesh(runner, project, binary, times):
    edit = editor(project)
    plan = [binary, "plan", "--skip-tests", "--no-prompts"]
    # It plans and applies in one command.
    runner.time(ALL, [*plan, "--auto-apply"])
    runner.time(NOTHING, plan, times)
    # "n": it asks whether to apply.
    runner.time(EDIT, [binary, "plan", "--skip-tests"], times, exits=(0, 1), answer="n\n" * 5, before=edit, names=edited(project))
    runner.time(APPLY_EDIT, [*plan, "--auto-apply"], before=edit)


def terraform(runner, project, binary, times):
    edit = editor(project)
    runner.run([binary, "init", "-input=false"])
    plan = [binary, "plan", "-detailed-exitcode", "-input=false"]
    apply = [binary, "apply", "-auto-approve", "-input=false"]
    runner.time(FIRST_PLAN, plan, exits=(2,))
    runner.time(ALL, apply)
    runner.time(NOTHING, plan, times)
    runner.time(EDIT, plan, times, exits=(2,), before=edit, names=edited(project))
    runner.time(APPLY_EDIT, apply, before=edit)


def installed(name, environments):
    """The peer's program, in an environment of its own."""
    folder = environments / name
    program = folder / "bin" / name
    if not program.exists():
        print(f"installing {', '.join(PACKAGES[name])} into {folder}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([folder / "bin/pip", "install", "--quiet", *PACKAGES[name]], check=True)
    return program


def versions(binaries):
    found = []
    for tool, binary in binaries.items():
        words = [binary, "version"] if tool == "terraform" else [binary, "--version"]
        result = subprocess.run(words, capture_output=True, text=True, check=False)
        lines = [line.strip() for line in result.stdout.splitlines() if any(letter.isdigit() for letter in line)]
        found.append(f"{tool}: {lines[0].removeprefix('- installed: ') if lines else '?'}")
    return "; ".join(found)


def seconds(value):
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"


def table(rows):
    own = {row.what: row for row in rows if row.tool == "dp"}
    lines = [
        "| | tool | clock | CPU | peak memory | × dp: clock · CPU | command |",
        "|---|---|---:|---:|---:|---:|---|",
    ]
    for what in (FIRST_PLAN, ALL, NOTHING, FULL, EDIT, APPLY_EDIT):
        for row in (row for row in rows if row.what == what):
            ratio = "–"
            if row.tool != "dp" and what in own:
                ratio = f"{row.clock / own[what].clock:.1f} · {row.cpu / max(own[what].cpu, 0.001):.1f}"
            cells = [what, row.tool, seconds(row.clock), seconds(row.cpu), f"{row.peak_mib:.0f} MiB", ratio, f"`{row.command}`"]
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main():
    tools = {"dp": (Dp, dp), "dbt": (Dbt, dbt), "sqlmesh": (Sqlmesh, sqlmesh), "terraform": (Terraform, terraform)}
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    target = Path(os.environ.get("CARGO_TARGET_DIR") or REPOSITORY / "target")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assets", type=int, default=100, help="how many queries (100)")
    parser.add_argument("--times", type=int, default=3, help="runs of each plan; the median counts (3)")
    parser.add_argument("--tools", default=",".join(tools), help="which, with commas between (all)")
    parser.add_argument("--dp", type=Path, default=target / "release/dp", help="dp's binary (target/release/dp)")
    parser.add_argument("--environments", type=Path, default=cache / "dp-peers", help="where peers are installed")
    parser.add_argument("--limit", type=float, default=1800, help="seconds after which a command is given up (1800)")
    asked = parser.parse_args()

    binaries = {}
    for tool in asked.tools.split(","):
        if tool not in tools:
            parser.error(f"unknown tool {tool}; there are {', '.join(tools)}")
        if tool == "terraform":
            if shutil.which(tool) is None:
                print("terraform is not on PATH, and is left out", file=sys.stderr)
                continue
            binaries[tool] = shutil.which(tool)
        else:
            binaries[tool] = asked.dp.resolve() if tool == "dp" else installed(tool, asked.environments)

    pipeline = Pipeline(asked.assets)
    quiet = {"NO_COLOR": "1", "DO_NOT_TRACK": "1", "SQLMESH__DISABLE_ANONYMIZED_ANALYTICS": "1", "CHECKPOINT_DISABLE": "1"}
    rows, failed = [], False
    with tempfile.TemporaryDirectory(prefix="dp-peers-") as work:
        for tool, binary in binaries.items():
            kind, measure = tools[tool]
            project = kind(pipeline, Path(work) / tool)
            project.generate()
            runner = Runner(tool, project.folder, quiet, asked.limit)
            try:
                measure(runner, project, binary, asked.times)
            except Failed as error:
                failed = True
                print(f"{tool}: {error}", file=sys.stderr)
            rows.extend(runner.rows)
    print(f"{asked.assets} queries, {pipeline.sources} sources; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end")
    print(f"{versions(binaries)}\n")
    print(table(rows))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
