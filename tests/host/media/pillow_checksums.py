#!/usr/bin/env python3
"""Prints what Pillow makes of pictures: one line a file, its path, then the SHA-256 of each frame's RGBA bytes, of at most
MOST frames.

Transparent pixels count as 0, 0, 0, 0. A file that Pillow refuses has the word "refused" in place of a checksum.
Usage: pillow_checksums.py MOST FILE...
"""

import hashlib
import itertools
import sys

from PIL import GifImagePlugin, Image, ImageSequence

GifImagePlugin.LOADING_STRATEGY = GifImagePlugin.LoadingStrategy.RGB_ALWAYS


def checksum(frame):
    rgba = frame.convert("RGBA")
    clear = Image.new("RGBA", rgba.size, (0, 0, 0, 0))
    seen = rgba.getchannel("A").point(lambda alpha: 255 if alpha else 0)
    return hashlib.sha256(Image.composite(rgba, clear, seen).tobytes()).hexdigest()


def checksums(path, most):
    try:
        with Image.open(path) as image:
            return [checksum(frame) for frame in itertools.islice(ImageSequence.Iterator(image), most)]
    except Exception:  # whatever Pillow thinks of a damaged file is its own affair
        return ["refused"]


for path in sys.argv[2:]:
    print(path, *checksums(path, int(sys.argv[1])))
