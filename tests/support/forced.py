"""What a whole run of tests forces on the proxy: `POLLS_PER_CALL=1 pytest` lets every poll go by itself."""

import os

FORCED = {name: os.environ[name] for name in ("POLLS_PER_CALL",) if name in os.environ}
