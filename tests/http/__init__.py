"""The API as a client meets it: requests against the running stack."""
