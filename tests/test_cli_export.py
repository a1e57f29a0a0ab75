"""`docrules export` and `docrules bindings` through the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import tomli

from extract import schema
from extract.export import bindings as bound
from tests.test_cli import REPO, Result, docrules

SCOPE = "axway/securetransport/5.6"
RULES = REPO / "data" / "rules.json"
HEAD = "# Web Security Group\n\nInbound rules:\n\n| Protocol | Port | Source |\n| --- | --- | --- |\n"
PAGE = f"{HEAD}| TCP | 443 | Clients |\n| TCP | some | Clients |\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with the rules of one page, in a release."""
    page = tmp_path / "docs" / "acme" / "gate" / "1.0" / "web.md"
    page.parent.mkdir(parents=True)
    page.write_text(PAGE, "utf-8")
    docrules("run", "docs", "--report", "report.json", cwd=tmp_path)
    return tmp_path


def export(folder: Path, *args: str | Path) -> Result:
    return docrules("export", *args, cwd=folder)


BINDINGS = """[scope]
vendor = "acme"
product = "gate"

[endpoint."Web Security Group"]
networks = ["10.0.0.0/24"]

[endpoint.Clients]
networks = ["10.1.0.0/16", "2001:db8::/32"]
"""


def test_an_export_is_written_with_its_account(folder: Path) -> None:
    (folder / "ours.toml").write_text(BINDINGS, "utf-8")
    done = export(folder, "nftables", "--bindings", "ours.toml", "--out", "out.nft", "--report", "account.json")
    assert (done.code, done.out) == (1, b"")
    assert "10.1.0.0/16" in (folder / "out.nft").read_text("utf-8")
    account = json.loads((folder / "account.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema.load("export")).validate(account)
    assert [(one["status"], one["code"]) for one in account["rules"]] == [("exported", None), ("refused", "unresolved")]
    lines = done.err.splitlines()
    assert lines[0] == "nftables, acme/gate/1.0: 2 rules: 1 exported, 1 refused"
    assert lines[1].startswith("refused: 1 rule: the page names no port number but 'some' (acme/gate/1.0/web:1:2) [unresolved]")


def test_what_is_not_bound_is_refused_and_the_rest_is_written(folder: Path) -> None:
    done = export(folder, "nftables", "--out", "-")
    assert done.code == 1
    assert b"443" not in done.out
    assert "[endpoint-unbound]" in done.err


def test_everything_exported_ends_with_0(folder: Path) -> None:
    page = folder / "docs" / "acme" / "gate" / "1.0" / "web.md"
    page.write_text(PAGE.replace("| TCP | some | Clients |\n", ""), "utf-8")
    docrules("run", "docs", "--report", "report.json", "--max-shrink", "100", cwd=folder)
    assert export(folder, "terraform-aws", "--out", "rules.tf.json").code == 0


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("netscreen", "--out", "x"), "there is no target 'netscreen'; there is aerleon, csv,"),
        (("csv",), "missing option '--out'"),
        (("csv", "--scope", "acme/gate/2.0", "--out", "x"), "there is no scope 'acme/gate/2.0' with rules; there is acme/gate/1.0"),
        (("csv", "--document", "other", "--out", "x"), "--document 'other' names no documents of acme/gate/1.0"),
        (("csv", "--as", "Stranger", "--out", "x"), "no rule of acme/gate/1.0 names 'Stranger'; there is Clients, Web Security Group"),
        (("csv", "--since", "0.9", "--out", "x"), "csv takes no --since"),
        (("csv", "--as", "Clients", "--out", "x"), "csv takes no --as"),
        (("nftables", "--out", "x"), "x is no folder; create it first, or name a file, x/docrules.nft say"),
        (("terraform-aws", "--since", "0.9", "--out", "x.json"), "--since 0.9: there is no such release of acme/gate in the rules"),
        (("csv", "--bindings", "none.toml", "--out", "x"), "none.toml: cannot be read"),
        (("aerleon", "--out", "x"), "the output is 3 files, and x is no folder; create it first"),
        (("csv", "--out", ""), "--out is empty"),
        (("csv", "--out", "x.csv", "--report", "-"), "--report takes the name of a file"),
        (("firewalld", "--out", ".", "--report", "none/r.json"), "none"),
        (("csv", "--out", "rules.json"), "rules.json is one of the files that are read and would be overwritten"),
    ],
)
def test_a_call_that_cannot_be_carried_out_writes_nothing(folder: Path, args: tuple[str, ...], said: str) -> None:
    before = sorted(path.name for path in folder.iterdir())
    refused = export(folder, *args)
    assert (refused.code, refused.out) == (2, b"")
    assert said in refused.err
    assert sorted(path.name for path in folder.iterdir()) == before


