"""The review page: its server, its pages and its JSON API."""
