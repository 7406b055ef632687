"""Merkle trees against the vectors of RFC 6962's reference log, and their proofs by property."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenuto.evidence.merkle import (
    Frontier,
    consistency_proof,
    inclusion_proof,
    is_consistent,
    is_included,
    leaf_hash,
    root_of,
)

INPUTS = [
    bytes.fromhex(each)
    for each in (
        *("", "00", "10", "2021", "3031", "40414243"),
        *("5051525354555657", "606162636465666768696a6b6c6d6e6f"),
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""Roots of the trees of the first one to eight inputs, as published with Certificate
Transparency's test data."""


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_the_published_log(size: int) -> None:
    leaves = [leaf_hash(each) for each in INPUTS[:size]]
    assert root_of(leaves).hex() == ROOTS[size - 1]


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert Frontier().root() == hashlib.sha256(b"").digest()


def _leaves(size: int) -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(size)]


@given(st.integers(1, 130), st.data())
def test_every_leaf_is_included_and_no_other_passes(size: int, data: st.DataObject) -> None:
    leaves = _leaves(size)
    index = data.draw(st.integers(0, size - 1))
    proof, root = inclusion_proof(leaves, index), root_of(leaves)
    assert is_included(leaves[index], index, size, proof, root)
    assert not is_included(leaf_hash(b"other"), index, size, proof, root)
    wrong = data.draw(st.integers(0, size))
    assert is_included(leaves[index], wrong, size, proof, root) == (wrong == index)
    assert not is_included(leaves[index], index, size, (*proof, root), root)


@given(st.integers(1, 130), st.data())
def test_every_beginning_is_consistent_and_no_other_is(size: int, data: st.DataObject) -> None:
    leaves = _leaves(size)
    first = data.draw(st.integers(1, size))
    proof, root = consistency_proof(leaves, first), root_of(leaves)
    assert is_consistent(first, size, proof, root_of(leaves[:first]), root)
    forked = [*leaves[: first - 1], leaf_hash(b"other")]
    assert not is_consistent(first, size, proof, root_of(forked), root)
    assert not is_consistent(first, size, proof, root_of(leaves[:first]), leaf_hash(b"root"))


@given(st.integers(0, 300), st.integers(0, 40))
def test_a_frontier_goes_on_where_another_stopped(size: int, more: int) -> None:
    leaves = _leaves(size + more)
    tree = Frontier()
    for leaf in leaves[:size]:
        tree.push(leaf)
    resumed = Frontier(size, tree.hashes)
    for leaf in leaves[size:]:
        resumed.push(leaf)
    assert resumed.root() == root_of(leaves)


def test_a_frontier_that_does_not_fit_its_size_is_refused() -> None:
    with pytest.raises(ValueError, match="complete subtrees"):
        Frontier(3, [b""])
