"""Prints what zones say, as series in the console ask them; tzlocal has to be there, too."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

import tzlocal

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Jakarta")
MOMENTS = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 7))

print(
    json.dumps(
        {
            "times": [
                moment.astimezone(ZoneInfo(zone)).isoformat()
                for moment in MOMENTS
                for zone in ZONES
            ],
            "known": [zone in available_timezones() for zone in (*ZONES, "CON", "../x")],
            "local": type(tzlocal.reload_localzone()).__name__,
        }
    )
)
