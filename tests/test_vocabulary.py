"""The words: well-formed, without contradictions, used, and read by the parsers as what they are listed for."""

import ast
import json
import re
import shutil
import subprocess
import sys
import tomllib
import unicodedata
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import extract
from extract import vocabulary
from extract.cells import actions, direction, endpoint, icmp, ports, protocol
from extract.errors import VocabularyError
from extract.vocabulary import files

PROPERTY = settings(deadline=None, derandomize=True, max_examples=200)
PACKAGE = Path(extract.__file__).parent
SOURCES = "\n".join(path.read_text("utf-8") for path in sorted(PACKAGE.rglob("*.py")))
CJK = re.compile("[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")
# Every file of words as TOML, by its name: what any other reader of TOML makes of them.
FOLDER = PACKAGE / "vocabulary"
SPOKEN = {
    path.stem: tomllib.loads(path.read_text("utf-8"))
    for path in (FOLDER / "signs.toml", *sorted((FOLDER / "languages").glob("*.toml")))
    if ".examples" not in path.name
}
LANGUAGES = SPOKEN.keys() - {"signs"}
REGISTRIES = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted((FOLDER / "registries").glob("*.toml"))}
FILES = {**SPOKEN, **REGISTRIES}
CLASSES = tomllib.loads((FOLDER / "classes.toml").read_text("utf-8"))


def strings(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Return every string of a parsed file with its place."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from strings(inner, (*path, key))
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner, path)


def entries(name: str) -> list[tuple[tuple[str, ...], str]]:
    """Return the words of a file: no sources, keywords or regular expressions."""
    prose = {"source", "keyword", "transports"}
    return [(path, word) for path, word in strings(FILES[name]) if path[-1] not in prose and path[0] != "phrases"]


def apart(word: str) -> str:
    """Return the blank between a number and a word; scripts without blanks need none."""
    return "" if CJK.match(word) else " "


# --- form -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FILES)
def test_no_word_is_empty_or_unfolded(name: str):
    """Words are compared with folded text: an unfolded one would never match."""
    assert [word for _, word in entries(name) if word != vocabulary.fold(word) or not word] == []


@pytest.mark.parametrize("name", FILES)
def test_no_list_holds_a_word_twice(name: str):
    listed = entries(name)
    if name in ("protocols", "applications", "icmp"):
        words = [word for path, word in listed if path[-1] == "words"]
        assert sorted(set(words)) == sorted(words)
    else:
        assert len(set(listed)) == len(listed)


@pytest.mark.parametrize("name", FILES)
def test_no_word_holds_what_does_not_show(name: str):
    hidden = {"Cc", "Cf", "Co", "Cn", "Zl", "Zp"}
    assert [word for _, word in entries(name) if any(unicodedata.category(char) in hidden for char in word)] == []


PHRASES = [(word, pattern) for name in CLASSES["phrases"] for word, pattern in vocabulary.phrases(name).items()]


@pytest.mark.parametrize(("word", "pattern"), PHRASES)
def test_regular_expressions_name_what_they_find(word: str, pattern: str):
    assert "name" in re.compile(pattern).groupindex


@pytest.mark.parametrize(("word", "pattern"), PHRASES)
@given(data=st.data())
def test_regular_expressions_find_only_what_has_their_word_in_it(word: str, pattern: str, data: st.DataObject):
    """They are tried on texts with the word alone."""
    assert word in data.draw(st.from_regex(re.compile(pattern, re.IGNORECASE))).casefold()


# --- reading ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A vocabulary of one class of words and one concept, in a language and the signs, that stands in the place of the package's own."""
    monkeypatch.setattr(files, "__file__", str(tmp_path / "files.py"))
    (tmp_path / "classes.toml").write_text('[headers]\nport = "a port"\n\n[words]\nany = "all"\n\n[phrases]\nrules_for = "whose"\n')
    (tmp_path / "signs.toml").write_text('[words]\nany = ["*"]\n')
    for name in ("languages", "registries"):
        (tmp_path / name).mkdir()
    caches = (files.classes, files.languages, files.registry)
    for cached in caches:
        cached.cache_clear()
    yield tmp_path
    for cached in caches:
        cached.cache_clear()


