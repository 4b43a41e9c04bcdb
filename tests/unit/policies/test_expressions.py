import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitive_architecture.distributed_mesh.policies.expressions import (
    Attributes,
    Misread,
    read_expression,
)
from cognitive_architecture.distributed_mesh.policies.expressions.lexing import TEXT_MAX
from tests.support.examples import quick

NODE: Attributes = {
    "memory_bytes": 4 * 2.0**30,
    "models": ("llama-3-8b", "phi"),
    "gpu": "rtx3060",
    "labels.zone": "cellar",
    "versions.llm": "1.10.0",
    "is_quiet": True,
    "sizes": (1.0, 2.0),
}


class TestWhatHolds:
    @pytest.mark.parametrize(
        "text",
        [
            "memory_bytes >= 4 * GiB",
            'gpu == "rtx3060" && "phi" in models',
            "gpu == 'rtx3060' && !(gpu == 'x')",
            'labels.zone == "cellar" || price < 3',
            'price < 3 || labels.zone == "cellar"',
            "!(price < 3 && is_quiet == false)",
            'version(versions.llm) > version("1.9")',
            'version("2.0-rc1") < version("2.0") && version("v2") == version("2.0.0")',
            'gpu.startsWith("rtx") && gpu.endsWith("60") && gpu.contains("x3")',
            "has(gpu) && !has(price)",
            "!has(price) || price < 3",
            "size(models) == 2 && size(gpu) > 2",
            "1 + 2 * 3 == 7 && (1 + 2) * 3 == 9 && 7 % 4 == 3 && -3 < 0 && 1 / 4 == 0.25",
            "2 in sizes && !(7 in sizes) && 1 in [1, 2]",
            "is_quiet",
            "true && !false && 1.5e3 == 1500",
            r'"a\"b" == ' + "'a\"b'",
            '"eu" < "us"',
        ],
    )
    def test_holds(self, text: str) -> None:
        assert read_expression(text).refusal(NODE) is None


class TestWhatDoesNot:
    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("memory_bytes > 8 * GiB", "memory_bytes is 4294967296"),
            ('gpu == "x"', "gpu is 'rtx3060'"),
            ("price < 3", "there is no price"),
            ("gpu > 3", "'rtx3060' and 3 have no order"),
            ('memory_bytes == "4"', "4294967296 and '4' are of different kinds"),
            ("memory_bytes / 0 > 1", "nothing is divided by 0"),
            ("gpu + 1 > 1", "+ does not go with 'rtx3060' and 1"),
            ("gpu", "it is neither true nor false, but 'rtx3060'"),
            ("version(gpu) > version('1')", "'rtx3060' is no version like 1.10.2"),
            ("1e99*1e99*1e99*1e99 > 0", "1e+297 * 1e+99 is too large"),
            ("gpu || is_quiet == false", "'rtx3060' is neither true nor false"),
        ],
    )
    def test_is_refused_in_a_sentence(self, text: str, why: str) -> None:
        assert read_expression(text).refusal(NODE) == f"{text} is not met: {why}"

    def test_of_several_conditions_the_one_is_named_that_fails(self) -> None:
        expression = read_expression('is_quiet && gpu == "x" && size(models) == 7')
        assert expression.refusal(NODE) == "gpu == \"x\" is not met: gpu is 'rtx3060'"

    def test_true_is_not_one(self) -> None:
        assert read_expression("1 in [true]").refusal(NODE) is not None
        assert read_expression("is_quiet == 1").refusal(NODE) is not None


A_VALUE = "a value is expected here: a name, a number, a text or a list"
GO_ON = "the expression should be over, or go on with a sign"


