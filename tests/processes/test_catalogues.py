"""The code's own texts, as gettext finds them."""

from config.source_messages import gettext_is_installed, source_catalogue


def test_the_code_is_read_where_gettext_is_installed():
    found = source_catalogue()
    if gettext_is_installed():
        assert {"Red", "Sign in"} & {message.id for message in found}
    else:
        assert found is None
