"""HTML and SVG that runs or loads something is named; what Matplotlib and pandas write is not."""

from __future__ import annotations

import io

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from bookwright.markup import html_problems, scheme, svg_problems


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<p id='a'>x</p><script>y</script>", "<script>"),
        ("<!--><script>x</script>-->", "<script>"),
        ("<p>a<b onclick=x>b</b>", "<b> with onclick"),
        ("<body onload=x>", "<body> with onload"),
        ("<html onclick=x>", "<html> with onclick"),
        ("<a href='javascript:x'>a</a>", "<a> with href='javascript:x'"),
        ("<a href=' JaVa&#x0A;script&colon;x'>a</a>", "<a> with href=' JaVa\\nscript:x'"),
        ("<a href='data:text/html,x'>a</a>", "<a> with href='data:text/html,x'"),
        ("<img src='https://example.org/a.png'>", "<img> with src='https://example.org/a.png'"),
        ("<img src='//example.org/a.png'>", "<img> with src='//example.org/a.png'"),
        ("<img src='data:image/svg+xml,<svg/>'>", "<img> with src='data:image/svg+xml,<svg/>'"),
        ("<img srcset='a.png'>", "<img> with srcset"),
        ("<p style='background: url(//a)'>", "<p> with 'url(//a)' in its style"),
        ("<p style='background: u\\72l(//a)'>", "<p> with 'url(//a)' in its style"),
        ("<p style='width: expression(x)'>", "<p> with 'expression(x)' in its style"),
        ("<style>@import '//a';</style>", "<style> with '@import' in its style"),
        ("<style>b {background: url('//a')}</style>", "<style> with 'url(\"//a\")' in its style"),
        ("<iframe src=x>", "<iframe>"),
        ("<object data=x>", "<object>"),
        ("<form action=x><input>", "<form>"),
        ("<base href='//a/'>", "<base>"),
        ("<meta http-equiv=refresh content='0;url=//a'>", "<meta>"),
        ("<link rel=stylesheet href='//a'>", "<link>"),
        ("<svg><circle/></svg>", "<svg>"),
        ("<math><mtext><style><!--</style><img src onerror=x>", "<math>"),
        ("<noscript><p title='</noscript><img src=x onerror=y>'>", "<noscript>"),
        ("<template><p>x</template>", "<template>"),
        ("<x:script>", "<x:script>"),
        ("<div title='", "a tag or a comment without its end"),
        ("<!-- x", "a tag or a comment without its end"),
        ("<style>b {}", "a tag or a comment without its end"),
        ("<wbr id='end-of-what-is-looked-at'><!--", "a tag or a comment without its end"),
        # Rows and cells mean nothing here; but a table may have begun before.
        ("<tr onclick='x'>", "<tr> with onclick"),
        ("a</td><td onclick='x'>b", "<td> with onclick"),
        ("<caption onclick='x'>", "<caption> with onclick"),
        ("<col onclick='x'>", "<col> with onclick"),
    ],
)
def test_html_that_runs_or_loads_something_is_named(html, found):
    assert found in html_problems(html)


# What pandas writes for a table, and Rich (and so Keras) for text in colours.
TABLE = """<div><style scoped>.dataframe tbody tr th { vertical-align: top; }</style>
<table border="1" class="dataframe"><thead><tr style="text-align: right;"><th></th><th>a</th></tr>
</thead><tbody><tr><th>0</th><td colspan="2">1 &lt; 2</td></tr></tbody></table></div>"""
TEXT = """<pre style="white-space:pre;overflow-x:auto;font-family:Menlo,'DejaVu Sans Mono'">
<span style="color: #00af00; font-weight: bold">Model</span></pre>"""


@pytest.mark.parametrize(
    "html",
    [
        *(
            TABLE,
            TEXT,
            "",
            "1 < 2 & 3",
            "</div>",
            "<!-- a note -->",
            "<kbd>",
            "<p style='top: 1px'>",
        ),
        "<details open><summary aria-label='more'>a</summary>b</details>",
        "<img src='data:image/png;base64,AA==' alt='a'>",
        "<a href='rnn.html#a'>a</a> <a href='https://example.org/'>b</a>",
        "<a href='mailto:a@b'>c</a>",
    ],
)
def test_html_that_only_shows_something_is_taken(html):
    assert html_problems(html) == []


SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"%s>%s</svg>'
)


