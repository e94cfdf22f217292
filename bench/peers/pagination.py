"""What all hand-written endpoints say about a page."""


def pagination(*, page: int, limit: int, total: int, returned: int) -> dict[str, int | bool]:
    """As the product says it, but for the walk."""
    total_pages = -(-total // limit)
    return {
        "page": page,
        "per_page": limit,
        "total": total,
        "total_pages": total_pages,
        "has_next": page < total_pages,
        "has_prev": page > 1,
        "returned": returned,
    }