def test_of_several_scopes_one_is_chosen() -> None:
    refused = export(REPO, "csv", RULES, "--out", "-")
    assert refused.code == 2
    assert "choose one with --scope: axway/securetransport/5.5, axway/securetransport/5.6" in refused.err


def test_a_new_release_is_one_of_resources_that_the_diff_tells(tmp_path: Path) -> None:
    def names(release: str, *args: str) -> dict[str, dict[str, object]]:
        out = tmp_path / f"{release}.tf.json"
        export(REPO, "terraform-aws", RULES, "--scope", f"axway/securetransport/{release}", "--out", out, *args)
        table = json.loads(out.read_text("utf-8"))
        return {
            "moved": {one["from"]: one["to"] for one in table.get("moved", [])},
            **table["resource"]["aws_vpc_security_group_ingress_rule"],
        }

    old, new = names("5.5"), names("5.6", "--since", "5.5")
    moved = {str(one).rpartition(".")[2] for one in new["moved"]}
    assert len(new.keys() - old.keys() - {"moved"}) == 2
    assert len(old.keys() - new.keys() - {"moved"}) == 4
    assert moved < old.keys() - new.keys()


def test_the_targets_are_listed_with_their_limits() -> None:
    listed = export(REPO, "--list")
    assert (listed.code, listed.err) == (0, "")
    text = listed.out.decode()
    assert [line.partition(":")[0] for line in text.splitlines() if not line.startswith(" ")] == [
        "aerleon", "csv", "firewalld", "kubernetes", "nftables", "terraform-aws", "xlsx"
    ]  # fmt: skip


# --- bindings ---------------------------------------------------------------------------------------------------------


def test_the_skeleton_names_every_end_with_where_it_occurs() -> None:
    done = docrules("bindings", RULES, "--scope", SCOPE, cwd=REPO)
    assert (done.code, done.err) == (0, "")
    text = done.out.decode()
    assert tomli.loads(text) == {"scope": {"vendor": "axway", "product": "securetransport"}}
    assert '# [endpoint."Load Balancer Security Group"]\n# networks = ["192.0.2.0/24", "2001:db8::/64"]\n' in text
    filled = "\n".join(line.removeprefix("# ") if line.startswith(("# [endpoint", "# networks")) else line for line in text.splitlines())
    found = bound.parse(filled, "ours.toml", ("axway", "securetransport", "5.6"))
    names = {end["name"] for rule in json.loads(RULES.read_text("utf-8"))["rules"] for end in (rule["source"], rule["destination"]) if end}
    assert set(found.endpoints) <= names and len(found.endpoints) >= 5


def test_an_update_keeps_what_is_there_and_adds_what_is_new(folder: Path) -> None:
    file = folder / "ours.toml"
    file.write_text(BINDINGS.partition("\n[endpoint.Clients]")[0], "utf-8")
    before = file.read_text("utf-8")
    done = docrules("bindings", "--update", "ours.toml", cwd=folder)
    assert (done.code, done.err) == (0, "added what is new to ours.toml\n")
    after = file.read_text("utf-8")
    assert after.startswith(before.rstrip())
    assert '# [endpoint."Clients"]' in after and after.count("Web Security Group") == 1
    again = docrules("bindings", "--update", "ours.toml", cwd=folder)
    assert (again.code, file.read_text("utf-8")) == (0, after)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[endpoint.Clients]\nnetworks = ["10.1.0.1/16"]\n', "ours.toml:2: '10.1.0.1/16' is no network: 10.1.0.1/16 has host bits set"),
        ("[endpoint.Clients]\nnetworks = []\n", "ours.toml:2: endpoint.Clients.networks is an empty list; it needs an entry"),
        (
            '[endpoint.Clients]\nnetwork = "x"\n',
            "ours.toml:2: endpoint.Clients has no key 'network'; did you mean 'networks'?",
        ),
        ('[endpoint.Clients]\nrefuse = "no"\nnetworks = ["10.0.0.0/8"]\n', "'Clients' is refused, so nothing else can be said of it"),
        ('[scope]\nvendor = "other"\n', "ours.toml:2: its names are of vendor 'other'; this export is of acme/gate/1.0"),
        ("[endpoint.Clients\n", "ours.toml:1:18: is no TOML"),
    ],
)
def test_bindings_are_strict(folder: Path, text: str, said: str) -> None:
    (folder / "ours.toml").write_text(text, "utf-8")
    refused = export(folder, "nftables", "--bindings", "ours.toml", "--out", "-")
    assert (refused.code, refused.out) == (2, b"")
    assert said in refused.err


