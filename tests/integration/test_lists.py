#!/usr/bin/env python3
"""Lists as a reader meets them: sections, terms, months, search, and what stands around a post.

TAP on standard output.
    tests/integration/test_lists.py [WORD...]   only the tests with a WORD in their name
CARTOLINA names another binary than build/cartolina.
"""
import datetime
import json
import pathlib
import sys
import time
import urllib.parse

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

import tap  # noqa: E402  (found through the path above)
from tap import test  # noqa: E402
from tempsite import post, site  # noqa: E402

HOSTILE = ["a/b", "two  words", "\U0001f389 party", "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd", "..",
           "<b>&amp;", "?q=1#x", "%2F", "\u65e5\u672c\u8a9e", "C++"]


def found(s, address, status=200):
    """The JSON of a list."""
    answer = s.get(address + ("&" if "?" in address else "?") + "format=json")
    assert answer[0] == status, (address, answer)
    return json.loads(answer[2])


def as_a_page(address):
    """What found() asks for as JSON."""
    return address.replace("?format=json", "?").replace("&format=json", "").replace("?&", "?").removesuffix("?")


def ids(s, address):
    return [item["id"] for item in found(s, address)["items"]]


def quoted(tags):
    return json.dumps(tags, ensure_ascii=False)


@test
def sections_have_those_below_them():
    with site({"posts/_index.md": post(title="All posts"), "posts/x.md": post(date="2020-01-01"),
               "posts/trips/_index.md": post("To far places.", title="Trips"), "posts/trips/y.md": post(date="2020-01-02"),
               "posts/trips/asia/z.md": post(date="2020-01-03"), "notes/n.md": post(date="2019-01-01")}) as s:
        assert ids(s, "/posts/") == ["posts/trips/asia/z", "posts/trips/y", "posts/x"]
        assert ids(s, "/posts/trips/asia/") == ["posts/trips/asia/z"]
        assert [(x["title"], x["count"]) for x in found(s, "/posts/")["sections"]] == [("Trips", 2)]
        assert [x["title"] for x in found(s, "/posts/trips/")["sections"]] == ["Asia"]
        assert [x["title"] for x in found(s, "/")["sections"]] == ["Notes", "All posts"]
        page = s.get("/posts/trips/")[2]
        assert "To far places." in page and 'href="/posts/trips/asia/"' in page
        assert s.get("/posts/trips")[0] == 301 and s.get("/posts/tri/")[0] == 404


@test
def any_tag_has_an_address_that_works():
    with site({"posts/x.md": post(date="2021-03-04", tags=quoted(HOSTILE))},
              "languages: [en, he]\nbase_url: https://example.org/blog\n") as s:
        terms = found(s, "/blog/tags/")["terms"]
        assert sorted(t["name"] for t in terms) == sorted(HOSTILE), terms
        for term in terms:
            path = term["url"].removeprefix("https://example.org")
            one = found(s, path)
            assert (one["total"], one["term"]) == (1, term["name"]), one
            assert found(s, "/blog/?tag=" + urllib.parse.quote(term["name"], safe=""))["total"] == 1
            assert s.get(path + "feed.atom")[0] == 200
            assert "<b>" not in s.get(path)[2].replace("<bdi>", "")
            # The name as an author writes it leads there, too; "%2F" would be a step in the path.
            if not set(term["name"]) & set("./\\"):
                raw = s.get("/blog/tags/" + urllib.parse.quote(term["name"], safe="") + "/")
                assert raw[0] == 200 or raw[1]["Location"] == term["url"], (term, raw[:2])


@test
def tags_are_those_of_the_translation_that_is_listed():
    with site({"x.md": post(date="2020-01-01", tags="[sea]"), "x.it.md": post(tags="[mare]"),
               "y.it.md": post(date="2020-01-02", tags="[mare]")}) as s:
        assert ids(s, "/tags/sea/") == ["x"]
        # In English the list has what an English reader gets: of y the Italian one.
        assert ids(s, "/tags/mare/") == ["y"]
        assert ids(s, "/tags/mare/?lang=it") == ["y", "x"]
        assert ids(s, "/?tag=mare&lang=it&fallback=no") == ["y", "x"]
        assert s.get("/tags/sea/?lang=it&fallback=no")[0] == 404
        assert [t["name"] for t in found(s, "/tags/?lang=it")["terms"]] == ["mare"]