def test_the_words_of_a_class_are_those_of_all_files(folder: Path):
    (folder / "languages" / "en.toml").write_text('# English.\n\n[headers]\nport = ["port", "port \\"a\\""]\n\n[words]\nany = ["any"]\n')
    (folder / "languages" / "de.toml").write_text("[words]\nany = [\"alle\"]\n\n[phrases]\nrules_for = { regeln = 'regeln (?P<name>.)' }\n")
    (folder / "languages" / "de.examples.toml").write_text("what is for the tests\n")
    assert list(files.languages()) == ["signs", "de", "en"]
    assert files.words("any") == {"*", "any", "alle"}
    assert files.header_words("port") == {"port", 'port "a"'}
    assert files.phrases("rules_for") == {"regeln": "regeln (?P<name>.)"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[words]\nanny = ["any"]\n', r"en\.toml: \[words\] anny: no class"),
        ('[header]\nport = ["port"]\n', r"en\.toml: \[header\] port: no class"),
        ('[headers]\nany = ["port"]\n', r"en\.toml: \[headers\] any: no class"),
        ('any = ["any"]\n', r"en\.toml, line 1"),
        ('[words]\nany = ["any"]\nany = ["all"]\n', r"en\.toml, line 3"),
        ("[words]\n[words]\n", r"en\.toml, line 2"),
        ('[words]\nany = [\n  "any",\n]\n', r"en\.toml, line 3"),
        ('[words]\nany = ["any"] # all\n', r"en\.toml: \[words\] any is no list of words"),
        ("[words]\nany = ['any']\n", r"en\.toml: \[words\] any is no list of words"),
        ('[words]\nany = "any"\n', r"en\.toml: \[words\] any is no list of words"),
        ("[words]\nany = [1]\n", r"en\.toml: \[words\] any is no list of words"),
        *(
            (f'[words]\nany = ["any", {word}]\n', r"en\.toml: \[words\] any holds an empty word")
            for word in ('""', '"  "', r'"\t"', r'"\u0020"')
        ),
        ("[phrases]\nrules_for = { rule = '(?P<name>.)'\n", r"en\.toml cannot be read"),
    ],
)
def test_a_file_that_is_not_as_it_must_be_is_an_error_of_the_package(folder: Path, text: str, said: str):
    (folder / "languages" / "en.toml").write_text(text)
    with pytest.raises(VocabularyError, match=said):
        _ = files.words("any"), files.phrases("rules_for")


def test_two_languages_do_not_have_a_regular_expression_under_one_word(folder: Path):
    """One of them would be lost."""
    for code, pattern in (("ru", "(?P<name>.)"), ("uk", "(?P<name>..)")):
        (folder / "languages" / f"{code}.toml").write_text(f"[phrases]\nrules_for = {{ rule = '{pattern}' }}\n")
    with pytest.raises(VocabularyError, match=r"uk\.toml: \[phrases\] rules_for has 'rule'"):
        files.phrases("rules_for")


def test_bytes_that_are_no_text_are_an_error_of_the_package(folder: Path):
    (folder / "languages" / "en.toml").write_bytes(b'[words]\nany = ["\xff"]\n')
    with pytest.raises(VocabularyError, match=r"en\.toml cannot be read"):
        files.words("any")


def test_missing_files_are_an_error_of_the_package(folder: Path):
    with pytest.raises(VocabularyError, match=r"nowhere\.toml"):
        files.registry("nowhere")
    (folder / "languages").rmdir()
    with pytest.raises(VocabularyError, match="languages"):
        files.words("any")


@pytest.mark.parametrize("word", ['""', "''", '"  "', r'"\t"', r'"\u0020"', '"""\n"""'])
def test_an_empty_word_in_a_registry_is_an_error_of_the_package(word: str, folder: Path):
    (folder / "registries" / "said.toml").write_text(f'[port]\nwords = ["port", {word}]\n')
    with pytest.raises(VocabularyError, match="empty word"):
        files.registry("said")


def test_a_class_that_is_none_is_an_error_of_the_package():
    with pytest.raises(VocabularyError, match="nothing"):
        vocabulary.words("nothing")
    with pytest.raises(VocabularyError, match="any"):
        vocabulary.header_words("any")


