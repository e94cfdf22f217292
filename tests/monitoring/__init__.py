"""The alert rules and the dashboard of deploy/, held to what the proxy tells and to a real Prometheus."""
