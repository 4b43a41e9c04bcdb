"""How the economy looks to people and programs."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from cognitive_architecture.attention import BANK, MICRO, AccountKind, Currency

from .books import MeshBooks

_WORDS: Final = {
    AccountKind.REQUESTER: "requesters",
    AccountKind.CAPABILITY: "capabilities",
    AccountKind.NODE: "nodes",
    AccountKind.ATOM: "concepts",
}


def shown_economy(books: MeshBooks, *, top: int) -> dict[str, Any]:
    """The books in numbers.

    Args:
        books: Read only.
        top: How many accounts of each kind, and how many pairs.

    Returns:
        funds {sti, lti, target_sti, issued_sti}, entries, focus {size, boundary_sti, members
        [{kind, name}]}, accounts {requesters, capabilities, nodes, concepts: {count, richest
        [{name, sti, lti, share}]}}, pairs {count, strongest [{capability, node, strength,
        confidence}]}. ``share`` is a requester's, the name of whoever does not say it is empty.
    """
    ledger = books.bank.ledger
    fund = books.bank.fund(Currency.STI)
    return {
        "entries": ledger.entry_count,
        "funds": {
            "sti": fund.funds,
            "lti": ledger.balance(BANK, Currency.LTI) / MICRO,
            "target_sti": fund.target,
            "issued_sti": ledger.issued(Currency.STI) / MICRO,
        },
        "focus": _focus(books, top),
        "accounts": {word: _richest(books, kind, top) for kind, word in _WORDS.items()},
        "pairs": _pairs(books, top),
    }


def _focus(books: MeshBooks, top: int) -> dict[str, Any]:
    focus, accounts = books.bank.focus(), books.bank.ledger.accounts
    balances = books.bank.ledger.balances()[focus.atoms]
    members = focus.atoms[np.argsort(-balances, kind="stable")][:top]
    return {
        "size": len(focus.atoms),
        "boundary_sti": focus.boundary / MICRO,
        "members": [
            {"kind": _word(accounts.kind(handle)), "name": accounts.name(handle)}
            for handle in members.tolist()
        ],
    }


def _richest(books: MeshBooks, kind: AccountKind, top: int) -> dict[str, Any]:
    ledger = books.bank.ledger
    handles = ledger.accounts.open_handles(kind)
    order = np.argsort(-ledger.balances()[handles], kind="stable")[:top]
    weights = books.weights() if kind is AccountKind.REQUESTER else {}
    whole = sum(weights.values())
    richest = []
    for handle in handles[order].tolist():
        name = ledger.accounts.name(handle)
        row: dict[str, Any] = {
            "name": name,
            "sti": ledger.balance(handle) / MICRO,
            "lti": ledger.balance(handle, Currency.LTI) / MICRO,
        }
        if weights:
            row["share"] = weights[name] / whole
        richest.append(row)
    return {"count": len(handles), "richest": richest}


def _pairs(books: MeshBooks, top: int) -> dict[str, Any]:
    accounts = books.bank.ledger.accounts
    links = books.bank.links.of(accounts.open_handles(AccountKind.CAPABILITY))
    order = np.argsort(-links.strengths * links.confidences, kind="stable")[:top]
    return {
        "count": len(links.sources),
        "strongest": [
            {
                "capability": accounts.name(int(links.sources[place])),
                "node": accounts.name(int(links.targets[place])),
                "strength": float(links.strengths[place]),
                "confidence": float(links.confidences[place]),
            }
            for place in order.tolist()
        ],
    }


def _word(kind: AccountKind) -> str:
    return "concept" if kind is AccountKind.ATOM else str(kind)