@pytest.mark.parametrize("code", SPOKEN)
def test_a_file_of_words_is_read_as_any_reader_of_toml_reads_it(code: str):
    """The package reads it line by line."""
    made = {
        section: {name: tomllib.loads(f"{name} = {written}")[name] for name, written in lists.items()}
        for section, lists in files.languages()[code].items()
    }
    assert made == SPOKEN[code]


@pytest.mark.parametrize(("section", "name"), [(section, name) for section in ("headers", "words") for name in CLASSES[section]])
def test_a_class_holds_the_words_of_all_languages(section: str, name: str):
    found = {"headers": files.header_words, "words": files.words}[section](name)
    assert found == {word for spoken in SPOKEN.values() for word in spoken.get(section, {}).get(name, ())}
    assert found


@given(st.text())
def test_words_are_compared_without_case_and_width(text: str):
    assert vocabulary.fold(text) == " ".join(unicodedata.normalize("NFKC", text).casefold().split())


# --- languages and use ------------------------------------------------------------------------------------------------

# What is written in one way in every language.
INTERNATIONAL = {"ethertype", "icmp"}


@pytest.mark.parametrize(("section", "name"), [(section, name) for section, names in CLASSES.items() for name in names])
def test_every_class_says_what_it_means_and_is_used(section: str, name: str):
    assert CLASSES[section][name]
    assert re.search(rf"""["']{name}["']""", SOURCES), f"classes.toml [{section}] {name} is read by nothing"


@pytest.mark.parametrize("concept", CLASSES["headers"])
def test_every_header_concept_speaks_every_language(concept: str):
    spoken = {code for code, sections in SPOKEN.items() if concept in sections.get("headers", {})}
    assert spoken >= ({"signs"} if concept in INTERNATIONAL else LANGUAGES)


# Classes that some language has no word for: it says the same in another way (a month by its number), or nobody has met the word yet.
PARTIAL = frozenset(
    """
    abbreviation about accessed_by activity_ending applies_to at_least at_most auxiliary between cell_egress cell_ingress
    client_port command_output command_sign component counted_ports demand_both demand_rule deny deny_before
    denied_by deny_kind deny_list deny_name deny_object deny_telling deny_traffic_to deny_verb dns_record everyday every_icmp from
    general greater groups holding instruct less log_header month name_alternative name_conjunction name_preposition narrowing_who negation
    negation_behind not_listening not_network number_word parameter plural_ending protocol_filler quantity range_before
    range_from reference self
    short_side side_before to topic transport_header unit whole_header
    """.split()
)


@pytest.mark.parametrize("name", sorted(CLASSES["words"].keys() - PARTIAL))
def test_every_class_speaks_every_language(name: str):
    assert {code for code, sections in SPOKEN.items() if name in sections["words"]} >= LANGUAGES


@pytest.mark.parametrize("name", sorted(PARTIAL))
def test_a_class_that_speaks_every_language_says_so(name: str):
    assert not {code for code, sections in SPOKEN.items() if name in sections["words"]} >= LANGUAGES


@pytest.mark.parametrize("concept", CLASSES["headers"])
def test_every_header_word_is_found_as_its_concept(concept: str):
    finder = vocabulary.header_concepts()[concept]
    listed = vocabulary.header_words(concept)
    assert listed
    assert [word for word in listed if not finder.search(word)] == []


NEW_LANGUAGE = """# Esperanto.

[headers]
port = ["pordo"]
protocol = ["protokolo"]
source = ["fonto"]
action = ["ago"]

[words]
ingress = ["enirantaj"]
any = ["ĉiuj"]
deny = ["malpermesi"]
"""
NEW_PAGE = """## Enirantaj konektoj

| Protokolo | Pordo | Fonto | Ago |
| --- | --- | --- | --- |
| TCP | 443 | ĉiuj | Malpermesi |
"""


