"""Find the named points and curves on the bones of any atlas, by the rules in landmarks.toml."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from meshes.errors import ReadError, UnknownName
from meshes.finding import curves, points
from meshes.finding.bone import Array
from meshes.finding.field_of_view import cuts
from meshes.finding.rules import Rule, read_rules
from meshes.finding.search import Missing, Search
from meshes.landmarks import Landmarks
from meshes.structure import Structure


@lru_cache(maxsize=1)
def landmark_rules() -> tuple[Rule, ...]:
    """Return the rules that ship with Palpate (read once per process)."""
    return read_rules()


def find_landmarks(structures: Mapping[str, Structure]) -> Landmarks:
    """Find every landmark that the bones at hand allow.

    Parameters
    ----------
    structures : mapping of str to Structure
        Bones by id, in the common frame (mm, LPS); other structures are not looked at.

    Returns
    -------
    Landmarks
        A landmark whose bone, or whose rule's other landmarks, are missing is left out; so is
        a point next to where the edge of a scan cut its bone. Where several rules name one
        landmark, the first that succeeds decides.

    Raises
    ------
    ReadError
        If a rule is not usable; the message names the file and row.
    """
    search = Search(structures)
    edges = cuts(structures)
    for rule in landmark_rules():
        known = search.curves if rule.curve else search.points
        if rule.name in known:
            continue
        methods = curves.METHODS if rule.curve else points.METHODS
        if rule.method not in methods:
            raise UnknownName(f"way to find ({rule.where}: {rule.name})", rule.method, methods)
        seen = search.seen(rule.mirror)
        try:
            found = methods[rule.method](seen, rule.options)
        except (Missing, ValueError):  # no such bone, or one too broken for the rule
            continue
        except (KeyError, TypeError, IndexError) as error:
            raise ReadError(f"{rule.where}: {rule.name}: {rule.method}: {error!r}") from error
        found = seen.flipped(found)
        bone = rule.name.partition("/")[0]
        if rule.curve or not any(edge.spoils(bone, found) for edge in edges):
            known[rule.name] = found
    return Landmarks(_shown(search.points), _shown(search.curves))


def _shown(found: Mapping[str, Array]) -> dict[str, Array]:
    """Leave out what only helped to find others: a feature whose name starts with ``_``."""
    return {name: value for name, value in found.items() if "/_" not in name}
