"""The door itself: what guards every page, whatever it shows."""

from tests.web.browser import Browser


async def test_whatever_is_asked_is_answered_by_a_page_with_the_headers(browser: Browser) -> None:
    page = await browser.get("/p/nothing-here", Accept_Language="ru")
    assert page.status == 404
    assert "<h1>" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    policy = page.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy
    style = await browser.get("/p/style.css")
    assert style.status == 200
    assert "immutable" in style.headers["Cache-Control"]