@pytest.mark.parametrize(
    ("inside", "found"),
    [
        ("<script>x</script>", "<script>"),
        ('<x:script xmlns:x="http://www.w3.org/1999/xhtml">x</x:script>', "<script>"),
        ("<metadata><script>x</script></metadata>", "<script>"),
        ("<foreignObject><p/></foreignObject>", "<foreignObject>"),
        ('<a xlink:href="javascript:x"><text>a</text></a>', "<a>"),
        ('<rect onmouseover="x"/>', "<rect> with onmouseover"),
        ('<image href="https://a/b.png"/>', "<image> with href='https://a/b.png'"),
        ('<image xlink:href="b.png"/>', "<image> with href='b.png'"),
        ('<use href="b.svg#a"/>', "<use> with href='b.svg#a'"),
        ('<use href="data:image/png;base64,AA"/>', "<use> with href='data:image/png;base64,AA'"),
        ('<rect fill="url(https://a/b.svg#c)"/>', "<rect> with 'url(https://a/b.svg#c)' in"),
        ('<rect fill="url(1)"/>', "<rect> with 'url(1)' in its style"),
        ('<rect style="fill: url(&quot;//a&quot;)"/>', "<rect> with 'url(\"//a\")' in its style"),
        ("<style>@import '//a';</style>", "<style> with '@import' in its style"),
        ("<style><![CDATA[@font-face {}]]></style>", "<style> with '@font-face' in its style"),
        ("<style>b {}<!-- -->@import '//a';</style>", "<style> with '<!-- -->'"),
        ('<animate attributeName="href" to="javascript:x"/>', "<animate>"),
        ('<set attributeName="onclick" to="x"/>', "<set>"),
        ('<g xml:base="https://a/"/>', "<g> with base"),
        ('<b xmlns="http://www.w3.org/2001/xml-events"/>', "<b>"),
        ("<g>", "SVG that is no XML"),
        # What HTML, in which a notebook may put a drawing, reads in another way than XML.
        ("<!--><img src='x' onerror='y'>-->", "a comment that begins with '>'"),
        ("<!---><img src='x' onerror='y'>-->", "a comment that begins with '>'"),
        ("<text><![CDATA[<img src='x' onerror='y'>]]></text>", "<![CDATA>"),
        ("<desc><style/></desc><!--</style><img onerror='y'>-->", "<desc> with an element in it"),
        ("<title><title/></title><!--</title><img>-->", "<title> with an element in it"),
        (
            '<metadata><script xmlns="http://creativecommons.org/ns#">x</script></metadata>',
            "<script>",
        ),
    ],
)
def test_a_drawing_that_runs_or_loads_something_is_named(inside, found):
    problems = svg_problems(SVG % ("", inside))
    assert any(problem.startswith(found) for problem in problems), problems


@pytest.mark.parametrize(
    ("svg", "found"),
    [
        (SVG % (' onload="x"', ""), "<svg> with onload"),
        ('<?xml-stylesheet href="//a"?>' + SVG % ("", ""), "'<?xml-stylesheet href=\"//a\"?>'"),
        ('<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG % ("", "<text>&a;</text>"), "<!ENTITY>"),
        ('<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///a">]>' + SVG % ("", "&a;"), "<!ENTITY>"),
        ("<svg><g/></svg>", "<svg>"),
        ('<!DOCTYPE svg [<!ATTLIST svg onload CDATA "x">]>' + SVG % ("", ""), "<!ATTLIST>"),
        ('<!DOCTYPE svg SYSTEM "><img src=a onerror=x>">' + SVG % ("", ""), "<!DOCTYPE>"),
        ('<a:svg xmlns:a="http://www.w3.org/2000/svg"/>', "<svg>"),
        ('<?xml version="1.0" encoding="utf-7"?>' + SVG % ("", ""), "the encoding utf-7"),
    ],
)
def test_a_file_that_is_more_than_a_drawing_is_named(svg, found):
    problems = svg_problems(svg)
    assert any(problem.startswith(found) for problem in problems), problems


@pytest.mark.parametrize("fonttype", ["path", "none"])
def test_what_matplotlib_draws_is_taken(fonttype):
    figure = Figure()
    axes = figure.subplots(2, 2).flat
    axes[0].plot([1, 2, 3], [1, -2, 3], "o--", label=r"$\theta_{1}$")
    axes[0].legend(title="(a)")
    axes[1].imshow(np.eye(3))
    axes[1].set_title("@ a <b> & 'c' url(d)")
    axes[2].bar([1, 2], [3, 4], hatch="/", alpha=0.5)
    axes[2].fill_between([0, 1], [0, 1], alpha=0.2)
    axes[3].scatter([1, 2], [1, 2], c=[0.1, 0.9], rasterized=True)
    axes[3].annotate("here", (1, 1), (2, 2), arrowprops={"arrowstyle": "->"})
    axes[3].contourf(np.outer([1, 2], [3, 4]))
    file = io.StringIO()
    with mpl.rc_context({"svg.fonttype": fonttype}):
        figure.savefig(file, format="svg")
    assert svg_problems(file.getvalue()) == []


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        *(
            ("https://a", "https"),
            ("HTTP://a", "http"),
            ("a.html", ""),
            ("#a:b", ""),
            ("a/b:c", ""),
        ),
        *(("\tjava\nscript:x", "javascript"), ("\x01data:x", "data"), ("//a", ""), ("", "")),
    ],
)
def test_the_scheme_of_an_address_is_what_a_browser_takes_it_for(address, expected):
    assert scheme(address) == expected