def test_a_language_is_one_file(tmp_path: Path):
    """A page in a language that nobody knew is read once its file is there."""
    package = tmp_path / "extract"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(PACKAGE.parent / "schemas", tmp_path / "schemas")
    (tmp_path / "page.md").write_text(NEW_PAGE, "utf-8")

    def read() -> list[tuple[str, str | None, dict[str, str] | None]]:
        command = [sys.executable, "-m", "extract", "run", "page.md", "--out", "rules.json", "--no-cache", "--quiet"]
        subprocess.run(command, cwd=tmp_path, timeout=60, check=True)
        rules = json.loads((tmp_path / "rules.json").read_text("utf-8"))["rules"]
        return [(rule["action"], rule["direction"], rule["source"]) for rule in rules]

    assert [action for action, *_ in read()] != ["deny"]
    (package / "vocabulary" / "languages" / "eo.toml").write_text(NEW_LANGUAGE, "utf-8")
    assert read() == [("deny", "ingress", {"kind": "any", "name": "ĉiuj"})]


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_module_names_languages(path: Path):
    """What names some by their codes would have to name the next one as well; one or two codes are tags of HTML and other words."""
    held = {node.value for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant)}
    assert len(held & LANGUAGES) < 3


# Vendors, products and projects whose pages are used to measure the package: it must not know any of them.
NAMES = [
    *("axway", "securetransport", "netapp", "checkmk", "xcat", "opennebula", "tungsten", "stackstorm", "omnia", "bosh", "lync", "weka"),
    *("stratoscale", "juniper", "contrail", "hashicorp", "gitlab", "openg2p", "ipfabric", "ukgpl"),
]


@pytest.mark.parametrize("name", NAMES)
def test_no_page_is_special(name: str):
    # A target of an export is a firewall, and is called by its name.
    read = [path for path in PACKAGE.rglob("*") if "targets" not in path.parts]
    files = [path for path in read if path.suffix in (".py", ".toml", ".json")]
    assert len(files) > 20
    assert [path.name for path in files if name in path.read_text("utf-8").casefold()] == []


# --- no contradictions ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("any", "none"),
        ("any", "variable"),
        ("any", "port_filler"),
        ("any", "reference"),
        ("none", "variable"),
        ("none", "port_filler"),
        ("none", "conjunction"),
        ("conjunction", "range"),
        ("conjunction", "above"),
        ("reference", "port_filler"),
        ("reference", "variable"),
        ("allow", "deny"),
        ("ingress", "egress"),
        ("ingress", "both"),
        ("egress", "both"),
        ("cell_ingress", "cell_egress"),
        ("cell_ingress", "egress"),
        ("cell_egress", "ingress"),
        ("cell_ingress", "both"),
        ("cell_egress", "both"),
    ],
)
def test_no_word_means_two_things(one: str, other: str):
    assert vocabulary.words(one) & vocabulary.words(other) == set()


def test_protocols_applications_and_words_for_all_are_apart():
    kinds = {
        "protocol": set(vocabulary.protocol_words()),
        "application": set(vocabulary.application_words()),
        "any": vocabulary.words("any"),
        "none": vocabulary.words("none"),
        "filler": vocabulary.words("port_filler"),
        "variable": vocabulary.words("variable"),
    }
    shared = {(one, other): kinds[one] & kinds[other] for one, other in combinations(kinds, 2) if {one, other} != {"filler", "variable"}}
    assert {pair: words for pair, words in shared.items() if words} == {}


def test_no_service_name_is_a_protocol():
    """A service name gives a port; the name of a protocol in a port cell gives a protocol."""
    assert set(vocabulary.service_ports()) & set(vocabulary.protocol_words()) == set()


# --- registries -------------------------------------------------------------------------------------------------------

# IANA, "Assigned Internet Protocol Numbers"; OSPF is registered as OSPFIGP.
PROTOCOL_NUMBERS = {
    **{"icmp": 1, "igmp": 2, "ipv4": 4, "tcp": 6, "egp": 8, "igp": 9, "udp": 17, "dccp": 33, "ipv6": 41, "rsvp": 46, "gre": 47},
    **{"esp": 50, "ah": 51, "ipv6-icmp": 58, "eigrp": 88, "ospf": 89, "etherip": 97, "pim": 103, "ipcomp": 108, "vrrp": 112},
    **{"l2tp": 115, "sctp": 132, "udplite": 136},
}


@pytest.mark.parametrize("entry", REGISTRIES["protocols"]["protocol"], ids=lambda entry: entry["keyword"])
def test_protocols_are_those_of_the_registry(entry: dict):
    assert PROTOCOL_NUMBERS.get(entry["keyword"]) == entry["number"]


