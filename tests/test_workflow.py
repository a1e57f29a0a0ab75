"""The reusable workflow for repositories of documents: its form, what it may do, and its steps, run in a repository with two branches."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from tests.test_cli import HTTPS_ROW, html

REPO = Path(__file__).resolve().parent.parent
WORKFLOW = REPO / ".github" / "workflows" / "review.yml"
TEXT = WORKFLOW.read_text("utf-8")
JOBS: dict[str, Any] = yaml.safe_load(TEXT)["jobs"]
# YAML 1.1, which PyYAML reads, takes the key `on` for true.
INPUTS: dict[str, Any] = yaml.safe_load(TEXT)[True]["workflow_call"]["inputs"]
MARK = "<!-- docrules -->"
BOT = "github-actions[bot]"
SECONDS = 120
OTHER_ROW = ("TCP", "8443", "Load Balancer Security Group", "HTTPS")
BROKEN_ROW = ("TCP", "70000", "Load Balancer Security Group", "Broken")

# What stands for gh: it keeps comments in a file, gives them out in pages of two, and takes what the API takes.
GH = """
import json, os, sys
from pathlib import Path
store = Path(os.environ["COMMENTS"])
comments = json.loads(store.read_text("utf-8"))
called, *arguments = sys.argv[1:]
assert called == "api" and os.environ["GH_TOKEN"] == "token"
if arguments[:2] == ["--paginate", "--slurp"]:
    assert arguments[2:] == ["repos/acme/docs/issues/7/comments?per_page=100"]
    print(json.dumps([comments[start : start + 2] for start in range(0, len(comments), 2)]))
else:
    option, method, target, field, value = arguments
    assert (option, field, value[:6]) == ("--method", "--field", "body=@")
    body = Path(value[6:]).read_text("utf-8")
    if method == "POST":
        assert target == "repos/acme/docs/issues/7/comments"
        comments.append({"id": len(comments) + 1, "user": {"login": "github-actions[bot]"}, "body": body})
    else:
        assert method == "PATCH"
        [comment] = [one for one in comments if target == f"repos/acme/docs/issues/comments/{one['id']}"]
        comment["body"] = body
    store.write_text(json.dumps(comments), "utf-8")
