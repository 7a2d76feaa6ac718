"""The terminal that the parts are tried on."""

from tests.support.spoken import spoken as spoken