@test
def only_the_lists_own_language():
    with site({"x.md": post(date="2020-01-01"), "y.md": post(date="2020-01-02"), "y.it.md": post()}) as s:
        assert ids(s, "/?lang=it") == ["y", "x"]
        assert ids(s, "/?lang=it&fallback=no") == ["y"]
        assert found(s, "/?lang=it&fallback=no")["total"] == 1


@test
def months_and_years():
    with site({"a.md": post(date="2020-12-31T23:59:59Z"), "b.md": post(date="2021-01-01T00:00:00Z"),
               "c.md": post(date="2021-12-01"), "undated.md": post()}) as s:
        assert ids(s, "/2020/") == ["a"] and ids(s, "/2021/") == ["c", "b"] and ids(s, "/2021/01/") == ["b"]
        assert found(s, "/archive/")["months"] == ["2021-12", "2021-01", "2020-12"]
        assert found(s, "/2021/")["months"] == ["2021-12", "2021-01"]
        for nowhere in "/2019/", "/2021/02/", "/2021/13/", "/1970/":
            assert s.get(nowhere)[0] == 404, nowhere
        assert ids(s, "/")[-1] == "undated"


@test
def a_post_appears_and_expires_in_its_lists_by_itself():
    # On a busy machine it may take longer than that to look at the time before.
    assert any(appears_and_expires(seconds) for seconds in (2, 8, 30))


def appears_and_expires(seconds):
    """False when it was too late to see anything."""
    moment = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(seconds=seconds)
    at = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    with site({"soon.md": post("zephyr", date=at, tags="[t]"), "gone.md": post("zephyr", date="2020-01-01",
                                                                           expiryDate=at, tags="[t]")}) as s:
        lists = "/", "/tags/t/", "/?q=zephyr"
        listed = [ids(s, address) for address in lists]
        before, feed, sitemap = s.get("/tags/t/")[1], s.get("/feed.json")[2], s.get("/sitemap.xml")[2]
        if time.time() >= moment.timestamp():
            return False
        assert listed == [["gone"]] * 3
        assert 0 < int(before["Cache-Control"].split("max-age=")[1].split(",")[0]) <= seconds, before
        assert "soon" not in feed and "/soon" not in sitemap
        time.sleep(max(0.0, moment.timestamp() - time.time()) + 0.05)
        assert [ids(s, address) for address in lists] == [["soon"]] * 3
        assert s.get("/tags/t/")[1]["Last-Modified"] >= before["Last-Modified"]
        assert [t["count"] for t in found(s, "/tags/")["terms"]] == [1]
        return True


@test
def what_stands_around_a_post():
    with site({f"posts/p{i}.md": post(title=f"Part {i}", date=f"2020-01-0{i}", series="[Walks]",
                                      tags="[rare]" if i in (1, 4) else "[common]") for i in range(1, 5)}) as s:
        whole = found(s, "/posts/p2")
        assert (whole["previous"]["id"], whole["next"]["id"]) == ("posts/p1", "posts/p3")
        assert found(s, "/posts/p1")["previous"] is None and found(s, "/posts/p4")["next"] is None
        assert [r["id"] for r in found(s, "/posts/p1")["related"]] == ["posts/p4"]
        page = s.get("/posts/p2")[2]
        assert page.index("Part 1") < page.index("Part 3") and 'href="/series/walks/"' in page
        assert ids(s, "/series/walks/") == [f"posts/p{i}" for i in (4, 3, 2, 1)]
        # An excerpt for another page is not the place for it.
        assert "Part 3" not in s.get("/posts/p2?view=excerpt&format=fragment")[2]
        s.write("posts/p3.md", post(title="Part 3", draft="true"))
        assert found(s, "/posts/p2")["next"]["id"] == "posts/p4"


@test
def a_sections_name_follows_the_languages_fallback():
    posts = {"s/_index.md": post(title="Trips"), "s/_index.it.md": post(title="Viaggi"), "s/x.md": post(date="2020-01-01")}
    with site(posts, "languages: [en, it, {tag: ar, fallback: [it]}, de]\n") as s:
        for lang, title in ("en", "Trips"), ("it", "Viaggi"), ("ar", "Viaggi"), ("de", "Trips"):
            assert [x["title"] for x in found(s, f"/?lang={lang}")["sections"]] == [title], lang
            assert found(s, f"/s/?lang={lang}")["title"] == title, lang
            assert f"<title>{title} " in s.get(f"/s/feed.atom?lang={lang}")[2].replace("</title>", " "), lang
        assert [x["title"] for x in found(s, "/?lang=ar&fallback=no")["sections"]] == ["Trips"]


