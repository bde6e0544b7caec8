import ipaddress

import pytest

from core.errors import AddressRefused, BadInput
from crawler.network_guard import AddressPolicy, is_public, literal_address

PRIVATE_SPELLINGS = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f.1",
    "0x7f000001",
    "0177.0.0.1",
    "127.0.0.1.",
    "10.0.0.1",
    "172.16.3.4",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "[::1]",
    "::1",
    "[::ffff:127.0.0.1]",
    "[::ffff:a9fe:a9fe]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[fe80::1]",
    "[fe80::1%25eth0]",
    "[fd00:ec2::254]",
    "[::]",
    "[::127.0.0.1]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::169.254.169.254]",
    "[64:ff9b:1::7f00:1]",
    "[2002:a9fe:a9fe::]",
    "[2001:0:7f00:1::]",
    "[fec0::1]",
    "[3fff::1]",
    "[ff02::1]",
    "100.100.100.200",
    "168.63.129.16",
    "169.254.170.2",
    "192.0.0.192",
    "192.88.99.1",
    "198.18.0.1",
    "240.0.0.1",
    "017700000001",
    "0x7F.0x0.0x0.0x1",
    "127.0.1",
    "①②⑦.0.0.1",
    "127。0。0。1",
]


@pytest.mark.parametrize("host", PRIVATE_SPELLINGS)
def test_every_spelling_of_a_private_address_is_refused(host: str) -> None:
    policy = AddressPolicy()
    with pytest.raises(AddressRefused, match="not a public address"):
        policy.check_literal(host)
    assert policy.refused


@pytest.mark.parametrize("host", ["8.8.8.8", "[2606:4700::1111]", "www.example.com", "localhost"])
def test_public_addresses_and_names_pass_the_literal_check(host: str) -> None:
    AddressPolicy().check_literal(host)


@pytest.mark.parametrize("host", ["deadbeef.example", "face", "0xzz", "1.2.3.4.5", "", "é"])
def test_a_name_is_no_address(host: str) -> None:
    assert literal_address(host) is None


def test_a_name_that_leads_to_a_private_address_is_refused_with_both_named() -> None:
    policy = AddressPolicy()
    with pytest.raises(AddressRefused, match=r"rebind\.example leads to 10\.0\.0\.1"):
        policy.check("rebind.example", ipaddress.ip_address("10.0.0.1"))
    assert "rebind.example" in policy.refused


@pytest.mark.parametrize(
    ("allow", "host", "address"),
    [
        ("127.0.0.1", "127.0.0.1", "127.0.0.1"),
        ("127.0.0.1", "localhost", "127.0.0.1"),
        ("10.2.0.0/16", "intranet", "10.2.9.9"),
        ("intranet.example", "intranet.example", "10.9.9.9"),
        ("Intranet.Example.", "intranet.example", "10.9.9.9"),
        ("::1", "localhost", "::1"),
        ("127.0.0.1", "x", "::ffff:127.0.0.1"),
    ],
)
def test_what_the_target_names_is_allowed(allow: str, host: str, address: str) -> None:
    AddressPolicy([allow]).check(host, ipaddress.ip_address(address))


def test_naming_one_address_allows_no_other() -> None:
    policy = AddressPolicy(["127.0.0.1", "intranet.example"])
    for host, address in (("127.0.0.2", "127.0.0.2"), ("other.example", "10.9.9.9")):
        with pytest.raises(AddressRefused):
            policy.check(host, ipaddress.ip_address(address))


def test_a_network_that_is_none_is_bad_input() -> None:
    with pytest.raises(BadInput, match=r"network\.allow"):
        AddressPolicy(["10.0.0.0/99"])


def test_hidden_ipv4_addresses_count_as_what_they_are() -> None:
    assert not is_public(ipaddress.ip_address("::ffff:192.168.0.1"))
    assert is_public(ipaddress.ip_address("::ffff:8.8.8.8"))
