"""What stands in a notebook for a widget whose kernel has gone: a picture, and what to do.

A saved notebook has of a widget its number alone, and JupyterLab writes "model not found" in its
place. So a second output goes before it, which the live widget hides, and which hides the error.
"""

import base64
import html
from collections.abc import Callable
from typing import Any

HOW = "Run the cell to make it live."

STANDIN = """<div class="nnlib-standin" data-of="{name}">
<style>
.jp-OutputArea-child:has([data-of="{name}"]) + * .jp-OutputArea-output:not(:has(*)),
.jp-OutputArea-child:has([data-of="{name}"][hidden]) {{ display: none; }}
.nnlib-standin img {{ max-width: 100%; display: block; }}
[data-jp-theme-light="false"] .nnlib-standin img {{ filter: invert(0.93) hue-rotate(180deg); }}
</style>
<p>{how}</p>{picture}
</div>"""


def show(name: str, bundle: dict[str, Any]) -> None:
    """Show a widget in a notebook, after what stands in for it where its kernel has gone."""
    from IPython.display import publish_display_data

    publish: Callable[[dict[str, Any]], Any] = publish_display_data
    publish(standin(name, bundle["text/plain"], bundle.get("image/png", b"")))
    publish(bundle)


def standin(name: str, words: str, png: bytes = b"") -> dict[str, Any]:
    """Return an output that is seen where the widget after it is not alive."""
    data, alt = base64.b64encode(png).decode(), html.escape(words)
    picture = f'\n<img class="nnlib-picture" src="data:image/png;base64,{data}" alt="{alt}">'
    page = STANDIN.format(name=html.escape(name), how=HOW, picture=picture if png else "")
    return {"text/html": page, "text/plain": HOW}
