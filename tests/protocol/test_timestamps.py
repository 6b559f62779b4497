from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wagtail_punchout.protocol.cxml import timestamps


def test_written_with_a_numeric_offset():
    assert timestamps.format(datetime(2026, 3, 1, 12, 0, 5, 999, UTC)) == "2026-03-01T12:00:05+00:00"
    east = timezone(timedelta(hours=5, minutes=30))
    assert timestamps.format(datetime(2026, 3, 1, 12, tzinfo=east)) == "2026-03-01T12:00:00+05:30"


def test_a_time_without_zone_is_not_written():
    with pytest.raises(ValueError, match="zone"):
        timestamps.format(datetime(2026, 3, 1))


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("2002-08-15T08:45:35-07:00", "2002-08-15T15:45:35"),
        ("2018-01-01T00:00:00-0500", "2018-01-01T05:00:00"),
        ("2020-01-01T10:00:00Z", "2020-01-01T10:00:00"),
        ("2020-01-01T10:00:00.1234567+01:00", "2020-01-01T09:00:00.123456"),
        ("2012-10-10T09:42:27", "2012-10-10T09:42:27"),
        ("2020-09-25 15:30:43", "2020-09-25T15:30:43"),
        ("2022-09-14", "2022-09-14T00:00:00"),
        ("Mon May 19 18:29:48 +0000 2008", "2008-05-19T18:29:48"),
        ("Mon, 19 May 2008 20:29:48 +0200", "2008-05-19T18:29:48"),
        ("2016- 06-09T19:16:27+00:00", "2016-06-09T19:16:27"),
        ("2014-12-01T17:37:00+17:37", "2014-12-01T00:00:00"),
    ],
)
def test_times_of_real_senders_are_read(sent, meant):
    assert timestamps.read(sent) == datetime.fromisoformat(meant).replace(tzinfo=UTC)


@pytest.mark.parametrize("sent", ["", "timestamp_mock", "2024-02-30T00:00:00Z", "2020-01-01T10:00:00+99:00", "1" * 500])
def test_what_is_no_time_is_none(sent):
    assert timestamps.read(sent) is None


@given(st.text(max_size=70))
def test_reading_never_fails(sent):
    moment = timestamps.read(sent)
    assert moment is None or moment.tzinfo is not None


@given(st.datetimes(min_value=datetime(1900, 1, 1), timezones=st.just(UTC)))
def test_what_is_written_is_read(moment):
    assert timestamps.read(timestamps.format(moment)) == moment.replace(microsecond=0)
