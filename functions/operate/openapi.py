"""`python -m functions.operate.openapi > docs/openapi.json`: the operators' API, for whoever writes a client."""

from __future__ import annotations

import sys

from functions.operate.app import openapi_document

if __name__ == "__main__":
    sys.stdout.write(openapi_document())