class TestWhatIsNoExpression:
    @pytest.mark.parametrize(
        ("text", "where", "why"),
        [
            ("", "at its end", A_VALUE),
            ("a >> 3", "at character 4, before '> 3'", A_VALUE),
            ("a = 3", "at character 3, before '= 3'", "equality is written =="),
            ("a & b", "at character 3, before '& b'", "and is written &&"),
            ("(a", "at its end", ") is expected here"),
            ("a b", "at character 3, before 'b'", GO_ON),
            ("a and b", "at character 3, before 'and b'", f"{GO_ON}; and is written &&"),
            (
                "not a",
                "at character 1, before 'not a'",
                "a value is expected here; not is written !",
            ),
            (
                "a < b < c",
                "at character 7, before '< c'",
                "comparisons are not chained: join two of them with &&",
            ),
            (
                "eval(1)",
                "at character 1, before 'eval(1)'",
                "there is no function eval; there are has, size, version",
            ),
            (
                "a.lower()",
                "at character 1, before 'a.lower()'",
                "there is no method lower; there are contains, endsWith, startsWith",
            ),
            ("size()", "at character 1, before 'size()'", "size is given 1 value, not 0"),
            ("has(1)", "at character 5, before '1)'", "has() is given the name of an attribute"),
            ("'x", 'at character 1, before "\'x"', "the text that begins here does not end"),
            ("a; b", "at character 2, before '; b'", "this sign means nothing here"),
            ("1 in [1,", "at its end", A_VALUE),
        ],
    )
    def test_is_refused_with_its_place(self, text: str, where: str, why: str) -> None:
        with pytest.raises(Misread) as refused:
            read_expression(text)
        assert str(refused.value) == f"{text!r}, {where}: {why}"

    def test_nor_is_an_escape_that_nobody_needs(self) -> None:
        with pytest.raises(Misread, match="after a backslash comes n, t, r, a quote or"):
            read_expression(r'"\q"')

    @pytest.mark.parametrize(
        "text",
        [
            "(" * 20 + "a" + ")" * 20,
            "!" * 20 + "a",
            "+".join(["1"] * 40) + " > 0",
            "*".join(["1"] * 40) + " > 0",
            f"a in [{','.join(['1'] * 65)}]",
            "a" * (TEXT_MAX + 1),
        ],
    )
    def test_nor_is_what_would_cost_too_much(self, text: str) -> None:
        with pytest.raises(Misread):
            read_expression(text)

    def test_many_conditions_are_no_depth(self) -> None:
        text = " && ".join(["is_quiet"] * 80)
        assert read_expression(text).refusal(NODE) is None


@given(st.text(alphabet=string.printable, max_size=60))
@quick(300)
def test_whatever_is_written_is_read_or_refused(text: str) -> None:
    try:
        expression = read_expression(text)
    except Misread:
        return
    refusal = expression.refusal(NODE)
    assert refusal is None or "is not met" in refusal
    assert 0.0 <= expression.worth(NODE) <= 1.0


words = st.sampled_from(
    ["a", "b", "gpu", "models", "1", "2.5", "'x'", "true", "has(a)", "size(b)", "[1, a]"]
)
signs = st.sampled_from(["&&", "||", "==", "!=", "<", ">=", "in", "+", "-", "*", "/", "%"])
values = st.one_of(
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.lists(st.text(max_size=3), max_size=3).map(tuple),
)


@given(
    st.lists(st.tuples(words, signs), max_size=6),
    words,
    st.dictionaries(st.sampled_from(["a", "b"]), values),
)
@quick(300)
def test_whatever_is_there_the_answer_is_a_sentence_or_nothing(
    parts: list[tuple[str, str]], last: str, attributes: Attributes
) -> None:
    text = " ".join([f"{word} {sign}" for word, sign in parts] + [last])
    try:
        expression = read_expression(text)
    except Misread:
        return
    expression.refusal(attributes)
    expression.worth(attributes)


def test_worth_is_a_share() -> None:
    assert read_expression("cost").worth({"cost": 0.25}) == 0.25
    assert read_expression("cost").worth({"cost": 7.0}) == 1.0
    assert read_expression("1 - cost").worth({"cost": 7.0}) == 0.0
    assert read_expression("cost").worth({}) == 0.0
    assert read_expression("gpu").worth({"gpu": "x"}) == 0.0
    assert read_expression("has(gpu)").worth({"gpu": "x"}) == 1.0
