"""Loaded by the process that picture jobs are forked from: importing this warms it up."""

from labapp.pictures.process import prepare

prepare(threads=1)
