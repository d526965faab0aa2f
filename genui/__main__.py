"""`python -m genui` is the command `genui`."""

import sys

from genui.cli import main

sys.exit(main())
