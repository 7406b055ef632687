"""Access tokens of an issuer: the good ones of every kind, and every way to be a bad one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from issuer_desk import ALGORITHMS, AUDIENCE, SigningKey, by_hand, claims, token
from tenuto.core.errors import PolicyDenied
from tenuto.identity.bearer import LONGEST, Expected, verified_bearer
from tenuto.identity.principal import Principal

ISSUER = "https://login.example"
EXPECTED = Expected(issuer=ISSUER, audience=AUDIENCE, groups_claim="groups")
KEYS = {each: SigningKey(each, f"{each}-1") for each in ALGORITHMS}
KEY = KEYS["ES256"]
PUBLISHED = {key.kid: jwt.PyJWK(key.jwk) for key in KEYS.values()}


def verify(text: str, now: datetime | None = None) -> Principal:
    return verified_bearer(text, EXPECTED, PUBLISHED.get, now or datetime.now(UTC))


def refusal(text: str, now: datetime | None = None) -> str:
    with pytest.raises(PolicyDenied) as refused:
        verify(text, now)
    assert text[:40] not in refused.value.message, "a token stands in an error"
    return refused.value.code


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_good_token_names_the_person_and_the_groups(algorithm: str) -> None:
    who = verify(token(KEYS[algorithm], claims(ISSUER, groups=["Fund-Ops", "g:risk"])))
    assert (who.id, who.groups) == ("u:f7c1a0", ("g:fund-ops", "g:risk"))
    assert who.authentication.method == "oidc"
    assert who.authentication.mfa_age_s is None


def test_a_token_without_the_type_needs_a_client_other_than_its_audience() -> None:
    plain = {"typ": "JWT"}
    assert verify(token(KEY, claims(ISSUER, azp="tenuto-cli"), headers=plain)).id == "u:f7c1a0"


@pytest.mark.attack
@pytest.mark.parametrize(
    "changes",
    [
        {"azp": AUDIENCE, "client_id": None},
        {"azp": None, "client_id": None},
        {"nonce": "n-0S6_WzA2Mj"},
        {"at_hash": "77QmUPtjPfzWtF2AnpK9RQ"},
        {"typ": "ID"},
        {"aud": [AUDIENCE, "tenuto-cli"], "azp": "tenuto-cli"},
    ],
    ids=["audience-is-client", "no-client", "nonce", "at-hash", "typ-id", "two-audiences"],
)
def test_an_id_token_is_refused(changes: dict[str, Any]) -> None:
    text = token(KEY, claims(ISSUER, **changes), headers={"typ": "JWT"})
    assert refusal(text) == "identity.token-not-access"


@pytest.mark.attack
@pytest.mark.parametrize("kind", ["logout+jwt", "dpop+jwt", "tenuto-ticket", "JOSE"])
def test_a_token_of_another_kind_is_refused(kind: str) -> None:
    text = token(KEY, claims(ISSUER), headers={"typ": kind})
    assert refusal(text) == "identity.token-not-access"


@pytest.mark.attack
def test_a_token_without_a_signature_is_refused() -> None:
    for word in ("none", "None", "NONE", ""):
        header = {"alg": word, "typ": "at+jwt", "kid": KEY.kid}
        assert refusal(by_hand(header, claims(ISSUER), None)) in (
            "identity.token-algorithm",
            "identity.token-malformed",
        )


@pytest.mark.attack
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_public_key_is_no_secret_to_sign_with(algorithm: str) -> None:
    key = KEYS[algorithm]
    header = {"alg": "HS256", "typ": "at+jwt", "kid": key.kid}
    assert refusal(by_hand(header, claims(ISSUER), key.pem)) == "identity.token-algorithm"


@pytest.mark.attack
def test_an_algorithm_goes_with_its_own_key_only() -> None:
    text = token(KEYS["RS256"], claims(ISSUER), headers={"kid": KEY.kid})
    assert refusal(text) == "identity.token-algorithm"


@pytest.mark.attack
def test_an_algorithm_beyond_the_list_is_refused_even_if_its_signature_is_good() -> None:
    text = jwt.encode(
        claims(ISSUER),
        KEYS["RS256"].private,
        algorithm="PS256",
        headers={"typ": "at+jwt", "kid": "RS256-1"},
    )
    assert refusal(text) == "identity.token-algorithm"


@pytest.mark.attack
def test_a_key_that_is_for_encryption_or_too_short_verifies_nothing() -> None:
    short = SigningKey("RS256", "short", bits=1024)
    encrypting = jwt.PyJWK({**KEY.jwk, "use": "enc"})
    content = claims(ISSUER)
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        weak = token(short, content)
    for text, key in ((weak, jwt.PyJWK(short.jwk)), (token(KEY, content), encrypting)):
        with pytest.raises(PolicyDenied) as refused:
            verified_bearer(text, EXPECTED, {"short": key, KEY.kid: key}.get, datetime.now(UTC))
        assert refused.value.code == "identity.token-algorithm"


@pytest.mark.attack
@pytest.mark.parametrize("extension", [["exp"], ["tenuto-new"], []])
def test_an_extension_that_is_not_understood_is_refused(extension: list[str]) -> None:
    header = {"alg": "ES256", "typ": "at+jwt", "kid": KEY.kid, "crit": extension}
    assert refusal(by_hand(header, claims(ISSUER), b"x")) == "identity.token-malformed"


@pytest.mark.attack
def test_a_changed_claim_is_refused() -> None:
    head, _, signature = token(KEY, claims(ISSUER)).split(".")
    other = token(KEY, claims(ISSUER, sub="boss")).split(".")[1]
    assert refusal(f"{head}.{other}.{signature}") == "identity.token-forged"


@pytest.mark.attack
def test_a_key_that_the_issuer_does_not_publish_is_refused() -> None:
    stranger = SigningKey("ES256", "ES256-9")
    assert refusal(token(stranger, claims(ISSUER))) == "identity.token-unknown-key"
    posing = SigningKey("ES256", KEY.kid)
    assert refusal(token(posing, claims(ISSUER))) == "identity.token-forged"


@pytest.mark.attack
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"iss": "https://evil.example"}, "identity.token-issuer"),
        ({"iss": ISSUER + "/"}, "identity.token-issuer"),
        ({"aud": "other"}, "identity.token-audience"),
        ({"aud": []}, "identity.token-malformed"),
        ({"exp": None}, "identity.token-malformed"),
        ({"iat": None}, "identity.token-malformed"),
        ({"aud": None}, "identity.token-malformed"),
        ({"iss": None}, "identity.token-malformed"),
        ({"sub": None}, "identity.token-malformed"),
        ({"exp": True}, "identity.token-malformed"),
        ({"exp": 1e300}, "identity.token-malformed"),
        ({"exp": float("nan")}, "identity.token-malformed"),
        ({"sub": "ann@example.org"}, "identity.not-opaque"),
        ({"sub": "tenuto-cli"}, "identity.not-a-person"),
        ({"sub": "o'brien"}, "identity.bad-claim"),
        ({"sub": "\u0430nn"}, "identity.bad-claim"),
        ({"sub": "x" * 300}, "identity.bad-claim"),
        ({"groups": "fund-ops"}, "identity.bad-claim"),
        ({"groups": [1]}, "identity.bad-claim"),
        ({"groups": ['a"b']}, "identity.bad-claim"),
        ({"groups": None, "_claim_names": {"groups": "src1"}}, "identity.too-many-groups"),
        ({"groups": None, "hasgroups": True}, "identity.too-many-groups"),
        ({"groups": [f"fund-operations-{n:03}" for n in range(220)]}, "identity.too-many-groups"),
    ],
    ids=lambda each: str(sorted(each))[:40] if isinstance(each, dict) else each,
)
def test_claims_that_do_not_fit_are_refused(changes: dict[str, Any], code: str) -> None:
    assert refusal(token(KEY, claims(ISSUER, **changes))) == code


@pytest.mark.attack
def test_a_token_counts_only_in_its_time() -> None:
    text = token(KEY, claims(ISSUER))
    now = datetime.now(UTC)
    assert verify(text, now + timedelta(minutes=10)).id == "u:f7c1a0", "a minute of leeway"
    assert refusal(text, now + timedelta(minutes=12)) == "identity.token-expired"
    assert refusal(text, now - timedelta(minutes=2)) == "identity.token-expired"
    later = int((now + timedelta(hours=1)).timestamp())
    assert refusal(token(KEY, claims(ISSUER, nbf=later))) == "identity.token-expired"
    for_ever = int((now + timedelta(days=400)).timestamp())
    assert refusal(token(KEY, claims(ISSUER, exp=for_ever))) == "identity.token-expired"


@pytest.mark.attack
def test_a_token_is_measured_before_it_is_parsed() -> None:
    assert refusal("a" * (LONGEST + 1)) == "identity.token-long"
    assert refusal("." * LONGEST) == "identity.token-malformed"


@pytest.mark.attack
@pytest.mark.parametrize("text", ["", "a", "a.b", "a.b.c", "ä.ö.ü", "....", "\x00" * 9, "e30.e30."])
def test_garbage_is_refused(text: str) -> None:
    with pytest.raises(PolicyDenied) as refused:
        verify(text)
    assert refused.value.code.startswith("identity.token-")


@pytest.mark.attack
def test_two_people_whose_names_look_alike_stay_two() -> None:
    subjects = ("ann", "Ann", "ANN", "a  b", "a b", "ann~0123456789abcdef")
    ids = {verify(token(KEY, claims(ISSUER, sub=each))).id for each in subjects}
    assert len(ids) == len(subjects)
    assert "u:ann" in ids


@pytest.mark.parametrize(
    ("methods", "is_second"),
    [
        (["pwd"], False),
        (["pwd", "mfa"], True),
        (["pwd", "otp"], True),
        (["hwk"], False),
        (["hwk", "otp"], False),
        (["hwk", "fpt"], True),
        ("mfa", False),
    ],
)
def test_the_second_factor_ages_from_the_login(methods: Any, is_second: bool) -> None:
    now = datetime.now(UTC)
    login = int((now - timedelta(minutes=3)).timestamp())
    text = token(KEY, claims(ISSUER, amr=methods, auth_time=login))
    age = verify(text, now).authentication.mfa_age_s
    assert age in ((180, 181) if is_second else (None,))


@pytest.mark.attack
def test_a_login_in_the_future_is_refused() -> None:
    later = int((datetime.now(UTC) + timedelta(hours=1)).timestamp())
    assert refusal(token(KEY, claims(ISSUER, amr=["mfa"], auth_time=later))) == "identity.bad-claim"
