"""The names that firewalld has for types and codes of ICMP.

Only those that its nftables back end gives the numbers of RFC 792 and RFC 4443: in release 1.3 it takes another code for
`ip-header-bad`, `required-option-missing` and `network-prohibited`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

# Name=type, or name=type.code.
_WORDS = {
    4: """
        communication-prohibited=3.13 destination-unreachable=3 echo-reply=0 echo-request=8 fragmentation-needed=3.4
        host-precedence-violation=3.14 host-prohibited=3.10 host-redirect=5.1 host-unknown=3.7 host-unreachable=3.1
        network-redirect=5.0 network-unknown=3.6 network-unreachable=3.0 parameter-problem=12 port-unreachable=3.3
        precedence-cutoff=3.15 protocol-unreachable=3.2 redirect=5 router-advertisement=9 router-solicitation=10 source-quench=4
        source-route-failed=3.5 time-exceeded=11 timestamp-reply=14 timestamp-request=13 ttl-zero-during-reassembly=11.1
        tos-host-redirect=5.3 tos-host-unreachable=3.12 tos-network-redirect=5.2 tos-network-unreachable=3.11
        ttl-zero-during-transit=11.0
    """,
    6: """
        address-unreachable=1.3 bad-header=4.0 beyond-scope=1.2 communication-prohibited=1.1 destination-unreachable=1 echo-reply=129
        echo-request=128 failed-policy=1.5 neighbour-advertisement=136 neighbour-solicitation=135 no-route=1.0 packet-too-big=2
        parameter-problem=4 port-unreachable=1.4 redirect=137 reject-route=1.6 router-advertisement=134 router-solicitation=133
        time-exceeded=3 ttl-zero-during-reassembly=3.1 ttl-zero-during-transit=3.0 unknown-header-type=4.1 unknown-option=4.2
    """,
}


def _parsed(words: str) -> Iterator[tuple[str, tuple[int, int | None]]]:
    for name, _, said in (word.partition("=") for word in words.split()):
        kind, _, code = said.partition(".")
        yield name, (int(kind), int(code) if code else None)


NAMES: Mapping[int, Mapping[str, tuple[int, int | None]]] = {family: dict(_parsed(words)) for family, words in _WORDS.items()}
"""Family -> name -> type, and code where the name is of one."""
