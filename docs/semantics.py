#!/usr/bin/env python3
"""An mdBook preprocessor: every file of model/semantics becomes a chapter below `Semantics`.

The clauses live beside the types that they give meaning to, and are tested there. A book that copied them, or
listed them by hand, would sooner or later tell something else.
"""

import json
import pathlib
import sys

PARENT = "Semantics"


def title_of(content, file):
    for line in content.splitlines():
        if line.startswith("# "):
            return line[2:].strip()
    sys.exit(f"semantics.py: {file} has no title: its first heading must begin with `# `")


def chapters(parent, root):
    files = sorted((root.parent / "model" / "semantics").glob("*.md"))
    for place, file in enumerate(files, start=1):
        content = file.read_text(encoding="utf-8")
        yield {
            "Chapter": {
                "name": title_of(content, file.name),
                "content": content,
                "number": (parent["number"] or []) + [place],
                "sub_items": [],
                "path": f"semantics/{file.name}",
                "source_path": f"semantics/{file.name}",
                "parent_names": parent["parent_names"] + [parent["name"]],
            }
        }


def main():
    context, book = json.load(sys.stdin)
    found = [item["Chapter"] for item in book["items"] if "Chapter" in item and item["Chapter"]["name"] == PARENT]
    if len(found) != 1:
        sys.exit(f"semantics.py: SUMMARY.md must have exactly one chapter `{PARENT}`, and has {len(found)}")
    found[0]["sub_items"] += chapters(found[0], pathlib.Path(context["root"]).resolve())
    json.dump(book, sys.stdout)


if __name__ == "__main__":
    if sys.argv[1:2] == ["supports"]:
        sys.exit(0)
    main()
