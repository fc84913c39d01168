"""Schemas, generated: any at all, and such that a given value satisfies."""

from __future__ import annotations

import math
import operator

from hypothesis import strategies as st

DRAFT_4 = "http://json-schema.org/draft-04/schema#"
DRAFT_6 = "http://json-schema.org/draft-06/schema#"
DRAFT_7 = "http://json-schema.org/draft-07/schema#"
DRAFT_2019 = "https://json-schema.org/draft/2019-09/schema"
DRAFT_2020 = "https://json-schema.org/draft/2020-12/schema"
MODERN = [DRAFT_6, DRAFT_7, DRAFT_2019, DRAFT_2020]

NAMES = st.sampled_from(["a", "b", "c", "kind", "x-1"])
SMALL = st.integers(0, 4)
LITERALS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from([0.5, -1.5, 2.0]),
    st.sampled_from(["", "a", "ab", "abc", "x-1"]),
    st.just([]),
    st.just([1]),
    st.just({}),
    st.just({"a": 1}),
)
TYPES = st.sampled_from(["null", "boolean", "integer", "number", "string", "array", "object"])
PATTERNS = st.sampled_from(["^a", "b$", "^[a-z]+$", "[0-9]", "^x-", "^(a|b){2,3}$"])


def fixed(**optional):
    return st.fixed_dictionaries({}, optional=optional)