def test_an_entry_that_nothing_uses_is_a_note_and_two_files_may_not_say_one_thing(folder: Path) -> None:
    (folder / "ours.toml").write_text(BINDINGS + '\n[endpoint.Strangers]\nnetworks = ["10.2.0.0/16"]\n', "utf-8")
    done = export(folder, "nftables", "--bindings", "ours.toml", "--out", "-")
    assert "note: ours.toml:11: no rule of this export names 'Strangers'" in done.err
    (folder / "more.toml").write_text('[endpoint.Clients]\nnetworks = ["10.3.0.0/16"]\n', "utf-8")
    refused = export(folder, "nftables", "--bindings", "ours.toml", "--bindings", "more.toml", "--out", "-")
    assert refused.code == 2
    assert "more.toml:1: ours.toml:8 says what 'Clients' is already; say it once" in refused.err


def test_what_a_page_does_not_state_is_answered_by_the_user(folder: Path) -> None:
    page = folder / "docs" / "acme" / "gate" / "1.0" / "web.md"
    page.write_text("# Web Security Group\n\nInbound rules:\n\n| Protocol | Port |\n| --- | --- |\n| TCP | 443 |\n", "utf-8")
    docrules("run", "docs", "--report", "report.json", "--max-shrink", "100", cwd=folder)
    assert "[endpoint-unstated]" in export(folder, "terraform-aws", "--out", "-").err
    (folder / "ours.toml").write_text('[[unstated]]\ndocument = "web"\nside = "source"\nnetworks = ["10.0.0.0/8"]\n', "utf-8")
    done = export(folder, "terraform-aws", "--bindings", "ours.toml", "--out", "-")
    assert done.code == 0
    assert "assumed for 1 rule: the source, which the page does not state, is 10.0.0.0/8 by decision of the user" in done.err


def test_the_answer_that_names_a_document_most_exactly_counts(folder: Path) -> None:
    bare = "# Web Security Group\n\nInbound rules:\n\n| Protocol | Port |\n| --- | --- |\n| TCP | 443 |\n"
    (folder / "docs" / "acme" / "gate" / "1.0" / "web.md").write_text(bare, "utf-8")
    docrules("run", "docs", "--report", "report.json", "--max-shrink", "100", cwd=folder)
    answers = (("web", "0.0.0.0/0"), ("1.0/web", "10.1.0.0/16"))
    wide, narrow = (f'[[unstated]]\ndocument = "{name}"\nside = "source"\nnetworks = ["{net}"]\n' for name, net in answers)
    (folder / "ours.toml").write_text(wide + narrow, "utf-8")
    done = export(folder, "terraform-aws", "--bindings", "ours.toml", "--out", "-")
    assert b"10.1.0.0/16" in done.out and b"0.0.0.0/0" not in done.out
    assert "note: ours.toml:1: no rule of 'web' lacks its source" in done.err
    (folder / "ours.toml").write_text(wide, "utf-8")
    assert "anywhere: 1 exported rule" in export(folder, "terraform-aws", "--bindings", "ours.toml", "--out", "-").err


@pytest.mark.parametrize("network", ["fe80::1%eth0", "10.0.0.1/8", "0.0.0.0/0.0.0.0", "10.0.0.0/0.0.0.255"])
def test_a_network_is_no_more_than_that(folder: Path, network: str) -> None:
    (folder / "ours.toml").write_text(f'[endpoint.Clients]\nnetworks = ["{network}"]\n', "utf-8")
    refused = export(folder, "nftables", "--bindings", "ours.toml", "--out", "-")
    assert refused.code == 2
    assert f"{network!r} is no network" in refused.err


def test_no_binding_changes_what_a_page_states(folder: Path) -> None:
    page = folder / "docs" / "acme" / "gate" / "1.0" / "web.md"
    page.write_text(PAGE.replace("Clients", "10.1.0.0/16"), "utf-8")
    docrules("run", "docs", "--report", "report.json", "--max-shrink", "100", cwd=folder)
    (folder / "ours.toml").write_text('[endpoint."10.1.0.0/16"]\nnetworks = ["10.0.0.0/8"]\n', "utf-8")
    refused = export(folder, "terraform-aws", "--bindings", "ours.toml", "--out", "-")
    assert refused.code == 2
    assert "ours.toml:1: the page itself says what '10.1.0.0/16' is" in refused.err


