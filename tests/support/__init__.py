"""What several topics of the tests share."""
