"""External ids in addresses: `<external:external_id>`.

They are the caller's own and may have spaces or any letters, percent-encoded as usual. A slash would be taken
for the address's own, and servers decode %2F before anybody can tell: it is sent encoded twice, as %252F.
"""

import re
from urllib.parse import quote

from django.urls import register_converter

SLASH = re.compile("%2f", re.IGNORECASE)


class ExternalIdConverter:
    # No control characters: such an id cannot exist, so neither can its address.
    regex = r"[^/\x00-\x1f\x7f]+"

    def to_python(self, value: str) -> str:
        return SLASH.sub("/", value)

    def to_url(self, value: str) -> str:
        return value.replace("/", quote("/", safe=""))  # reverse() encodes the percent sign again


register_converter(ExternalIdConverter, "external")
