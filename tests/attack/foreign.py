"""Requests of others to the page and to Prefect's server: how many are answered."""

import json
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

EVIL = "https://evil.example"
HEADERS = (
    {"Host": "evil.example"},
    {"Host": "evil.example", "Origin": EVIL},
    {"Origin": EVIL},
    {"Origin": "null"},
    {"Origin": EVIL, "Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
)
PAGE = ("api/decisions", "api/undo", "api/marks", "api/learn", "api/rank", "api/bulk")
PREFECT = ("flows/filter", "deployments/filter", "flow_runs/", "admin/database/clear", "variables/filter")


def accepted(url, paths, headers=HEADERS):
    """Return how many requests were sent, and the paths of those that were answered with success."""
    tried = [(path, named) for path in paths for named in headers]
    return len(tried), [path for path, named in tried if _status(f"{url}{path}", named) < 400]


def _status(url, headers):
    request = Request(url, json.dumps({}).encode(), {"Content-Type": "text/plain", **headers})
    try:
        with urlopen(request, timeout=30) as answer:
            return answer.status
    except HTTPError as error:
        return error.code
    except (URLError, ConnectionError):
        return 599
