"""Persons whom somebody took apart by hand: growing components that respect cuts.

Only the few components that hold both ends of a cut come here.
"""

from collections.abc import Iterable, Sequence

#: An identifier: its type and value.
Node = tuple[str, str]


def apart(
    edges: Iterable[tuple[Node, Node]], cuts: Sequence[tuple[Node, Node]]
) -> dict[Node, Node]:
    """The component of each identifier, named by one of its members.

    Edges are taken in the order given; one that would bring the ends of a cut together,
    on whatever way, is left out. So the earlier link keeps what both ends claim.
    """
    parents: dict[Node, Node] = {}
    for left, right in edges:
        one, other = _root(parents, left), _root(parents, right)
        ends = [{_root(parents, a), _root(parents, b)} for a, b in cuts]
        if one != other and {one, other} not in ends:
            parents[max(one, other)] = min(one, other)
    return {node: _root(parents, node) for node in list(parents)}


def _root(parents: dict[Node, Node], node: Node) -> Node:
    parents.setdefault(node, node)
    while parents[node] != node:
        parents[node] = parents[parents[node]]
        node = parents[node]
    return node
