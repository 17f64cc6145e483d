"""A page that looks at explorers, without a browser: it draws every frame, and says so."""

import io

import numpy as np
from PIL import Image

from nnlib.course.kit.picture import Picture

VIEW = {"on": "view", "view": "page", "visible": True, "ratio": 1.0}


class Page:
    """What a page would show of a picture, and what it has heard.

    ``late`` acknowledgements are kept back until `answer`; ``messages`` are all that came.
    """

    def __init__(self, picture, late=False):
        self.picture, self.late = picture, late
        self.messages, self.sharp = [], None
        self.pixels, self.unanswered = None, []
        self.most_under_way = 0

    def send(self, content, buffers=None):
        """Take a message of the kernel."""
        self.messages.append(content)
        if "frame" not in content:
            return
        image = Image.open(io.BytesIO(buffers[0])).convert("RGBA")
        if content["motion"]:
            if self.pixels is None:
                self.pixels = Image.new("RGBA", image.size, "white")
            self.pixels.paste(image, (0, 0), image)
        else:
            self.sharp = np.asarray(image)
            self.pixels = image.resize(tuple(self.picture.size))
        self.unanswered.append(content["frame"])
        self.most_under_way = max(self.most_under_way, len(self.unanswered))
        if not self.late:
            self.answer()

    def answer(self):
        """Say that all frames are drawn."""
        frames, self.unanswered = self.unanswered, []
        for frame in frames:
            self.say({"on": "drawn", "frame": frame, "view": "page"})

    def say(self, message):
        """Send a message to the kernel."""
        self.picture._handle_custom_msg(message, [])


def looking_at(explorer, late=False, ratio=1.0):
    """Let a page look at an explorer."""
    page = Page(explorer.image, late)
    explorer.image.send = page.send
    page.say(VIEW | {"ratio": ratio})
    return page


def looked_at(patch):
    """Let a page look at every explorer that is made from now on."""
    made = Picture.__init__

    def init(picture, hear):
        made(picture, hear)
        picture.send = Page(picture).send
        picture.note(VIEW)

    patch.setattr(Picture, "__init__", init)


def shown(explorer):
    """Return the picture that was last drawn, as bytes, to be compared."""
    return explorer.image.pixels.tobytes()


def part(explorer, name):
    """Return the part of this name in an explorer's picture."""
    (found,) = (part for part in explorer.parts() if part.name == name)
    return found


def click(explorer, x, y):
    """Click into the picture, as a page would."""
    for kind in ("down", "up"):
        explorer.image._handle_custom_msg({"on": kind, "x": x, "y": y}, [])


def type_over(explorer, name, text):
    """Type a number for a part, as a page would."""
    explorer.image._handle_custom_msg({"on": "type", "name": name, "text": text}, [])
