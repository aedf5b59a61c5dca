"""Tags of Django's and ours that say the same each time, worked out once (a builtin library: nothing to load). A page
has a hundred of them, and most of what they did was the same work again."""

from functools import lru_cache
from typing import Any

from django import template
from django.template import defaulttags
from django.template.base import FilterExpression, Node, NodeList, Parser, TextNode, Token
from django.template.context import Context
from django.template.library import SimpleNode
from django.templatetags import i18n, static as statics
from django.urls import NoReverseMatch
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

from accounts.addresses import address
from accounts.templatetags import ui

register = template.Library()


def _constant(expression: FilterExpression) -> bool:
    """A text in quotes, without filters."""
    return isinstance(expression.var, str) and not expression.filters


# Texts --------------------------------------------------------------------------------------------


class Said(Node):
    """`{% translate "A text" %}`: looked up once per language."""

    child_nodelists = ()

    def __init__(self, node: i18n.TranslateNode) -> None:
        self.node, self.asvar = node, node.asvar
        self.known: dict[str, str] = {}
        node.asvar = None

    def render(self, context: Context) -> str:
        code = ui.reader(context).code
        text = self.known.get(code)
        if text is None:
            text = self.known[code] = self.node.render(context)
        if self.asvar is None:
            return text
        context[self.asvar] = text
        return ""


@register.tag("translate")
def translate(parser: Parser, token: Token) -> Node:
    expression = parser.compile_filter(token.split_contents()[1]) if " " in token.contents else None
    node = i18n.do_translate(parser, token)
    if expression is None or not _constant(expression) or node.noop:
        return node
    return node if node.message_context and not _constant(node.message_context) else Said(node)


# Parts --------------------------------------------------------------------------------------------


class Once(Node):
    """`{% once what … %}…{% endonce %}`: what depends on nothing but the language and these values is drawn once for
    each of them."""

    MOST = 500

    def __init__(self, by: list[FilterExpression], nodes: NodeList) -> None:
        self.by, self.nodelist = by, nodes
        self.known: dict[tuple, SafeString] = {}

    def render(self, context: Context) -> SafeString:
        key = (ui.reader(context).code, *(one.resolve(context) for one in self.by))
        text = self.known.get(key)
        if text is None:
            if len(self.known) >= self.MOST:
                self.known.clear()
            text = self.known[key] = self.nodelist.render(context)
        return text


@register.tag
def once(parser: Parser, token: Token) -> Once:
    by = [parser.compile_filter(bit) for bit in token.split_contents()[1:]]
    nodes = parser.parse(("endonce",))
    parser.delete_first_token()
    return Once(by, nodes)


# Pictures -----------------------------------------------------------------------------------------


@register.tag
def icon(parser: Parser, token: Token) -> Node:
    """`{% icon "plus" %}` is a piece of the template's own text."""
    node: SimpleNode = ui.register.tags["icon"](parser, token)
    if node.kwargs or node.target_var or not all(map(_constant, node.args)):
        return node
    return TextNode(node.func(*(one.var for one in node.args)))


# Addresses ----------------------------------------------------------------------------------------


class Address(defaulttags.URLNode):
    """`{% url "name" id … %}`; what this cannot do in a hurry, Django does."""

    def render(self, context: Context) -> str:
        if self.kwargs:
            return super().render(context)
        try:
            found = address(self.view_name.resolve(context), *(one.resolve(context) for one in self.args))
        except NoReverseMatch:
            return super().render(context)
        if self.asvar is None:
            return conditional_escape(found) if context.autoescape else found
        context[self.asvar] = found
        return ""


@register.tag
def url(parser: Parser, token: Token) -> Address:
    node = defaulttags.url(parser, token)
    return Address(node.view_name, node.args, node.kwargs, node.asvar)


_static = lru_cache(maxsize=256)(statics.static)


class Asset(statics.StaticNode):
    def url(self, context: Any) -> str:
        return _static(self.path.resolve(context))


@register.tag
def static(parser: Parser, token: Token) -> Node:
    return Asset.handle_token(parser, token)
