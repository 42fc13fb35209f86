"""The commands that work on reports: `baseline`, `compare`, `merge` and `outputs`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from oaicheck.cli.command_line import Parser, refuse
from oaicheck.report.comparison import Comparison, labels_of
from oaicheck.report.folder import append_step_summary, write_folder
from oaicheck.report.html.comparison import comparison_page
from oaicheck.report.html.fragment import document
from oaicheck.report.machine.sarif import RECORDING
from oaicheck.report.merging import merged, read_part
from oaicheck.report.reading import ReportError, read_report
from oaicheck.report.text.comparison import comparison_markdown
from oaicheck.report.text.terminal import summary_lines
from oaicheck.report.wording import counted
from oaicheck.verdicts.baseline import (
    BROKEN,
    BaselineError,
    Entry,
    baseline_text,
    load_baseline,
    updated,
    with_reasons,
)
from oaicheck.verdicts.gate import GATES
from oaicheck.wire.recording import RecordingWriter


def baseline_command(arguments: list[str]) -> int:
    """Write the failures of a report as a baseline, and return the exit code."""
    parser = Parser(
        prog="oaicheck baseline",
        description="Write the failures of a report as known failures, for --baseline. If the "
        "file exists, it is updated: checks that pass now are removed, checks that the report "
        "does not contain stay, and reasons stay.",
    )
    parser.add_argument("report", metavar="REPORT.json", type=Path, help="report to read")
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        type=Path,
        help="file to write or update (default: print the baseline)",
    )
    options = parser.parse_args(arguments)
    old: tuple[Entry, ...] = ()
    try:
        report = read_report(options.report)
        if options.output and options.output.exists():
            old = tuple(load_baseline(options.output).entries.values())
        reasons = {(r["requirement"], r["scenario"]): r["reason"] for r in report.data["results"]}
        entries = with_reasons(updated(report.results, old), reasons)
        text = baseline_text(entries)
        if options.output is None:
            sys.stdout.write(text)
            return 0
        options.output.write_text(text, "utf-8")
    except (BaselineError, ReportError) as error:
        return refuse(error)
    except OSError as error:
        return refuse(f"{error.filename}: {error.strerror}")
    failing = sum(result.outcome in BROKEN for result in report.results)
    undecided = sum(entry.undecided for entry in entries)
    print(
        f"{options.output}: {counted(len(entries) - undecided, 'known failure')}, "
        f"{failing} of them in this report, "
        f"and {counted(undecided, 'check')} that could not be decided"
    )
    return 0


def compare_command(arguments: list[str]) -> int:
    """Compare reports and return the exit code."""
    parser = Parser(
        prog="oaicheck compare",
        description="Compare reports of several endpoints, or of one endpoint over time. Without "
        "--html and --markdown, print the differences.",
    )
    parser.add_argument(
        "reports", metavar="REPORT.json", type=Path, nargs="+", help="two or more reports"
    )
    parser.add_argument(
        "--label",
        action="append",
        default=[],
        help="column title; give it once for each report, in the same order",
    )
    parser.add_argument("--html", metavar="FILE", type=Path, help="write an HTML page")
    parser.add_argument("--markdown", metavar="FILE", type=Path, help="write a Markdown table")
    options = parser.parse_args(arguments)
    if len(options.reports) < 2:
        return refuse("compare needs at least two reports")
    if options.label and len(options.label) != len(options.reports):
        given, wanted = (
            counted(len(options.label), "label"),
            counted(len(options.reports), "report"),
        )
        return refuse(f"{given} for {wanted}: give --label once for each report, in the same order")
    try:
        reports = tuple(map(read_report, options.reports))
        comparison = Comparison(tuple(options.label) or labels_of(reports), reports)
        if options.html is not None:
            options.html.write_text(comparison_page(comparison), "utf-8")
            print(options.html)
        if options.markdown is not None:
            options.markdown.write_text(comparison_markdown(comparison), "utf-8")
            print(options.markdown)
        if options.html is None and options.markdown is None:
            sys.stdout.write(comparison_markdown(comparison, whole=False))
    except ReportError as error:
        return refuse(error)
    except OSError as error:
        return refuse(f"{error.filename}: {error.strerror}")
    return 0


def merge_command(arguments: list[str]) -> int:
    """Join the reports of a sharded run, and return the exit code of the gate on all of them."""
    parser = Parser(
        prog="oaicheck merge",
        description="Join the report folders of a sharded run into one report. All of them must "
        "have the same target, profile, catalogue and version.",
    )
    parser.add_argument(
        "folders", metavar="FOLDER", type=Path, nargs="+", help="report folders to join"
    )
    parser.add_argument(
        "--report-dir", metavar="DIR", type=Path, required=True, help="folder for the new report"
    )
    parser.add_argument(
        "--gate", choices=GATES, help="level that fails the run (default: that of the reports)"
    )
    parser.add_argument(
        "--baseline", metavar="FILE", type=Path, help="file of known failures, which are excused"
    )
    parser.add_argument(
        "--allow-stale", action="store_true", help="accept baseline entries that pass now"
    )
    options = parser.parse_args(arguments)
    out: Path = options.report_dir
    try:
        baseline = load_baseline(options.baseline) if options.baseline else None
        run = merged(
            [read_part(folder) for folder in options.folders],
            gate=options.gate,
            baseline=baseline,
            allow_stale=options.allow_stale,
        )
        if (out / RECORDING).exists():
            return refuse(
                f"{out} already contains a report, and oaicheck never overwrites one: "
                "name another --report-dir"
            )
        out.mkdir(parents=True, exist_ok=True)
        with RecordingWriter(out / RECORDING, run.recording.facts) as writer:
            for exchange in run.recording.exchanges:
                writer.add(exchange)
        write_folder(run, out)
        (out / "report.html").write_text(document(run), "utf-8")
        append_step_summary(run, os.environ)
    except (BaselineError, ReportError) as error:
        return refuse(error)
    except OSError as error:
        return refuse(f"{error.filename}: {error.strerror}")
    for text, _ in summary_lines(run):
        print(text)
    print(f"report: {out}")
    return run.exit_code


def outputs_command(arguments: list[str]) -> int:
    """Print what a CI pipeline needs from a report, and return the exit code."""
    parser = Parser(
        prog="oaicheck outputs",
        description="Print a report's verdict, counts and paths as NAME=VALUE, one on each line.",
    )
    parser.add_argument("report", metavar="REPORT.json", type=Path, help="report to read")
    parser.add_argument("--prefix", default="", help="text to put before each NAME")
    options = parser.parse_args(arguments)
    try:
        report = read_report(options.report)
    except ReportError as error:
        return refuse(error)
    data, folder = report.data, report.path.parent
    outputs = {
        "verdict": data["verdict"] or "none",
        "exit_code": data["exit_code"],
        "must_broken": data["broken"]["MUST"],
        "should_broken": data["broken"]["SHOULD"],
        "passed": data["counts"]["pass"],
        "failed": data["counts"]["fail"],
        "warned": data["counts"]["warn"],
        "not_applicable": data["counts"]["not-applicable"],
        "inconclusive": data["counts"]["inconclusive"],
        "errors": data["counts"]["error"],
        "known": data["baseline"]["known"] if data["baseline"] else 0,
        "report": folder / "report.html",
        "report_json": report.path,
        "sarif": folder / "oaicheck.sarif",
    }
    for name, value in outputs.items():
        print(f"{options.prefix}{name}={value}")
    return 0
