"""One delivered row becomes several: `explode` (lists) and `unpivot` (wide columns).

Rows that become none are kept and marked `is_empty`, so that the counts still add up.
"""

import re

from dagster_project.warehouse import literal

INDEXED = re.compile(r"(.+?)((?:\[\d+\])*)$")
#: One level of `explode`: the keys, and whether a row without the list stays.
LEVEL = re.compile(r"([^\[\]]+)\[\](\??)")


def json_path(path: str) -> str:
    """`a.b[0].c` as a JSONPath with quoted keys."""
    parts = [INDEXED.match(part) for part in path.split(".")]
    return "$" + "".join(f'."{p[1]}"{p[2]}' for p in parts if p)


def inside(document: str, path: str) -> str:
    """The text at a dotted path of a cell that holds JSON, as SQL."""
    found = f"json_extract_string({document}, {literal(json_path(path))})"
    return f"case when json_valid({document}) then {found} end"


def exploded(documents: str, explode: str) -> str:
    """One document per element of a list; the element takes the list's place.

    `documents` is a query with (file, line, raw, problem, is_empty, doc), as is the
    result. `pages[].questions[]` is exploded from the outside in. A document without
    the list becomes an empty row; with `choices[]?` it stays as it is.
    """
    keys: list[str] = []
    for names, stays in LEVEL.findall(explode):
        keys += names.strip(".").split(".")
        documents = _one_level(documents, keys, bool(stays))
    return documents


def _one_level(documents: str, keys: list[str], stays: bool) -> str:
    path = json_path(".".join(keys))
    element, nothing = "element", "null"
    for key in reversed(keys):
        element = f"json_object({literal(key)}, {element})"
        nothing = f'{{"{key}": {nothing}}}'
    name = literal(f"{'.'.join(keys)}: not a list")
    no_row = "false" if stays else "problem is null and element is null"
    # The list is taken out once, so that an element is not merged with its siblings.
    return f"""
        select * exclude (elements, rest, kind, element) replace (
            coalesce(problem, case when kind not in ('ARRAY', 'NULL')
                then {name} end) as problem,
            is_empty or ({no_row} and kind in ('ARRAY', 'NULL')) as is_empty,
            case when element is not null then json_merge_patch(rest, {element})
                when kind = 'ARRAY' then rest else doc end as doc)
        from (
            select *, unnest(case when len(elements) > 0
                then elements else [null::JSON] end) as element
            from (
                select *, json_extract(doc, {literal(path + "[*]")}) as elements,
                    json_merge_patch(doc, {literal(nothing)}) as rest,
                    coalesce(json_type(doc, {literal(path)}), 'NULL') as kind
                from ({documents})
            )
        )"""


def document_pairs(prefix: str) -> str:
    """The keys of `doc` with a prefix and their values, as a list of pairs."""
    # The path of a key cannot be a constant, so it is built per key.
    value = """json_extract_string(doc, '$."' || k || '"')"""
    wanted = f"list_filter(json_keys(doc), lambda k: starts_with(k, {literal(prefix)}))"
    return f"list_transform({wanted}, lambda k: {{'key': k, 'value': {value}}})"


def column_pairs(titles: tuple[str, ...], prefix: str) -> str:
    """The columns with a prefix and their cells, as a list of pairs."""
    pairs = [
        f"{{'key': {literal(title)}, 'value': cells[{position}]}}"
        for position, title in enumerate(titles, start=1)
        if title.lower().startswith(prefix.lower())
    ]
    empty = "{'key': ''::VARCHAR, 'value': null::VARCHAR}"
    return f"[{', '.join([empty, *pairs])}]"


def unpivoted(rows: str) -> str:
    """One row per pair that has a value; key and value become the last two cells.

    `rows` is a query with (file, line, raw, problem, is_empty, cells, pairs).
    """
    return f"""
        select file, line, raw, problem,
            is_empty or (problem is null and pair is null) as is_empty,
            list_concat(cells, [pair.key, pair.value]) as cells
        from (
            select *, unnest(case when len(answered) > 0
                then answered else [null] end) as pair
            from (
                select *, list_filter(
                    pairs, lambda p: coalesce(trim(p.value), '') <> '') as answered
                from ({rows})
            )
        )"""
