"""Real pixels in a terminal: which protocol it speaks, the encoders, and the overlay.

A picture's cells are blanks that prompt_toolkit owns; after each drawing of a page the overlay
sends the pictures on top of them, only where they are new. Everything else, such as scrolling,
resizing and notices, stays prompt_toolkit's business. Where no protocol is known there are blocks.
"""
