"""Which words of a page's source its readers do not see."""

from __future__ import annotations

import pytest

from bookwright.verify import words

PAGE = "<!doctype html><html><body><article>{}</article><footer>{}</footer></body></html>"


def lost(source: str, article: str, footer: str = "") -> list[str]:
    return [str(each) for each in words.lost("a.md", source, PAGE.format(article, footer))]


@pytest.mark.parametrize(
    ("source", "article"),
    [
        ("% one comment\n% in two lines\n\nText.", "<p>Text.</p>"),
        ("> 1. one\n> 2. two\n\n- 3. three", "<ol><li>one</li><li>two</li><li>three</li></ol>"),
        ("A [b][link] and [link].\n\n[link]: https://a.example 'title'", "<p>A b and link.</p>"),
        ("[a](https://a.example 'one') [b](<c d> (two)) [e](f_(g))", "<p>a b e</p>"),
        ("```python\ny = a*b  # $x\n```\n\nText $z$.", "<pre>y = a*b  # $x</pre><p>Text.</p>"),
        ("```{code-block} python\n:linenos:\na*b\n```", "<pre>a*b</pre>"),
        ("~~~text\na*b[i]\n~~~", "<pre>a*b[i]</pre>"),
        ("Text.\n\n    a*b[i]\n", "<p>Text.</p><pre>a*b[i]</pre>"),
        ("A filter of 3*3, and x[i].", "<p>A filter of 3*3, and x[i].</p>"),
        (r"2\*3 \_a\_b", "<p>2*3 _a_b</p>"),
        ("가**나**다 [용어](a.md)를", "<p>가<b>나</b>다 <a>용어</a>를</p>"),
        ("\\begin{align}\na &= b\n\\end{align}\n\nText.", "<math></math><p>Text.</p>"),
        ("$$\na\nb $$ (label)\n\nText.", "<math></math><p>Text.</p>"),
        ("```{note}\n---\nclass: a\n---\nText.\n```", "<p>Text.</p>"),
        ("```{glue:figure} a\n:alt: What is\n  seen.\n\nCaption.\n```", "<p>Caption.</p>"),
        ("- one\n\n  ```{note}\n  Text.\n  ```\n- two", "<li>one <p>Text.</p></li><li>two</li>"),
        ("```{solution} ex-a\n:label: b\nText.\n```", "<p>Text.</p>"),
        ("Text `a`{.python} ![x](y.svg){width=50}.", "<p>Text a <img>.</p>"),
        ("See {numref}`Figure %s here <a>`: 3{sub}`2`.", "<p>See Figure 1: 3<sub>2</sub>.</p>"),
        ("Text.\n\n<!-- one\n\n> two -->\n\nText <!-- a > b -->.", "<p>Text.</p><p>Text.</p>"),
    ],
)
def test_what_is_no_word_of_the_page_is_not_missing(source, article):
    assert lost(source, article) == []


@pytest.mark.parametrize(
    ("source", "article", "line", "said"),
    [
        ("| a | b |\n|---|---|\n| c | d | model |", "a b c d", 3, "model"),
        ("If x <y.\n\n| a |\n|---|\n| b | gone |\n\n> Text.", "If x &lt;y. a b Text.", 5, "gone"),
        ("$$\na\nb $$ (label)\n\nText gone.", "Text", 5, "gone"),
        ("```bash\n$HOME\n```\n\nA gone $x$ b.", "<pre>$HOME</pre>A b.", 5, "gone"),
        ("Text.\n\n[Note]: gone", "Text.", 3, "Note gone"),
        ("Text.\n% gone\nText.", "Text. Text.", 2, "gone"),
        (":::{tip}\nText\n\ngone\n:::\n\nText", "Text Text", 4, "gone"),
        ("```{admonition} A title\nText\n```", "Text", 1, "A title"),
    ],
)
@pytest.mark.parametrize("same", ["", "<div class='cell docutils'>model gone Note title</div>"])
def test_a_lost_word_is_named_with_its_line(source, article, line, said, same):
    (found,) = lost(source, article + same, footer="gone model")
    assert found.startswith(f"a.md:{line}: readers do not see: {said}: ")


def test_words_of_the_evidence_below_a_claim_are_not_the_authors():
    evidence = "<details class='claim-evidence'>the model learns</details>"
    assert lost("The model learns. The model learns.", f"The model learns. {evidence}")