def test_output_and_account_are_two_files(folder: Path) -> None:
    refused = export(folder, "csv", "--out", "x.csv", "--report", "./x.csv")
    assert refused.code == 2
    assert "--out and --report name the same file" in refused.err


def test_an_open_rule_in_a_list_is_no_refusal(folder: Path) -> None:
    done = export(folder, "csv", "--out", "-")
    assert done.code == 0
    assert "csv, acme/gate/1.0: 2 rules: 1 exported, 1 listed as open" in done.err


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("to_port", 80, "its ports are 443 to 80"),
        ("protocol", "grex", "there is no protocol 'grex'"),
        ("source", {"kind": "cidr", "name": "10.0.0.1/8"}, "'10.0.0.1/8' is no network"),
        ("fingerprint", "OPEN", "its id or fingerprint is that of another one"),
    ],
)
def test_rules_that_no_run_has_written_are_not_exported(folder: Path, field: str, value: object, said: str) -> None:
    """A schema does not compare values, so a file that was edited by hand may say what nothing is."""
    path = folder / "rules.json"
    stated = json.loads(path.read_text("utf-8"))
    (rule,) = stated["rules"]
    rule[field] = stated["unresolved"][0]["fingerprint"] if value == "OPEN" else value
    if field == "protocol":
        rule["from_port"] = rule["to_port"] = None
    path.write_text(json.dumps(stated), "utf-8")
    refused = export(folder, "terraform-aws", "--out", "-")
    assert (refused.code, refused.out) == (2, b"")
    assert said in refused.err


def test_a_date_is_no_value_of_bindings(folder: Path) -> None:
    (folder / "ours.toml").write_text("[endpoint.Clients]\nrefuse = 2026-01-01\n", "utf-8")
    refused = export(folder, "nftables", "--bindings", "ours.toml", "--out", "-")
    assert refused.code == 2
    assert "ours.toml:2: endpoint.Clients.refuse is the date or time 2026-01-01; write a text" in refused.err


def test_notes_lead_to_the_line_of_an_entry_and_leave_out_names_that_rules_have(folder: Path) -> None:
    bound = '[endpoint."Clients of old"]\nnetworks = ["10.1.0.0/16"]\n\n[endpoint.Clients]\nnetworks = ["10.2.0.0/16"]\n'
    (folder / "ours.toml").write_text(bound, "utf-8")
    done = export(folder, "nftables", "--bindings", "ours.toml", "--out", "-")
    assert [line for line in done.err.splitlines() if line.startswith("note")] == [
        "note: ours.toml:1: no rule of this export names 'Clients of old'"
    ]


def test_what_cannot_be_written_out_leaves_no_report(folder: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "extract", "export", "csv", "--out", "-", "--report", "x.json"]
        done = subprocess.run(command, cwd=folder, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 2
    assert not (folder / "x.json").exists()


def test_names_of_pages_do_not_drive_a_terminal(folder: Path) -> None:
    path = folder / "rules.json"
    path.write_text(path.read_text("utf-8").replace('"Clients"', '"Cli\u009bents\u202e"'), "utf-8")
    done = docrules("bindings", cwd=folder)
    assert done.code == 0
    assert b'[endpoint."Cli\\U0000009Bents\\U0000202E"]' in done.out


def test_a_page_that_does_not_say_whose_rules_it_lists_is_of_this_machine_only_where_the_user_says_so(folder: Path) -> None:
    """Another page of the release names the machine: this one may be about any other server."""
    other = folder / "docs" / "acme" / "gate" / "1.0" / "ports.md"
    other.write_text(PAGE.replace("Web Security Group", "Ports").replace("443", "25").replace("| TCP | some | Clients |\n", ""), "utf-8")
    docrules("run", "docs", "--report", "report.json", "--max-shrink", "100", cwd=folder)
    call = ("nftables", "--as", "Web Security Group", "--bindings", "ours.toml", "--out", "-")
    (folder / "ours.toml").write_text(BINDINGS, "utf-8")
    done = export(folder, *call)
    assert b"dport 443 accept" in done.out and b"dport 25" not in done.out
    assert "does not state the destination, and other pages are those that name 'Web Security Group'" in done.err
    assert b"dport 25 accept" in export(folder, *call, "--document", "ports").out
    # The user may say that it is about others.
    (folder / "ours.toml").write_text(
        f'{BINDINGS}\n[[unstated]]\ndocument = "ports"\nside = "destination"\nnetworks = ["10.9.0.0/24"]\n', "utf-8"
    )
    done = export(folder, *call)
    assert b"dport 25" not in done.out
    assert "1 about others than this machine" in done.err
