"""Values as JSON and back, exactly: frozen dataclasses by the types of their fields.

Decimals and times are texts. A field that a kept value lacks has its default, one that it should not have is left
alone: a new field makes no old order unreadable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

from wagtail_punchout.protocol.snapshot import storable_json

T = TypeVar("T")
_Reader = Callable[[Any], Any]


def to_json(value: Any) -> Any:
    """In what JSON has and a database keeps. ``asdict`` would copy every text deeply before."""
    if isinstance(value, datetime):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return {name: to_json(getattr(value, name)) for name in _names(type(value))}
    if isinstance(value, list | tuple):
        return [to_json(each) for each in value]
    return storable_json(value)


def from_json(kind: type[T], data: Mapping[str, Any]) -> T:
    """The value of :func:`to_json`; whatever Python raises for data that never was one."""
    return cast(T, _reader(cast(Any, kind))(data))


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind))


@cache
def _reader(kind: Any) -> _Reader:
    if get_origin(kind) is tuple:
        return _reader_of_tuple(get_args(kind))
    if isinstance(kind, UnionType):
        (inner,) = (each for each in get_args(kind) if each is not NoneType)
        read = _reader(inner)
        return lambda data: None if data is None else read(data)
    if is_dataclass(kind):
        return _reader_of_dataclass(cast(type, kind))
    if kind is datetime:
        return datetime.fromisoformat
    if kind is Decimal or issubclass(kind, Enum):
        return cast(_Reader, kind)
    return _as_it_is


def _as_it_is(data: Any) -> Any:
    return data


def _reader_of_tuple(kinds: tuple[Any, ...]) -> _Reader:
    if kinds[-1] is not Ellipsis:
        return tuple  # pairs of texts
    read = _reader(kinds[0])
    return lambda data: tuple([read(each) for each in data])


def _reader_of_dataclass(kind: type) -> _Reader:
    hints = get_type_hints(kind)
    readers = {name: _reader(hints[name]) for name in _names(kind)}
    return lambda data: kind(**{name: readers[name](each) for name, each in data.items() if name in readers})