def keywords(sub, draft):
    """Return schemas whose inner schemas are of `sub`."""
    modern = draft in {DRAFT_2019, DRAFT_2020}
    numbers = fixed(
        minimum=st.integers(-3, 3),
        exclusiveMaximum=st.integers(-2, 9),
        maximum=st.sampled_from([2, 7.5]),
        multipleOf=st.sampled_from([1, 2, 0.5, 0.01]),
    )
    strings = fixed(
        minLength=SMALL,
        maxLength=st.integers(1, 6),
        pattern=PATTERNS,
        format=st.sampled_from(["date", "ipv4", "email", "unheard-of"]),
    )
    objects = fixed(
        properties=st.dictionaries(NAMES, sub, max_size=3),
        patternProperties=st.dictionaries(PATTERNS, sub, max_size=1),
        additionalProperties=sub,
        propertyNames=st.one_of(
            strings,
            st.fixed_dictionaries({"enum": st.lists(NAMES, unique=True, min_size=1)}),
        ),
        required=st.lists(NAMES, max_size=2, unique=True),
        minProperties=SMALL,
        maxProperties=st.integers(1, 5),
        **(
            {
                "dependentRequired": st.dictionaries(
                    NAMES, st.lists(NAMES, unique=True), max_size=1
                ),
                "dependentSchemas": st.dictionaries(NAMES, sub, max_size=1),
                "unevaluatedProperties": sub,
            }
            if modern
            else {
                "dependencies": st.dictionaries(
                    NAMES, st.one_of(sub, st.lists(NAMES, unique=True)), max_size=1
                )
            }
        ),
    )
    some = st.lists(sub, min_size=1, max_size=2)
    if draft == DRAFT_2020:
        items = fixed(prefixItems=some, items=sub, unevaluatedItems=sub)
    else:
        items = st.one_of(fixed(items=sub), fixed(items=some, additionalItems=sub))
    counts = {"minContains": st.integers(0, 2), "maxContains": st.integers(1, 3)}
    sizes = fixed(
        contains=sub,
        uniqueItems=st.booleans(),
        minItems=SMALL,
        maxItems=st.integers(1, 5),
        **(counts if modern else {}),
    )
    arrays = st.builds(operator.or_, items, sizes)
    logic = fixed(
        allOf=st.lists(sub, min_size=1, max_size=2),
        anyOf=st.lists(sub, min_size=1, max_size=3),
        oneOf=st.lists(sub, min_size=1, max_size=3),
        **{"not": sub, "if": sub, "then": sub, "else": sub},
    )
    kinds = st.one_of(
        st.fixed_dictionaries({"type": TYPES}),
        st.fixed_dictionaries({"type": st.lists(TYPES, unique=True, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"enum": st.lists(LITERALS, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"const": LITERALS}),
        fixed(default=LITERALS),
        st.just({"$ref": "#"}),
    )
    return st.lists(
        st.one_of(kinds, kinds, numbers, strings, objects, arrays, logic), min_size=1, max_size=3
    ).map(joined)


def joined(parts):
    return {name: value for part in parts for name, value in part.items()}


@st.composite
def schemas(draw):
    """Draw a schema, satisfiable or not."""
    draft = draw(st.sampled_from(MODERN))
    inner = st.recursive(st.booleans(), lambda sub: keywords(sub, draft), max_leaves=8)
    return {"$schema": draft, **draw(keywords(inner, draft))}


VALUES = st.recursive(
    LITERALS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=6,
)


@st.composite
def satisfied(draw, value, depth=2):
    """Draw a schema (2020-12) that `value` satisfies."""
    schema = draw(_told(value, depth))
    if depth == 0:
        return schema
    return draw(st.sampled_from([schema, *draw(_wrapped(schema, depth))]))


@st.composite
def _wrapped(draw, schema, depth):
    other = draw(
        st.sampled_from([{"type": "null"}, {"const": "never"}, {"minItems": 9, "type": "array"}])
    )
    return [
        {"allOf": [schema, {}]},
        {"anyOf": [other, schema]},
        {"if": schema, "else": False},
        {"not": {"not": schema}},
        {"oneOf": [False, schema]},
        {"$defs": {"it": schema}, "$ref": "#/$defs/it"} if depth == 2 else schema,
    ]


@st.composite
def _told(draw, value, depth):
    if draw(st.integers(0, 5)) == 5:
        return {"enum": [draw(LITERALS), value]}
    if isinstance(value, bool) or value is None:
        return {"type": "null" if value is None else "boolean"}
    if isinstance(value, int | float):
        return draw(_number(value))
    if isinstance(value, str):
        return draw(_string(value))
    if isinstance(value, list):
        return draw(_array(value, depth))
    return draw(_object(value, depth))


def _chosen(draw, **facts):
    return {name: fact for name, fact in facts.items() if draw(st.booleans())}


@st.composite
def _number(draw, value):
    kind = "number" if isinstance(value, float) else draw(st.sampled_from(["integer", "number"]))
    return {
        "type": kind,
        **_chosen(
            draw,
            minimum=value,
            maximum=value + draw(SMALL),
            exclusiveMinimum=value - draw(st.sampled_from([0.25, 1, 3])),
            multipleOf=0.5 if isinstance(value, float) else 1,
        ),
    }


@st.composite
def _string(draw, value):
    return {
        "type": "string",
        **_chosen(
            draw,
            minLength=len(value),
            maxLength=len(value) + draw(SMALL),
            pattern=draw(st.sampled_from([f"^{value}", "^[a-z0-9-]*$", f"{value}$"])),
        ),
    }


@st.composite
def _array(draw, value, depth):
    def told(item):
        return draw(satisfied(item, max(depth - 1, 0)))

    facts = _chosen(
        draw,
        minItems=len(value),
        maxItems=len(value) + draw(SMALL),
        prefixItems=[told(item) for item in value] or [True],
    )
    if value and draw(st.booleans()):
        facts["contains"] = told(draw(st.sampled_from(value)))
    if len(value) == 1 and draw(st.booleans()):
        facts["uniqueItems"] = True
    if "prefixItems" in facts and draw(st.booleans()):
        facts[draw(st.sampled_from(["items", "unevaluatedItems"]))] = False
    return {"type": "array", **facts}


@st.composite
def _object(draw, value, depth):
    told = {name: draw(satisfied(item, max(depth - 1, 0))) for name, item in value.items()}
    facts = _chosen(
        draw,
        required=list(value),
        minProperties=len(value),
        maxProperties=len(value) + draw(SMALL),
        propertyNames={"maxLength": max(map(len, value), default=0)},
    )
    if draw(st.booleans()):
        facts["properties"] = told
        if draw(st.booleans()):
            facts[draw(st.sampled_from(["additionalProperties", "unevaluatedProperties"]))] = False
    return {"type": "object", **facts}


def is_plain(value):
    """Return whether JSON has the value, and any JSON reader keeps it."""
    if isinstance(value, dict):
        return all(isinstance(key, str) and is_plain(item) for key, item in value.items())
    if isinstance(value, list):
        return all(map(is_plain, value))
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, bool | int | str)
