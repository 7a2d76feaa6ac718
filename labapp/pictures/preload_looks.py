"""Loaded by the process that the children of looks are forked from: importing this warms it up."""

import gc
import io

import cv2
from PIL import BmpImagePlugin, GifImagePlugin, Image, TiffImagePlugin, WebPImagePlugin  # noqa: F401

from labapp.pictures import crops, process, registry  # noqa: F401
from labapp.pictures.looks import preview  # and what else a child would load first

cv2.setNumThreads(1)  # a child may begin none
for kind, mode in (("JPEG", "RGB"), ("PNG", "RGBA"), ("GIF", "P")):
    file = io.BytesIO()
    Image.new(mode, (64, 48)).save(file, kind)
    frame = preview(file.getvalue(), 16)
for operation in registry.operations().values():
    operation.apply(frame.copy(), operation.defaults)
# A collection in a child would write to every page that it shares with this process.
gc.collect()
gc.freeze()