@pytest.mark.parametrize(
    "keyword", ["tcp", "udp", "sctp", "icmp", "ipv6-icmp", "esp", "ah", "gre", "igmp", "vrrp", "ospf", "pim", "eigrp", "l2tp", "ipcomp"]
)
def test_protocols_that_rule_tables_name_are_known(keyword: str):
    assert vocabulary.protocol_numbers()[PROTOCOL_NUMBERS[keyword]].keyword == keyword


def test_protocols_with_ports():
    assert vocabulary.ported() == {"tcp", "udp", "sctp", "dccp", "udplite"}


def test_each_number_is_one_protocol():
    numbers = [entry["number"] for entry in REGISTRIES["protocols"]["protocol"]]
    assert sorted(set(numbers)) == sorted(numbers)


# IANA, "Service Name and Transport Protocol Port Number Registry".
SERVICE_PORTS = {
    **{"ftp-data": 20, "ftp": 21, "ssh": 22, "telnet": 23, "smtp": 25, "domain": 53, "bootps": 67, "bootpc": 68, "tftp": 69, "finger": 79},
    **{
        "http": 80,
        "www": 80,
        "www-http": 80,
        "kerberos": 88,
        "pop3": 110,
        "sunrpc": 111,
        "auth": 113,
        "nntp": 119,
        "ntp": 123,
        "epmap": 135,
    },
    **{"netbios-ns": 137, "netbios-dgm": 138, "netbios-ssn": 139, "imap": 143, "snmp": 161, "snmptrap": 162, "xdmcp": 177, "bgp": 179},
    **{"ldap": 389, "https": 443, "microsoft-ds": 445, "kpasswd": 464, "submissions": 465, "isakmp": 500, "exec": 512, "login": 513},
    **{
        "shell": 514,
        "syslog": 514,
        "printer": 515,
        "submission": 587,
        "ipp": 631,
        "ldaps": 636,
        "rsync": 873,
        "ftps-data": 989,
        "ftps": 990,
    },
    **{"imaps": 993, "pop3s": 995, "socks": 1080, "ms-sql-s": 1433, "ms-sql-m": 1434, "l2tp": 1701, "pptp": 1723, "radius": 1812},
    **{"radius-acct": 1813, "mqtt": 1883, "nfs": 2049, "iscsi-target": 3260, "msft-gc": 3268, "msft-gc-ssl": 3269, "mysql": 3306},
    **{"ms-wbt-server": 3389, "ipsec-nat-t": 4500, "vxlan": 4789, "sip": 5060, "sips": 5061, "xmpp-client": 5222, "xmpp-server": 5269},
    **{"mdns": 5353, "llmnr": 5355, "postgresql": 5432, "amqps": 5671, "amqp": 5672, "geneve": 6081, "http-alt": 8080, "secure-mqtt": 8883},
}


@pytest.mark.parametrize(("service", "port"), SERVICE_PORTS.items())
def test_service_ports_are_those_of_the_registry(service: str, port: int):
    assert vocabulary.service_ports().get(service, port) == port


@pytest.mark.parametrize(
    "service", ["ftp", "ssh", "telnet", "smtp", "domain", "http", "https", "www", "ntp", "snmp", "ldap", "ldaps", "syslog", "mysql"]
)
def test_services_that_rule_tables_name_are_known(service: str):
    assert vocabulary.service_ports()[service] == SERVICE_PORTS[service]


def test_service_ports_are_ports():
    assert all(0 < port <= 65535 for port in vocabulary.service_ports().values())


# IANA, "ICMP Type Numbers" and "ICMPv6 type Numbers".
ICMP_TYPES = {
    **{
        "echo reply": (0, 129),
        "destination unreachable": (3, 1),
        "source quench": (4, None),
        "redirect": (5, 137),
        "echo request": (8, 128),
    },
    **{"router advertisement": (9, 134), "router solicitation": (10, 133), "time exceeded": (11, 3), "parameter problem": (12, 4)},
    **{"timestamp": (13, None), "timestamp reply": (14, None), "address mask request": (17, None), "address mask reply": (18, None)},
    **{"packet too big": (None, 2), "neighbor solicitation": (None, 135), "neighbor advertisement": (None, 136)},
}


@pytest.mark.parametrize(("name", "numbers"), ICMP_TYPES.items())
def test_icmp_types_are_those_of_the_registries(name: str, numbers: tuple[int | None, int | None]):
    v4, code, v6 = vocabulary.icmp_types()[name]
    assert (v4, v6) == numbers
    assert code is None