@test
def a_term_twice_in_a_post_is_one():
    with site({"a.md": post(tags='[Sea, sea, " SEA ", "", "a b", A-B, b]', authors="[Ann, ann]"), "b.md": post(tags="[sea]")}) as s:
        whole = json.loads(s.get("/a?format=json")[2])
        assert (whole["tags"], whole["authors"]) == (["Sea", "a b", "b"], ["Ann"]), whole
        assert s.get("/a")[2].count("/tags/sea/") == 1
        assert [(t["name"], t["count"]) for t in found(s, "/tags/")["terms"]] == [("a b", 1), ("b", 1), ("Sea", 2)]


@test
def pages_lead_to_each_other():
    with site({f"p{i:02}.md": post(date=f"2020-01-{i:02}", tags="[t]") for i in range(1, 24)}) as s:
        for start in "/?limit=5", "/tags/t/?limit=5", "/?q=text&limit=5", "/?tag=T&limit=5", "/2020/01/?limit=5":
            seen, address = [], start
            while address:
                page = found(s, address)
                seen += [item["id"] for item in page["items"]]
                address = as_a_page(page.get("next_url", ""))
                assert len(seen) <= page["total"] == 23, (start, seen)
            assert sorted(seen) == [f"p{i:02}" for i in range(1, 24)], (start, seen)
        for start in "/?limit=5&page=2", "/?view=full&fallback=no&limit=5&page=2", "/feed.json?view=full&limit=5&page=2":
            page = found(s, start)
            back = page.get("previous_url") or start.replace("&page=2", "")
            first = found(s, as_a_page(back))
            assert len(first["items"]) == 5, start
            assert as_a_page(first["next_url"]).partition("?")[2] == start.partition("?")[2], start
        link = s.get("/?view=full&fallback=no&limit=5&page=2")[1]["Link"]
        assert '/?view=full&fallback=no&limit=5>; rel="prev"' in link, link
        assert '/?limit=5&page=2>; rel="canonical"' in link, link
        # Who reads JSON, or a part of the posts, gets that on the next page, too.
        asked = "/?fields=id%2Ctitle&base=absolute&limit=5&format=json"
        first = s.get(asked)
        following = json.loads(first[2])["next_url"]
        assert following == "/?limit=5&page=2&format=json&base=absolute&fields=id%2Ctitle", following
        assert f'<{following}>; rel="next"' in first[1]["Link"], first[1]["Link"]
        second = json.loads(s.get(following)[2])
        assert [item["id"] for item in second["items"]] == [f"p{i:02}" for i in range(18, 13, -1)], second
        assert all(set(item) == {"id", "title"} for item in second["items"]), second
        for address in "/?limit=5&format=html", "/feed.atom?limit=5&format=json&fields=id":
            assert "format" not in (answer := s.get(address))[1]["Link"] and "format=" not in answer[2], address
        assert s.get("/?page=4")[0] == 404 and s.get("/?page=3")[0] == 200
        assert 'rel="next"' in s.get("/")[1]["Link"] and 'rel="prev"' not in s.get("/")[1]["Link"]


@test
def search_is_about_the_words_and_never_an_error():
    with site({"a.md": post("The citt\u00e0 of towers.", title="Plain"), "b.md": post("Nothing.", title="Citta"),
               "c.it.md": post("Una citt\u00e0."), "d.md": post("\u6771\u4eac\u30bf\u30ef\u30fc\u306b\u884c\u304f")}) as s:
        assert ids(s, "/?q=citta") == ["b", "a", "c"], ids(s, "/?q=citta")
        assert ids(s, "/?q=citta&lang=it")[0] == "c"
        assert ids(s, "/?q=tow") == ["a"] and ids(s, "/?q=" + urllib.parse.quote("\u4eac\u30bf")) == ["d"]
        assert ids(s, "/?q=citta+-towers+-una") == ["b"]
        assert "<mark>citt\u00e0</mark>" in s.get("/?q=citta")[2]
        for q in '"', "''", "AND OR NOT", "NEAR(a b, 3)", "a*b^c:{d}", "(((", "-", "\\", "\x01", "*", "title:x", "%", '"' * 200:
            assert s.get("/?q=" + urllib.parse.quote(q))[0] == 200, q


if __name__ == "__main__":
    sys.exit(tap.main(sys.argv[1:]))