"""


def steps() -> Iterator[dict[str, Any]]:
    for job in JOBS.values():
        yield from job["steps"]


def example() -> str:
    """Return the workflow that the header shows to callers."""
    header = TEXT[: TEXT.index("\nname:")].splitlines()
    return "\n".join(line.removeprefix("#   ") for line in header if line.startswith("#   ")) + "\n"


# --- the form ---------------------------------------------------------------------------------------------------------


def test_the_workflow_and_its_example_are_valid_by_the_published_schema(tmp_path: Path) -> None:
    shown = tmp_path / "docrules.yml"
    shown.write_text(example(), "utf-8")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(WORKFLOW), str(shown)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_script_holds_an_expression() -> None:
    scripts = [step["run"] for step in steps() if "run" in step]
    assert len(scripts) == 6
    assert not any("${{" in script for script in scripts)


def test_every_action_is_pinned() -> None:
    used = re.findall(r"uses: ([^@\s]+)@(\S+) # (\S+)", TEXT[TEXT.index("\njobs:") :])
    assert len(used) == sum("uses" in step for step in steps())
    by_tag = {action for action, pin, _ in used if not re.fullmatch(r"[0-9a-f]{40}", pin)}
    assert by_tag == {"github/codeql-action/upload-sarif"}


def test_the_job_that_reads_documents_can_write_nothing() -> None:
    assert yaml.safe_load(TEXT)["permissions"] == {}
    assert JOBS["extract"]["permissions"] == {"contents": "read"}
    assert all("docrules run" not in step.get("run", "") for step in JOBS["publish"]["steps"])


def test_the_token_of_the_job_is_never_left_in_the_checkout() -> None:
    checkouts = [step for step in steps() if step.get("uses", "").startswith("actions/checkout@")]
    assert len(checkouts) == 2
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_the_example_grants_what_the_jobs_need_and_no_more() -> None:
    caller = yaml.safe_load(example())
    assert caller["permissions"] == {}
    needed = {name: access for job in JOBS.values() for name, access in job["permissions"].items()}
    assert caller["jobs"]["review"]["permissions"] == needed
    assert list(caller[True]) == ["pull_request"]


def test_the_example_gives_every_input_that_must_be_given() -> None:
    given = yaml.safe_load(example())["jobs"]["review"]["with"]
    assert {name for name, one in INPUTS.items() if one.get("required")} <= given.keys() <= INPUTS.keys()


# --- its steps --------------------------------------------------------------------------------------------------------


class Run(NamedTuple):
    """What the steps of a job gave: the exit code of each that ran, the outputs, the folder of the review, the page of the run."""

    codes: dict[str, int]
    outputs: dict[str, str]
    review: Path
    page: str
    log: str

    @property
    def comment(self) -> str:
        return (self.review / "comment.md").read_text("utf-8")


class Runner:
    """A runner with the checkout of a pull request: HEAD is its merge, the first parent of which is the base."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.checkout = folder / "checkout"
        self.temp = folder / "temp"
        self.comments = folder / "comments.json"
        programs = folder / "programs"
        for path in (self.checkout, self.temp, programs):
            path.mkdir()
        (folder / "gh.py").write_text(GH, "utf-8")
        for name, command in (("docrules", "-m extract"), ("gh", f"'{folder / 'gh.py'}'"), ("python", "")):
            (programs / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {command} "$@"\n', "utf-8")
            (programs / name).chmod(0o755)
        self.environment = os.environ | {
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(REPO),
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_REPOSITORY": "acme/docs",
            "COMMENTS": str(self.comments),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            **{f"GIT_{role}_{key}": "someone@example.com" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")},
        }

    def git(self, *arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=self.checkout, env=self.environment, capture_output=True, timeout=SECONDS, check=True)

    def pull_request(self, base: dict[str, str], head: dict[str, str]) -> None:
        """Commit the files of the base, those of the branch, and merge them as GitHub does."""
        self.git("init", "-q", "-b", "main")
        self.commit(base)
        self.git("switch", "-q", "-c", "topic")
        self.commit(head)
        self.git("switch", "-q", "--detach", "main")
        self.git("merge", "-q", "--no-ff", "-m", "Merge", "topic")

    def commit(self, files: dict[str, str]) -> None:
        for name, text in ({"README": ""} | files).items():
            path = self.checkout / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        self.git("add", "--all")
        self.git("commit", "-q", "--allow-empty", "-m", "A change")

    def run(self, job: str, **inputs: str) -> Run:
        """Run the scripts of a job one after the other, but for the one that installs, until one fails."""
        known = {f"inputs.{name}": str(one["default"]) for name, one in INPUTS.items() if "default" in one}
        known |= {f"inputs.{name}": value for name, value in inputs.items()}
        known |= {
            "github.server_url": "https://github.com",
            "github.repository": "acme/docs",
            "github.run_id": "42",
            "github.token": "token",
            "github.event.pull_request.number": "7",
        }
        codes: dict[str, int] = {}
        log = ""
        page, output = self.folder / "page.md", self.folder / "output"
        page.touch()
        for step in JOBS[job]["steps"]:
            if "run" not in step or step["name"] == "Install docrules":
                continue
            output.write_text("", "utf-8")
            values = {**JOBS[job].get("env", {}), **step.get("env", {})}
            environment = self.environment | {"GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(page)}
            environment |= {name: filled(value, known) for name, value in values.items()}
            script = self.temp / "script"
            script.write_text(step["run"], "utf-8")
            shell = ["python"] if step.get("shell") == "python" else ["bash", "--noprofile", "--norc", "-eo", "pipefail"]
            done = subprocess.run(
                [*shell, str(script)], cwd=self.checkout, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
            )
            codes[step["name"]] = done.returncode
            log += done.stdout + done.stderr
            given = dict(line.split("=", 1) for line in output.read_text("utf-8").splitlines())
            known |= {f"steps.{step.get('id')}.outputs.{name}": value for name, value in given.items()}
            if done.returncode:
                break
        outputs = {name: filled(value, known) for name, value in JOBS[job].get("outputs", {}).items()}
        return Run(codes, outputs, self.temp / "review", page.read_text("utf-8"), log)


def filled(text: str, known: dict[str, str]) -> str:
    """Return the text with its expressions evaluated; the output of a step that gave none is empty."""
    return re.sub(r"\$\{\{ (\S+) \}\}", lambda found: known.get(found[1], "") if found[1].startswith("steps.") else known[found[1]], text)


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


PAGE = "data/docs/acme/gate/1.0/ports.html"


def test_a_changed_rule_is_in_the_comment_with_the_summary(runner: Runner) -> None:
    runner.pull_request({PAGE: html(HTTPS_ROW)}, {PAGE: html(OTHER_ROW)})
    run = runner.run("extract")
    assert set(run.codes.values()) == {0}, run.log
    assert run.outputs == {"complete": "true"}
    assert run.comment.startswith(f"{MARK}\n")
    assert "8443" in run.comment
    assert "443" in (run.review / "diff.md").read_text("utf-8")
    assert run.comment.endswith((run.review / "summary.md").read_text("utf-8"))
    assert run.page == run.comment


def test_everything_that_is_published_is_in_the_folder_of_the_review(runner: Runner) -> None:
    runner.pull_request({PAGE: html(HTTPS_ROW)}, {PAGE: html(OTHER_ROW)})
    review = runner.run("extract").review
    assert sorted(path.name for path in review.iterdir()) == [
        *("comment.md", "diff.md", "docrules.sarif", "report.json", "rules.json", "summary.md")
    ]


def test_findings_name_the_documents_by_their_path_in_the_repository(runner: Runner) -> None:
    runner.pull_request({PAGE: html(HTTPS_ROW)}, {PAGE: html(BROKEN_ROW)})
    results = json.loads((runner.run("extract").review / "docrules.sarif").read_text("utf-8"))["runs"][0]["results"]
    assert {result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in results} == {PAGE}


@pytest.mark.parametrize("text", ['out = "stolen.json"\n[findings.overrides]\nport-out-of-range = "note"\n', "no = configuration"])
def test_a_pull_request_cannot_bring_a_configuration(runner: Runner, text: str) -> None:
    """It could make light of what it changes, and say what the job writes."""
    runner.pull_request({PAGE: html(HTTPS_ROW)}, {PAGE: html(HTTPS_ROW, BROKEN_ROW), "docrules.toml": text})
    run = runner.run("extract")
    assert run.codes == {"Extract the rules": 0, "Compare with the base": 0, "Write the review": 0, "Judge": 1}, run.log
    assert "by configuration" not in run.comment and not (runner.checkout / "stolen.json").exists()


def test_an_error_fails_the_check_once_the_review_is_written(runner: Runner) -> None:
    runner.pull_request({PAGE: html(HTTPS_ROW)}, {PAGE: html(HTTPS_ROW, BROKEN_ROW)})
    run = runner.run("extract")
    assert run.codes == {"Extract the rules": 0, "Compare with the base": 0, "Write the review": 0, "Judge": 1}, run.log
    assert run.outputs == {"complete": "true"}
    assert "70000" in run.comment


def test_the_caller_decides_what_fails_the_check(runner: Runner) -> None:
    runner.pull_request({PAGE: html(HTTPS_ROW)}, {PAGE: html(HTTPS_ROW, BROKEN_ROW)})
    assert runner.run("extract", **{"fail-on": "never"}).codes["Judge"] == 0


def test_patches_of_the_branch_count(runner: Runner) -> None:
    patch = '[[patch]]\nid = "gone"\nreason = "Not used"\nmatch = { from_port = 443 }\ndrop = true\n'
    runner.pull_request({PAGE: html(HTTPS_ROW, OTHER_ROW)}, {"data/patches/acme/gate.toml": patch})
    run = runner.run("extract")
    assert set(run.codes.values()) == {0}, run.log
    assert "443" in (run.review / "diff.md").read_text("utf-8")


def test_without_documents_in_the_base_all_rules_are_new(runner: Runner) -> None:
    runner.pull_request({}, {PAGE: html(HTTPS_ROW)})
    run = runner.run("extract")
    assert set(run.codes.values()) == {0}, run.log
    assert run.comment.startswith(f"{MARK}\nThe base has no folder of documents: all rules are new.\n\n## docrules\n")


def test_a_base_that_cannot_be_read_does_not_keep_a_review_away(runner: Runner) -> None:
    binary = {"data/docs/acme/gate/1.0/other.html": "\0\1\2\3" * 500}
    runner.pull_request({PAGE: html(HTTPS_ROW)} | binary, {PAGE: html(BROKEN_ROW), "data/docs/acme/gate/1.0/other.html": html(OTHER_ROW)})
    run = runner.run("extract")
    assert run.codes == {"Extract the rules": 0, "Compare with the base": 0, "Write the review": 0, "Judge": 1}, run.log
    assert run.comment.startswith(
        f"{MARK}\nThe rules are not compared with those of the base, for not all could be read; the log says why.\n"
    )
    assert "70000" in run.comment


def test_a_document_that_cannot_be_read_fails_the_check_with_a_review_of_the_others(runner: Runner) -> None:
    runner.pull_request({PAGE: html(HTTPS_ROW)}, {PAGE: html(BROKEN_ROW), "data/docs/acme/gate/1.0/other.html": "\0\1\2\3" * 500})
    run = runner.run("extract")
    assert run.codes["Judge"] == 3, run.log
    assert "70000" in run.comment


def test_a_folder_that_is_not_there_fails_the_check_and_nothing_is_published(runner: Runner) -> None:
    runner.pull_request({}, {"other.txt": ""})
    run = runner.run("extract")
    assert run.codes == {"Extract the rules": 2}
    assert run.outputs == {"complete": ""}


@pytest.mark.parametrize("folder", ["a b", "$(touch run)", "`touch run`", "'; touch run; '", '"; touch run; "', "-x", "a\\b"])
def test_a_name_of_a_folder_is_no_command(runner: Runner, folder: str) -> None:
    page = f"{folder}/acme/gate/1.0/ports.html"
    runner.pull_request({page: html(HTTPS_ROW)}, {page: html(OTHER_ROW)})
    run = runner.run("extract", documents=folder)
    assert set(run.codes.values()) == {0}, run.log
    assert "8443" in run.comment
    assert not list(runner.folder.rglob("run"))


def test_what_does_not_fit_into_a_comment_stands_on_the_page_of_the_run(runner: Runner) -> None:
    rows = [("TCP", "User-defined range", f"Source {number} Security Group", "Purpose " * 10) for number in range(600)]
    runner.pull_request({PAGE: html(HTTPS_ROW)}, {PAGE: html(*rows)})
    run = runner.run("extract")
    assert set(run.codes.values()) == {0}, run.log
    assert len(run.page) > 65_536 > len(run.comment)
    assert run.comment.startswith(f"{MARK}\n{(run.review / 'diff.md').read_text('utf-8')}")
    assert "https://github.com/acme/docs/actions/runs/42" in run.comment
    assert (run.review / "summary.md").read_text("utf-8") in run.page


# --- the comment ------------------------------------------------------------------------------------------------------


def publish(runner: Runner, body: str, *existing: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the comments after the step that posts or updates one."""
    runner.comments.write_text(json.dumps(existing), "utf-8")
    (runner.temp / "review").mkdir(exist_ok=True)
    (runner.temp / "review" / "comment.md").write_text(body, "utf-8")
    run = runner.run("publish")
    assert run.codes == {"Post or update the comment": 0}, run.log
    comments: list[dict[str, Any]] = json.loads(runner.comments.read_text("utf-8"))
    return comments


def comment(number: int, login: str | None, body: str) -> dict[str, Any]:
    return {"id": number, "user": None if login is None else {"login": login}, "body": body}


def test_the_first_review_is_a_new_comment(runner: Runner) -> None:
    assert publish(runner, f"{MARK}\nnew é") == [comment(1, BOT, f"{MARK}\nnew é")]


def test_a_later_review_replaces_its_comment_wherever_it_stands(runner: Runner) -> None:
    others = [comment(number, "someone", "a remark") for number in range(1, 4)]
    assert publish(runner, f"{MARK}\nnew", *others, comment(4, BOT, f"{MARK}\nold")) == [*others, comment(4, BOT, f"{MARK}\nnew")]


@pytest.mark.parametrize(
    "other",
    [comment(1, "someone", f"{MARK}\nforged"), comment(1, BOT, "of another workflow"), comment(1, None, f"{MARK}\nof nobody")],
    ids=["someone's", "of another workflow", "nobody's"],
)
def test_no_other_comment_is_touched(runner: Runner, other: dict[str, Any]) -> None:
    assert publish(runner, f"{MARK}\nnew", other) == [other, comment(2, BOT, f"{MARK}\nnew")]


# --- the hook for pre-commit ------------------------------------------------------------------------------------------

HOOKS: list[dict[str, Any]] = yaml.safe_load((REPO / ".pre-commit-hooks.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder into which pip has installed the program from a repository, as pre-commit and the workflow do."""
    folder = tmp_path_factory.mktemp("installed")
    runner = Runner(tmp_path_factory.mktemp("source"))
    for name in ("extract", "schemas"):
        shutil.copytree(REPO / name, runner.checkout / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", ".pre-commit-hooks.yaml"):
        shutil.copy(REPO / name, runner.checkout)
    runner.git("init", "-q", "-b", "main")
    runner.commit({})
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", str(folder)]
    # What it needs is here already, and a test needs no index.
    command += ["--no-deps", "--no-build-isolation", f"git+{runner.checkout.as_uri()}"]
    subprocess.run(command, cwd=folder, timeout=SECONDS, check=True)
    return folder


def run_hook(installed: Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    [hook] = HOOKS
    program, *arguments = hook["entry"].split()
    command = [sys.executable, str(installed / "bin" / program), *arguments, *hook["args"]]
    environment = os.environ | {"PYTHONPATH": str(installed)}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False)


def test_the_hook_writes_the_data_of_the_documents(installed: Path, tmp_path: Path) -> None:
    page = tmp_path / PAGE
    page.parent.mkdir(parents=True)
    page.write_text(html(HTTPS_ROW), "utf-8")
    done = run_hook(installed, tmp_path)
    assert done.returncode == 0, done.stderr
    rules = tmp_path / "data" / "rules.json"
    assert [rule["from_port"] for rule in json.loads(rules.read_text("utf-8"))["rules"]] == [443]
    before = rules.read_bytes()
    assert run_hook(installed, tmp_path).returncode == 0
    assert rules.read_bytes() == before, "pre-commit fails a commit whose files a hook changes"


def test_the_hook_fails_on_an_error(installed: Path, tmp_path: Path) -> None:
    page = tmp_path / PAGE
    page.parent.mkdir(parents=True)
    page.write_text(html(BROKEN_ROW), "utf-8")
    done = run_hook(installed, tmp_path)
    assert done.returncode == 1
    assert "port-out-of-range" in done.stderr


@pytest.mark.parametrize(
    ("path", "runs"),
    [
        *(
            (f"data/docs/a/b/1.0/page{suffix}", True)
            for suffix in (".html", ".htm", ".xhtml", ".mhtml", ".mht", ".md", ".mdx", ".markdown")
        ),
        ("data/patches/acme/gate.toml", True),
        ("patches/acme/gate.toml", True),
        ("pyproject.toml", False),
        ("src/page.py", False),
        ("html/logo.png", False),
    ],
)
def test_the_hook_runs_when_documents_or_patches_change(path: str, runs: bool) -> None:
    [hook] = HOOKS
    assert bool(re.search(hook["files"], path)) == runs