# --- application labels: the annotation rules name these --------------------------------------------------------------

TRANSPORTS = {
    ("tcp",): [
        *(
            "http",
            "https",
            "websocket",
            "ssh",
            "sftp",
            "scp",
            "ftp",
            "ftps",
            "telnet",
            "smtp",
            "smtps",
            "pop3",
            "imap",
            "rdp",
            "ldap",
            "ldaps",
        ),
        *(
            "smb",
            "cifs",
            "iscsi",
            "mysql",
            "postgresql",
            "oracle",
            "mssql",
            "jdbc",
            "rds",
            "jmx",
            "ajp",
            "grpc",
            "amqp",
            "mqtt",
            "nfs",
            "rpc",
        ),
        *("dcom", "wmi", "winrm", "tls", "ssl", "rest", "api", "vnc", "bgp", "redis", "rpc/dcom"),
    ],
    ("udp",): [
        *(
            "ntp",
            "snmp",
            "snmp trap",
            "tftp",
            "dhcp",
            "bootp",
            "syslog",
            "radius",
            "netflow",
            "sflow",
            "ipfix",
            "rtp",
            "mdns",
            "llmnr",
            "vxlan",
        ),
        *("geneve", "stun", "ike", "quic", "bfd", "wireguard"),
    ],
    ("tcp", "udp"): ["dns", "kerberos", "sip", "stun/turn"],
}


@pytest.mark.parametrize(("label", "expected"), [(label, words) for words, labels in TRANSPORTS.items() for label in labels])
def test_an_application_runs_over(label: str, expected: tuple[str, ...]):
    assert protocol.transports_of((label,)) == expected
    assert protocol.transports_of((label.upper(),)) == expected


@pytest.mark.parametrize("group", REGISTRIES["applications"]["group"], ids=lambda group: group["words"][0])
def test_groups_of_applications_name_their_source_and_known_transports(group: dict):
    assert group["source"]
    assert group["transports"]
    assert set(group["transports"]) <= vocabulary.ported()


# --- every word does what it is listed for ----------------------------------------------------------------------------


@pytest.mark.parametrize(("word", "entry"), vocabulary.protocol_words().items())
def test_a_protocol_word_is_its_protocol(word: str, entry: vocabulary.Protocol):
    assert protocol.parse((word,)).protocols == (entry.keyword,)
    assert protocol.parse((word.upper(),)).protocols == (entry.keyword,)


@pytest.mark.parametrize(("word", "expected"), vocabulary.application_words().items())
def test_an_application_word_is_its_label(word: str, expected: tuple[str, ...]):
    read = protocol.parse((word,))
    assert protocol.transports_of(read.labels) == expected
    assert read.protocols == read.unknown == ()


@pytest.mark.parametrize(("name", "port"), vocabulary.service_ports().items())
def test_a_service_name_is_its_port(name: str, port: int):
    assert [(item.first, item.last) for item in ports.parse((name,)).items] == [(port, port)]


@pytest.mark.parametrize("word", sorted(vocabulary.words("any")))
def test_a_word_for_all_is_all(word: str):
    assert [item.any for item in ports.parse((word,)).items] == [True]
    assert protocol.parse((word,)).protocols == ("any",)
    assert [one.kind for one in endpoint.parse((word,))] == ["any"]


@pytest.mark.parametrize("word", sorted(vocabulary.words("none")))
def test_a_word_for_nothing_is_nothing(word: str):
    assert ports.parse((word,)).none
    assert protocol.parse((word,)).none
    assert endpoint.parse((word,)) == ()


@pytest.mark.parametrize("word", sorted(vocabulary.words("variable")))
def test_a_word_that_leaves_the_port_open_leaves_it_open(word: str):
    read = ports.parse((word,))
    assert read.variable == word
    assert not read.numeric


@pytest.mark.parametrize("word", sorted(vocabulary.words("reference")))
def test_a_number_behind_a_word_of_reference_is_no_port(word: str):
    number = "16" if word[-1].isdigit() else f"{apart(word)}3"
    assert not ports.parse((f"{word}{number}",)).numeric
    assert [(item.first, item.last) for item in ports.parse((f"443 ({word}{number})",)).items] == [(443, 443)]


