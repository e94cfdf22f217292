"""What no error may tell."""

import re

import requests

FORBIDDEN = {
    "SQL": r"\b(select|insert|update|delete from|where|relation|column|constraint|transaction)\b|public\.|\bapi\.",
    "codes": r"PGRST|SQLSTATE|\b(SE00\d|22[0-9P][0-9A-Z]{2}|42[0-9P][0-9A-Z]{2}|57[0-9P]\d\d|08\d{3}|P0\d{3})\b",
    "parts": r"postgre|psycopg|aiohttp|python|libpq|schema cache|session_events|testboost",
    "traces": r'traceback|exception|\bfile "|\bline \d',
    "places": r"/(tmp|var|home|root|usr|etc|work|run)/|\.sock\b|unix:|127\.0\.0\.1|localhost|errno",
}


def assert_nothing_leaks(response: requests.Response) -> None:
    """The error says nothing about what is inside: in its reason, headers and body."""
    assert response.status_code >= 400
    told = f"{response.reason or ''}\n{response.headers}\n{response.text}"
    for what, pattern in FORBIDDEN.items():
        found = re.findall(f"(?:{pattern}).*", told, re.IGNORECASE)
        assert not found, f"{what}: {found[0]!r} in {told}"
