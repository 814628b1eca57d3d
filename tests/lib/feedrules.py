"""The rules of Atom (RFC 4287), RSS 2.0, JSON Feed 1.1, sitemaps (sitemaps.org) and oEmbed 1.0
that a validator would check.  Each function takes the bytes and returns a list of problems."""
import email.utils
import html.parser
import json
import re
import urllib.parse
import xml.etree.ElementTree as ET
from datetime import datetime, timezone

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
DC = "{http://purl.org/dc/elements/1.1/}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
XHTML = "{http://www.w3.org/1999/xhtml}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"

LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*\Z")
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)\Z")
RFC822 = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) "
                    r"\d{4} \d\d:\d\d:\d\d (GMT|[+-]\d{4})\Z")

ADDRESSES = {"href", "src", "cite", "poster", "data", "action", "formaction", "longdesc", "background"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


def is_address(text):
    """An absolute http(s) URL of RFC 3986's characters."""
    if not text or not re.fullmatch(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+", text):
        return False
    parts = urllib.parse.urlsplit(text)
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def is_iri(text):
    return bool(text) and re.match(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+\Z", text) is not None


def is_rfc3339(text):
    if not text or not RFC3339.match(text):
        return False
    try:
        datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return False
    return True


def is_rfc822(text):
    if not text or not RFC822.match(text):
        return False
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return False
    return moment.strftime("%a") == text[:3]


class _Html(html.parser.HTMLParser):
    """Finds what HTML in a feed must not have: relative addresses, ids, loose ends."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.problems = []
        self.open = []

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            value = (value or "").strip()
            if name in ADDRESSES and value and not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", value):
                self.problems.append(f"relative address {name}={value!r}")
            if name == "srcset":
                for part in value.split(", "):
                    if part and not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", part.strip()):
                        self.problems.append(f"relative address in srcset {part!r}")
            if name == "id":
                self.problems.append(f"id={value!r} may clash on the reader's page")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}> closes nothing")


def html_problems(text, where):
    reader = _Html()
    reader.feed(text)
    reader.close()
    found = reader.problems + [f"<{tag}> is not closed" for tag in reader.open]
    return [f"{where}: {p}" for p in found]


class _Found(list):
    def need(self, fine, message):
        if not fine:
            self.append(message)

    def once(self, parent, names, where, optional=()):
        for name in names:
            count = len(parent.findall(name))
            self.need(count == 1, f"{where}: {name} {count} times")
        for name in optional:
            self.need(len(parent.findall(name)) <= 1, f"{where}: {name} more than once")

    def unique(self, values, what):
        seen = set()
        for value in values:
            self.need(value not in seen, f"{what} twice: {value}")
            seen.add(value)


def _parse(text, found):
    if b"<!DOCTYPE" in text:
        found.append("a DOCTYPE")
    if not text.startswith(b'<?xml version="1.0" encoding="utf-8"'):
        found.append("no XML declaration")
    try:
        return ET.fromstring(text)
    except ET.ParseError as error:
        found.append(f"not well-formed: {error}")
        return None


# ---- Atom ----

ATOM_FEED = {"author", "category", "contributor", "generator", "icon", "id", "link", "logo", "rights", "subtitle",
             "title", "updated", "entry"}
ATOM_ENTRY = {"author", "category", "content", "contributor", "id", "link", "published", "rights", "source",
              "summary", "title", "updated"}


def _atom_links(parent, where, found):
    alternates = []
    for link in parent.findall(ATOM + "link"):
        found.need(is_address(link.get("href")), f"{where}: link to {link.get('href')!r}")
        found.need(not link.get("hreflang") or LANGUAGE.match(link.get("hreflang")), f"{where}: hreflang")
        if link.get("rel", "alternate") == "alternate":
            alternates.append((link.get("type"), link.get("hreflang")))
    found.unique(alternates, f"{where}: alternate of one type and language")
    return alternates


def _atom_names(parent, known, where, found):
    for child in parent:
        if child.tag.startswith(ATOM):
            found.need(child.tag[len(ATOM):] in known, f"{where}: unknown element {child.tag}")
    for author in parent.findall(ATOM + "author"):
        found.once(author, [ATOM + "name"], f"{where}: author")
        found.need((author.findtext(ATOM + "name") or "").strip(), f"{where}: author without a name")
    for category in parent.findall(ATOM + "category"):
        found.need(category.get("term"), f"{where}: category without a term")


def atom(text, address=None):
    found = _Found()
    feed = _parse(text, found)
    if feed is None:
        return found
    found.need(feed.tag == ATOM + "feed", f"root is {feed.tag}")
    found.once(feed, [ATOM + n for n in ("id", "title", "updated")], "feed", [ATOM + "subtitle", ATOM + "generator"])
    found.need(LANGUAGE.match(feed.get(LANG, "")), "feed: xml:lang")
    found.need(is_iri(feed.findtext(ATOM + "id")), "feed: id is not absolute")
    found.need(is_rfc3339(feed.findtext(ATOM + "updated")), "feed: updated")
    _atom_names(feed, ATOM_FEED, "feed", found)
    _atom_links(feed, "feed", found)
    selves = [l.get("href") for l in feed.findall(ATOM + "link") if l.get("rel") == "self"]
    found.need(len(selves) == 1, f"feed: {len(selves)} self links")
    found.need(address is None or selves == [address], f"feed: self is {selves} and not {address}")
    entries = feed.findall(ATOM + "entry")
    for number, entry in enumerate(entries):
        _atom_entry(entry, f"entry {number}", feed, found)
    found.unique([e.findtext(ATOM + "id") for e in entries] + [feed.findtext(ATOM + "id")], "id")
    return found


def _atom_entry(entry, where, feed, found):
    found.once(entry, [ATOM + n for n in ("id", "title", "updated")], where,
               [ATOM + n for n in ("published", "summary", "content")])
    _atom_names(entry, ATOM_ENTRY, where, found)
    alternates = _atom_links(entry, where, found)
    found.need(alternates or entry.find(ATOM + "content") is not None, f"{where}: neither content nor alternate")
    found.need(feed.find(ATOM + "author") is not None or entry.find(ATOM + "author") is not None, f"{where}: no author")
    found.need(is_iri(entry.findtext(ATOM + "id")), f"{where}: id is not absolute")
    for name in ("updated", "published"):
        moment = entry.findtext(ATOM + name)
        found.need(moment is None or is_rfc3339(moment), f"{where}: {name} {moment!r}")
    found.need(entry.findtext(ATOM + "updated") <= feed.findtext(ATOM + "updated"), f"{where}: newer than the feed")
    found.need(entry.get(LANG) is None or LANGUAGE.match(entry.get(LANG)), f"{where}: xml:lang")
    found.need(entry.get(LANG) != feed.get(LANG), f"{where}: says the feed's own language again")
    for name in ("summary", "content"):
        element = entry.find(ATOM + name)
        if element is not None and element.get("type") == "html":
            found.extend(html_problems(element.text or "", f"{where}: {name}"))


# ---- RSS ----

RSS_CHANNEL = {"title", "link", "description", "language", "lastBuildDate", "generator", "item", "category", "pubDate"}
RSS_ITEM = {"title", "link", "description", "guid", "pubDate", "category"}


def rss(text, address=None):
    found = _Found()
    root = _parse(text, found)
    if root is None:
        return found
    found.need(root.tag == "rss" and root.get("version") == "2.0", "no RSS 2.0")
    found.once(root, ["channel"], "rss")
    channel = root.find("channel")
    if channel is None:
        return found
    found.once(channel, ["title", "link", "description"], "channel", ["language", "lastBuildDate", "generator"])
    found.need(is_address(channel.findtext("link")), "channel: link is not absolute")
    found.need(LANGUAGE.match(channel.findtext("language") or ""), "channel: language")
    found.need(is_rfc822(channel.findtext("lastBuildDate")), "channel: lastBuildDate")
    selves = [l.get("href") for l in channel.findall(ATOM + "link") if l.get("rel") == "self"]
    found.need(len(selves) == 1, f"channel: {len(selves)} self links")
    found.need(address is None or selves == [address], f"channel: self is {selves} and not {address}")
    _atom_links(channel, "channel", found)
    for child in channel:
        found.need(child.tag.startswith("{") or child.tag in RSS_CHANNEL, f"channel: unknown element {child.tag}")
    items = channel.findall("item")
    for number, item in enumerate(items):
        _rss_item(item, f"item {number}", channel, found)
    found.unique([i.findtext("guid") for i in items], "guid")
    return found


def _rss_item(item, where, channel, found):
    found.once(item, ["title", "link", "guid"], where, ["description", "pubDate", CONTENT + "encoded", DC + "language"])
    for child in item:
        found.need(child.tag.startswith("{") or child.tag in RSS_ITEM, f"{where}: unknown element {child.tag}")
    found.need(item.findtext("title") or item.findtext("description"), f"{where}: neither title nor description")
    found.need(is_address(item.findtext("link")), f"{where}: link is not absolute")
    guid = item.find("guid")
    if guid is not None:
        permanent = guid.get("isPermaLink", "true")
        found.need(permanent in ("true", "false"), f"{where}: isPermaLink is {permanent!r}")
        found.need((permanent == "true") == (guid.text == item.findtext("link")), f"{where}: isPermaLink is wrong")
        found.need(permanent == "false" or is_address(guid.text), f"{where}: guid is no address")
    moment = item.findtext("pubDate")
    found.need(moment is None or is_rfc822(moment), f"{where}: pubDate {moment!r}")
    tag = item.findtext(DC + "language")
    found.need(tag is None or (LANGUAGE.match(tag) and tag != channel.findtext("language")), f"{where}: dc:language")
    for name in ("description", CONTENT + "encoded"):
        found.extend(html_problems(item.findtext(name) or "", f"{where}: {name}"))


# ---- JSON Feed ----

JSON_FEED = {"version", "title", "home_page_url", "feed_url", "description", "user_comment", "next_url", "icon",
             "favicon", "authors", "language", "expired", "hubs", "items"}
JSON_ITEM = {"id", "url", "external_url", "title", "content_html", "content_text", "summary", "image", "banner_image",
             "date_published", "date_modified", "authors", "tags", "language", "attachments"}


def json_feed(text, address=None):
    found = _Found()
    try:
        feed = json.loads(text.decode("utf-8"))
    except ValueError as error:
        return [f"no JSON: {error}"]
    found.need(feed.get("version") == "https://jsonfeed.org/version/1.1", "feed: version")
    found.need(isinstance(feed.get("title"), str) and feed["title"], "feed: title")
    found.need(isinstance(feed.get("items"), list), "feed: items")
    found.need(LANGUAGE.match(feed.get("language", "")), "feed: language")
    for name in ("home_page_url", "feed_url", "next_url"):
        found.need(name not in feed or is_address(feed[name]), f"feed: {name}")
    found.need(address is None or feed.get("feed_url") == address, f"feed: feed_url is not {address}")
    found.need("next_url" not in feed or feed["next_url"] != feed.get("feed_url"), "feed: next_url is feed_url")
    _json_names(feed, JSON_FEED, "feed", found)
    for number, item in enumerate(feed.get("items") or []):
        _json_item(item, f"item {number}", found)
    found.unique([i.get("id") for i in feed.get("items") or []], "id")
    return found


def _json_names(value, known, where, found):
    for name, member in value.items():
        found.need(name in known or name.startswith("_"), f"{where}: unknown member {name}")
        found.need(member is not None and member != "", f"{where}: {name} is empty")
    for author in value.get("authors", []):
        found.need(set(author) <= {"name", "url", "avatar"} and any(author.values()), f"{where}: author {author!r}")


def _json_item(item, where, found):
    found.need(isinstance(item.get("id"), str) and item["id"], f"{where}: id")
    found.need("content_html" in item or "content_text" in item, f"{where}: no content")
    for name in ("url", "external_url", "image"):
        found.need(name not in item or is_address(item[name]), f"{where}: {name}")
    for name in ("date_published", "date_modified"):
        found.need(name not in item or is_rfc3339(item[name]), f"{where}: {name}")
    found.need("language" not in item or LANGUAGE.match(item["language"]), f"{where}: language")
    found.need(all(isinstance(t, str) and t for t in item.get("tags", [])), f"{where}: tags")
    _json_names({k: v for k, v in item.items() if k != "content_html"}, JSON_ITEM, where, found)
    found.extend(html_problems(item.get("content_html", ""), where))


# ---- sitemaps ----

def _location(element, where, folder, found):
    loc = element.findtext(SITEMAP + "loc") or ""
    found.need(is_address(loc) and len(loc) < 2048, f"{where}: loc {loc!r}")
    found.need(loc.startswith(folder), f"{where}: {loc} is not below {folder}")
    moment = element.findtext(SITEMAP + "lastmod")
    found.need(moment is None or is_rfc3339(moment), f"{where}: lastmod {moment!r}")
    found.need(moment is None or is_rfc3339(moment) and
               datetime.fromisoformat(moment.replace("Z", "+00:00")) <= datetime.now(timezone.utc),
               f"{where}: lastmod in the future")
    return loc


def sitemap(text, folder):
    """`folder` is where the sitemap lies: https://example.org/blog/"""
    found = _Found()
    root = _parse(text, found)
    if root is None:
        return found
    found.need(len(text) <= 50 * 1024 * 1024, "more than 50 MB")
    if root.tag == SITEMAP + "sitemapindex":
        files = root.findall(SITEMAP + "sitemap")
        found.need(0 < len(files) <= 50000, f"{len(files)} sitemaps")
        found.unique([_location(f, f"sitemap {n}", folder, found) for n, f in enumerate(files)], "loc")
        return found
    found.need(root.tag == SITEMAP + "urlset", f"root is {root.tag}")
    urls = root.findall(SITEMAP + "url")
    found.need(0 < len(urls) <= 50000, f"{len(urls)} addresses")
    alternates = {}
    for number, url in enumerate(urls):
        where = f"url {number}"
        found.once(url, [SITEMAP + "loc"], where, [SITEMAP + "lastmod"])
        names = [c.tag for c in url]
        found.need(names == sorted(names, key=[SITEMAP + "loc", SITEMAP + "lastmod", XHTML + "link"].index),
                   f"{where}: order of elements")
        loc = _location(url, where, folder, found)
        found.need(loc not in alternates, f"loc twice: {loc}")
        links = {l.get("hreflang"): l.get("href") for l in url.findall(XHTML + "link")}
        found.need(len(links) == len(url.findall(XHTML + "link")), f"{where}: a hreflang twice")
        for tag, href in links.items():
            found.need(tag == "x-default" or LANGUAGE.match(tag or ""), f"{where}: hreflang {tag!r}")
            found.need(is_address(href), f"{where}: link to {href!r}")
        found.need(not links or loc in links.values(), f"{where}: does not name itself")
        found.need(not links or "x-default" in links, f"{where}: no x-default")
        alternates[loc] = links
    for loc, links in alternates.items():
        for href in links.values():
            found.need(alternates.get(href) == links, f"{loc} and {href} do not agree on their alternates")
    return found


# ---- oEmbed ----

def oembed(answer, max_width=None, max_height=None):
    """`answer` is the decoded JSON, or the XML as a dictionary of texts."""
    found = _Found()
    found.need(answer.get("version") == "1.0", "version")
    found.need(answer.get("type") in ("photo", "video", "link", "rich"), "type")
    if answer.get("type") == "rich":
        found.need(answer.get("html"), "rich without html")
        for name, most in (("width", max_width), ("height", max_height)):
            size = str(answer.get(name, ""))
            found.need(size.isdigit() and int(size) > 0, f"{name} {size!r}")
            found.need(most is None or not size.isdigit() or int(size) <= most, f"{name} is more than {most}")
    thumbnail = {"thumbnail_url", "thumbnail_width", "thumbnail_height"} & set(answer)
    found.need(len(thumbnail) in (0, 3), f"only {thumbnail}")
    for name in ("provider_url", "author_url", "thumbnail_url"):
        found.need(name not in answer or is_address(answer[name]), f"{name}")
    found.extend(html_problems(answer.get("html", ""), "html"))
    found.need("<script" not in answer.get("html", ""), "a script")
    return found


def oembed_xml(text):
    """The XML form as a dictionary."""
    root = ET.fromstring(text)
    assert root.tag == "oembed", root.tag
    return {child.tag: child.text or "" for child in root}