@pytest.mark.parametrize("word", sorted(vocabulary.words("range")))
def test_a_word_between_the_ends_of_a_range_makes_one(word: str):
    read = ports.parse((f"8000{apart(word)}{word}{apart(word)}8010",))
    assert [(item.first, item.last) for item in read.items] == [(8000, 8010)]
    assert read.strange == 0


@pytest.mark.parametrize("word", sorted(vocabulary.words("above")))
def test_a_word_for_every_higher_port_makes_a_range(word: str):
    read = ports.parse((f"1024{'' if word == '+' else apart(word)}{word}",))
    assert [(item.first, item.last) for item in read.items] == [(1024, 65535)]
    assert read.strange == 0


@pytest.mark.parametrize("word", sorted(vocabulary.words("conjunction")))
def test_a_conjunction_joins_two_ports(word: str):
    read = ports.parse((f"80{apart(word)}{word}{apart(word)}443",))
    assert [(item.first, item.last) for item in read.items] == [(80, 80), (443, 443)]
    assert read.strange == 0


@pytest.mark.parametrize("word", sorted(vocabulary.words("port_filler") - vocabulary.words("range_from")))
def test_a_filler_does_not_change_a_port(word: str):
    for cell in (f"{word} 443", f"443 {word}", f"443 ({word})"):
        read = ports.parse((cell,))
        assert [(item.first, item.last) for item in read.items] == [(443, 443)], cell
        assert read.strange == 0, cell


@pytest.mark.parametrize("word", sorted(vocabulary.words("condition")))
def test_a_word_for_when_a_rule_is_needed_does_not_change_a_port(word: str):
    clause = f"{word}{apart(word)}frobnicated"
    for cell in (f"443{apart(word)}{clause}", f"443 ({clause})"):
        [item] = ports.parse((cell,)).items
        assert (item.first, item.last) == (443, 443), cell


@pytest.mark.parametrize("word", sorted(vocabulary.words("narrowing")))
def test_a_word_that_narrows_leaves_a_port_open(word: str):
    for cell in (f"443 {word}", f"443 ({word})"):
        assert [item.first for item in ports.parse((cell,)).items] == [None], cell


@pytest.mark.parametrize(("word", "numbers"), vocabulary.icmp_types().items())
def test_an_icmp_word_is_its_type(word: str, numbers: tuple[int | None, int | None, int | None]):
    v4, code, v6 = numbers
    for keyword, kind, expected_code in (("icmp", v4, code), ("ipv6-icmp", v6, None)):
        found = icmp.parse((word,), keyword)
        assert [(one.type, one.code) for one in found or ()] == ([] if kind is None else [(kind, expected_code)])


@pytest.mark.parametrize(
    ("section", "expected"),
    [("ingress", "ingress"), ("egress", "egress"), ("both", "both"), ("cell_ingress", "ingress"), ("cell_egress", "egress")],
)
def test_a_word_of_direction_in_a_cell(section: str, expected: str):
    assert {word: direction.of_cell(word) for word in vocabulary.words(section) if direction.of_cell(word) != expected} == {}


@pytest.mark.parametrize("section", ["ingress", "egress"])
def test_a_word_of_direction_in_a_heading(section: str):
    assert {word for word in vocabulary.words(section) if direction.of_heading(word) != section} == set()


@pytest.mark.parametrize("section", ["allow", "deny"])
def test_a_word_of_action(section: str):
    assert {word for word in vocabulary.words(section) if actions.of_cell(word) != section} == set()


# --- looking words up -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("TCP", "tcp"),
        ("  SNMP \u00a0 Trap\n", "snmp trap"),
        ("ＴＣＰ", "tcp"),
        ("Straße", "strasse"),
        ("ВХОДЯЩИЙ", "входящий"),
        ("ﬁn", "fin"),
        ("", ""),
    ],
)
def test_folding(text: str, folded: str):
    assert vocabulary.fold(text) == folded


