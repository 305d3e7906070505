#!/usr/bin/env python3
"""What a report must be, seen as text: well-formed XML and HTML, self-contained, with unique ids.

Usage: page.py PAGE.html FIGURES   (so many figures, each drawn twice; 0: tables alone)
"""
import html.parser
import re
import sys
import xml.etree.ElementTree as ET

XHTML = "{http://www.w3.org/1999/xhtml}"
SVG = "{http://www.w3.org/2000/svg}"
VOID = {"meta", "br", "hr", "img", "input", "link"}


class Nesting(html.parser.HTMLParser):
    """Open and close tags match, as a browser's parser sees them."""

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> closes <{self.open[-1:]}>"
        self.open.pop()


def main(path, figures):
    text = open(path, encoding="utf-8").read()
    nesting = Nesting()
    nesting.feed(text)
    nesting.close()
    assert not nesting.open, f"never closed: {nesting.open}"
    root = ET.fromstring(text)

    ids = [node.get("id") for node in root.iter() if node.get("id")]
    assert len(ids) == len(set(ids)), "an id twice"
    # Nothing from elsewhere, nothing that runs but the one script.
    for node in root.iter():
        for name, value in node.items():
            name = name.rsplit("}")[-1]
            assert not name.startswith("on"), f"{node.tag} {name}"
            if name in ("href", "src"):
                assert value.startswith("#") and value[1:] in ids, f"{node.tag} {name}={value}"
    assert not re.search(r"@import|url\(", text), "the style sheet loads something"
    assert len(list(root.iter(XHTML + "script"))) == 1

    svgs = list(root.iter(SVG + "svg"))
    assert len(svgs) == 2 * figures, f"{len(svgs)} pictures of {figures} figures"
    assert len(list(root.iter(XHTML + "figure"))) == figures
    for svg in svgs:
        assert svg.get("aria-label") and list(svg.iter(SVG + "text")), "a picture without text"
        for node in svg.iter():
            for name, value in node.items():
                assert "rgb(" not in value, f"a colour that no theme changes: {value}"
    for figure in root.iter(XHTML + "figure"):
        caption = "".join(figure.find(XHTML + "figcaption").itertext())
        assert re.search(r"\d+ (runs|pairs)", caption), f"no number of runs in: {caption}"
    commands = ["".join(node.itertext()) for node in root.iter(XHTML + "pre")
                if node.get("class") == "command"]
    assert len(commands) > figures, "figures without the command that makes them"
    assert all(command.startswith("modprop_analyze ") for command in commands)
    for link in root.iter(XHTML + "a"):
        assert link.get("href")[1:] in ids


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
