"""Direction and action cells, and what headings and sentences say about direction."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.cells import actions, direction

PROPERTY = settings(deadline=None, derandomize=True, max_examples=200)

# In and out as consoles and documentation of each language pair them.
PAIRS = {
    "en": [("Inbound", "Outbound"), ("Incoming", "Outgoing"), ("Ingress", "Egress"), ("In", "Out"), ("Input", "Output")],
    "de": [("Eingehend", "Ausgehend"), ("eingehende Verbindungen", "ausgehende Verbindungen")],
    "fr": [("Entrant", "Sortant"), ("trafic entrant", "trafic sortant"), ("en entrée", "en sortie")],
    "es": [("Entrada", "Salida"), ("Entrante", "Saliente"), ("tráfico entrante", "tráfico saliente")],
    "pt": [("Entrada", "Saída"), ("de entrada", "de saída")],
    "it": [("in entrata", "in uscita"), ("In ingresso", "In uscita")],
    "ja": [("インバウンド", "アウトバウンド"), ("受信", "送信")],
    "zh": [("入站", "出站"), ("传入", "传出"), ("入", "出"), ("入方向", "出方向")],
    "ko": [("인바운드", "아웃바운드"), ("수신", "송신")],
    "vi": [("chiều vào", "chiều ra"), ("vào", "ra")],
    "ru": [("входящий", "исходящий"), ("Входящие", "Исходящие")],
}
EVERY_PAIR = [pytest.param(*pair, id=f"{language}-{pair[0]}") for language, pairs in PAIRS.items() for pair in pairs]


# --- direction cells --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("inward", "outward"), EVERY_PAIR)
def test_a_direction_cell(inward: str, outward: str):
    assert direction.of_cell(inward) == "ingress"
    assert direction.of_cell(outward) == "egress"


@pytest.mark.parametrize(("inward", "outward"), EVERY_PAIR)
@pytest.mark.parametrize("separator", ["/", " / ", ", ", " & "])
def test_a_direction_cell_that_says_both(inward: str, outward: str, separator: str):
    assert direction.of_cell(f"{inward}{separator}{outward}") == "both"
    assert direction.of_cell(f"{outward}{separator}{inward}") == "both"


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "Both",
            "both",
            "Bidirectional",
            "Bi-directional",
            "bi‑directional",
            "Two-way",
            "both directions",
            "In/Out",
            "IN / OUT",
            "in and out",
        ),
        *("Inbound and Outbound", "inbound or outbound", "Inbound/Out", "In/Outbound", "In- and outbound", "Ingress/Out"),
        *(
            "beide",
            "bidirektional",
            "ein- und ausgehend",
            "Ein- und ausgehend",
            "Ein-/Ausgehend",
            "bidirectionnel",
            "bidireccional",
            "ambos",
        ),
        *("bidirecional", "bidirezionale", "entrambi", "双方向", "双向", "雙向", "양방향", "hai chiều", "двунаправленный", "оба"),
    ],
)
def test_both(cell: str):
    assert direction.of_cell(cell) == "both"


@pytest.mark.parametrize(
    "cell", ["", "-", "N/A", "TCP", "443", "Yes", "Unidirectional", "Client to server", "Web server", "Maintenance", "Routing"]
)
def test_no_direction(cell: str):
    assert direction.of_cell(cell) is None


@pytest.mark.parametrize(
    "cell",
    ["Inbound", "inbound", "INBOUND", "Inbound:", "Inbound.", " Inbound ", "Inbound*", "**Inbound**", "Ｉｎｂｏｕｎｄ", "Inbound\u00a0"],
)
def test_writing_does_not_count(cell: str):
    assert direction.of_cell(cell) == "ingress"


@pytest.mark.parametrize("cell", ["Listen", "listening", "listens on"])
def test_who_listens_is_reached_from_outside(cell: str):
    assert direction.of_cell(cell) == "ingress"


# --- arrows -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        *(
            (arrow, "->")
            for arrow in ("->", "-->", "--->", "=>", "==>", "→", "⇒", "⟶", "➔", "➜", ">", ">>", "Client -> Server", "A ---> B")
        ),
        *((arrow, "<-") for arrow in ("<-", "<--", "<---", "←", "⇐", "<", "<<", "Client <- Server")),
        *((arrow, "<->") for arrow in ("<->", "<-->", "<--->", "<=>", "↔", "⇔", "⟷", "<>", "< - >", "Client <-> Server")),
        *((text, None) for text in ("", "-", "--", "80-90", "Inbound", "<server>", ">= 443", "<=443", "<= 443", "> 1023", "a-b")),
    ],
)
def test_arrows(cell: str, expected: str | None):
    assert direction.arrow_of(cell) == expected


# --- headings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Inbound rules", "ingress"),
        ("Inbound rules for Web servers", "ingress"),
        ("Outbound ports", "egress"),
        ("Egress traffic from the worker nodes", "egress"),
        ("Listening ports", "ingress"),
        ("Ports that the agent listens on", "ingress"),
        ("Eingehende Ports", "ingress"),
        ("Ausgehende Verbindungen", "egress"),
        ("Ports entrants", "ingress"),
        ("Puertos de salida", "egress"),
        ("Portas de entrada", "ingress"),
        ("Porte in uscita", "egress"),
        ("インバウンド規則", "ingress"),
        ("出站规则", "egress"),
        ("아웃바운드 규칙", "egress"),
        ("Входящие порты", "ingress"),
        ("Inbound and outbound ports", "mixed"),
        ("Inbound/outbound rules", "mixed"),
        ("In- and outbound ports", "mixed"),
        ("Ein- und ausgehende Verbindungen", "mixed"),
        ("Входящие и исходящие порты", "mixed"),
        ("Firewall rules", None),
        ("Port requirements", None),
        ("Input and output", None),
        ("Signing in", None),
        ("Check out the ports", None),
        ("", None),
    ],
)
def test_headings(text: str, expected: str | None):
    assert direction.of_heading(text) == expected


# --- sentences --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected", "sentence"),
    [
        # announced
        ("The following inbound ports must be open.", "ingress", None),
        ("The following table lists the outbound ports.", "egress", None),
        ("Open these inbound ports:", "ingress", None),
        (
            "Read this. The following ports are used for outgoing connections.",
            "egress",
            "The following ports are used for outgoing connections.",
        ),
        ("The following table lists inbound and outbound rules.", "mixed", None),
        # instructed
        ("Allow inbound traffic on these ports.", "ingress", None),
        ("Open these ports for inbound and outbound communication.", "both", None),
        # leading
        ("Inbound traffic – from the clients", "ingress", None),
        ("Outgoing: to the database", "egress", None),
        # told in passing, or as a topic
        ("The client has a random source port for outgoing calls.", None, ""),
        ("Which direction to open the port (inbound or outbound).", None, ""),
        ("The Direction column says whether a port is inbound or outbound, that is, the direction of the connection.", None, ""),
        ("These ports must be open.", None, ""),
        ("", None, ""),
    ],
)
def test_sentences(text: str, expected: str | None, sentence: str | None):
    stated, said = direction.of_prose(text)
    assert stated == expected
    assert said == (text if sentence is None else sentence)


# --- actions ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        *((word, "allow") for word in ("Allow", "ALLOW", "Permit", "permit", "Accept", "ACCEPT", "Pass", "Allowed", "Allow (default)")),
        *((word, "deny") for word in ("Deny", "DENY", "Block", "Drop", "DROP", "Reject", "Denied", "Blocked", "Discard", "Deny (default)")),
        *((word, "deny") for word in ("Deny all", "Block all other traffic", "Drop unless allowed above")),
        *(
            (word, "allow")
            for word in ("erlauben", "autoriser", "permitir", "consenti", "許可", "允许", "允許", "허용", "cho phép", "разрешить")
        ),
        *(
            (word, "deny")
            for word in (
                "verweigern",
                "refuser",
                "denegar",
                "bloquear",
                "nega",
                "拒否",
                "拒绝",
                "拒絕",
                "거부",
                "차단",
                "từ chối",
                "запретить",
            )
        ),
        *((word, None) for word in ("", "-", "N/A", "Log", "NAT", "Monitor", "443", "Allowance", "Dropbox")),
    ],
)
def test_actions(cell: str, expected: str | None):
    assert actions.of_cell(cell) == expected


@pytest.mark.parametrize(
    "cell",
    [
        *("Not allowed", "not permitted", "Do not allow", "not explicitly permitted", "Never allow", "Deny (not allowed)"),
        *("nicht erlaubt", "nicht zulassen", "non autorisé", "no permitido", "não permitido", "non consentito"),
        *("不允许", "不允許", "許可しない", "허용 안 함", "không cho phép", "не разрешено"),
    ],
)
def test_an_action_that_is_denied_is_not_allowed(cell: str):
    """A deny that is read as allow is a security hole."""
    assert actions.of_cell(cell) == "deny"


# --- properties -------------------------------------------------------------------------------------------------------


@PROPERTY
@given(st.text(max_size=60))
def test_arbitrary_text_never_raises(text):
    assert direction.of_cell(text) in ("ingress", "egress", "both", None)
    assert direction.of_heading(text) in ("ingress", "egress", "mixed", None)
    assert direction.arrow_of(text) in ("->", "<-", "<->", None)
    assert actions.of_cell(text) in ("allow", "deny", None)
    stated, said = direction.of_prose(text)
    assert stated in ("ingress", "egress", "both", "mixed", None)
    assert said in text
    assert bool(said) == (stated is not None)


@PROPERTY
@given(
    st.sampled_from([pair for pairs in PAIRS.values() for pair in pairs]),
    st.sampled_from([str.upper, str.lower, str.title, str.capitalize]),
    st.sampled_from(["{}", " {} ", "{}.", "{}:", "{}*", "{}\u00a0"]),
)
def test_case_and_marks_do_not_count(pair, case, frame):
    assert direction.of_cell(frame.format(case(pair[0]))) == "ingress"
    assert direction.of_cell(frame.format(case(pair[1]))) == "egress"