@PROPERTY
@given(st.text(max_size=30))
def test_folding_leaves_one_blank_between_words(text: str):
    folded = vocabulary.fold(text)
    assert folded == " ".join(folded.split())
    assert vocabulary.fold(f"\t{text}\u3000") == folded


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tcp", ["tcp"]),
        ("use tcp here", ["tcp"]),
        ("tcp/udp", ["tcp", "udp"]),
        ("tcpdump", []),
        ("xtcp", []),
        ("tcp_x", []),
        ("snmp trap", ["snmp trap"]),
        ("snmp\u00a0\n trap", ["snmp\u00a0\n trap"]),
        ("snmp traps", ["snmp"]),
        ("порт", ["порт"]),
        ("порты", []),
        ("cổng", ["cổng"]),
        ("ポート番号", ["ポート"]),
        ("この端口は", ["端口"]),
        ("1024+", ["+"]),
    ],
)
def test_words_match_whole_where_the_script_has_blanks(text: str, expected: list[str]):
    pattern = vocabulary.pattern_of(["tcp", "udp", "snmp", "snmp trap", "порт", "cổng", "ポート", "端口", "+"])
    assert [match.group() for match in re.finditer(pattern, text)] == expected


LISTS = {
    **{("headers", concept): vocabulary.header_words(concept) for concept in CLASSES["headers"]},
    **{("words", name): vocabulary.words(name) for name in CLASSES["words"]},
}
FINDERS = [(name, vocabulary.Finder(words), re.compile(vocabulary.pattern_of(words))) for name, words in LISTS.items() if words]
# Words, what they are made of, what may touch them, and letters at the edges of what counts as one.
AROUND = st.one_of(
    st.sampled_from(sorted({word for words in LISTS.values() for word in words})),
    st.sampled_from(sorted({part for words in LISTS.values() for word in words for part in word.split()})),
    st.sampled_from([*" -/(),.:_'0aéпậ", "ポ", "端", "\u0301", "\u00d7", "\u0250", "\u1f00", "\u2028", "\u212a", "😀"]),
)


@settings(deadline=None, derandomize=True, max_examples=300)
@given(st.lists(AROUND, max_size=30), st.sampled_from(["", " "]), st.sampled_from([1, 40]))
def test_words_that_are_looked_up_are_those_that_the_regular_expressions_find(pieces: list[str], between: str, times: int):
    """In texts that are short and in those that are long, which are read in another way."""
    text = vocabulary.fold(between.join(pieces * times))
    for name, finder, pattern in FINDERS:
        listed = [(*match.span(), match.group()) for match in pattern.finditer(text)]
        begins = pattern.match(text)
        assert list(finder.finditer(text)) == listed, name
        assert finder.search(text) == (listed[0] if listed else None), name
        assert finder.match(text) == ((*begins.span(), begins.group()) if begins else None), name


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("in and out", ["in ", " out"]),
        ("in, and or out", ["in, ", " ", " out"]),
        ("i/o", ["i/o"]),
        ("a o b", ["a ", " b"]),
        ("o b", ["o b"]),
        ("standard", ["standard"]),
        ("", [""]),
    ],
)
def test_a_text_is_parted_at_words_between_blanks(text: str, parts: list[str]):
    assert vocabulary.Finder(["and", "or", "o"]).split(text) == parts


def test_words_are_found_wherever_they_stand_the_longest_first():
    assert re.findall(vocabulary.either(["no", "no.", "ip protocol"]), "ip  protocolno.5no6") == ["ip  protocol", "no.", "no"]


def test_no_file_is_read_before_a_word_is_needed():
    script = "import extract.api, extract.pipeline; from extract.vocabulary import files; print(files.languages.cache_info().currsize)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, cwd=PACKAGE.parent, check=True)
    assert done.stdout == "0\n"


def test_a_word_begins_and_ends_where_no_letter_touches_it():
    letter = re.compile(f"[{vocabulary.LETTERS}]")
    begin, end = re.compile(f"{vocabulary.BEGIN}!", re.IGNORECASE), re.compile(f"!{vocabulary.END}", re.IGNORECASE)
    for char in map(chr, range(0x20000)):
        assert (begin.match(f"{char}!", 1) is None) == (end.match(f"!{char}") is None) == (letter.match(char) is not None), hex(ord(char))


def test_abbreviations_are_words_for_their_long_form():
    assert vocabulary.abbreviations()["sg"] == "security group"
    assert all(short == vocabulary.fold(short) and full == vocabulary.fold(full) for short, full in vocabulary.abbreviations().items())
