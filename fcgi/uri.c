/* uri.c: percent-decoding, path normalising, query pairs, reference resolution.
 *
 * In:  bytes from a request, the base_url of the config, links in posts.
 * Out: slices of the input, or copies in the caller's arena.
 * Nothing is decoded twice, and nothing is encoded here (that is escape.c).
 * Query pairs come out as sent: a "&" or "=" that was escaped is data.
 * Spec: RFC 3986 (§2.1 escapes, §3 syntax, §5.2 resolution).
 */
#include "uri.h"
#include "utf8.h"

/* strchr alone would find the NUL that ends the set. */
static bool one_of(char c, const char *set)
{
	return c && strchr(set, c);
}

static int hex_value(char c)
{
	if (ascii_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that "%XX" at the start of s stands for, or -1. */
static int escape_value(struct str s)
{
	if (s.n < 3 || s.p[0] != '%')
		return -1;
	int high = hex_value(s.p[1]), low = hex_value(s.p[2]);
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

int uri_decode(struct arena *arena, struct str text, bool plus, struct str *out)
{
	char *decoded = arena_alloc(arena, text.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++) {
		int c = (unsigned char)text.p[i];
		if (c == '%') {
			c = escape_value(str_skip(text, i));
			i += 2;
		} else if (c == '+' && plus) {
			c = ' ';
		}
		if (c <= 0)
			return -1;
		decoded[n++] = (char)c;
	}
	decoded[n] = 0;
	if (!utf8_valid((struct str){decoded, n}))
		return -1;
	*out = (struct str){decoded, n};
	return 0;
}

/* C0, DEL, C1, a backslash or malformed UTF-8: servers and browsers disagree
 * about each of them in a path. */
static bool has_forbidden(struct str path)
{
	while (path.n) {
		size_t length;
		uint32_t c = utf8_decode(path, &length);
		if (c == UTF8_INVALID || c < 0x20 || c == '\\' || (c >= 0x7f && c <= 0x9f))
			return true;
		path = str_skip(path, length);
	}
	return false;
}

/* Drops the last segment of "/a/b/", leaving "/a/". */
static size_t drop_segment(const char *path, size_t n)
{
	for (n--; path[n - 1] != '/'; n--)
		;
	return n;
}

int uri_normalise(struct arena *arena, struct str path, struct str *out, bool *changed)
{
	if (!path.n || path.p[0] != '/' || has_forbidden(path))
		return -1;
	char *normal = arena_alloc(arena, path.n + 1);
	size_t n = 0;
	struct str rest = str_skip(path, 1);

	normal[n++] = '/';
	/* normal[] ends with a slash whenever a segment begins */
	while (rest.n) {
		size_t length = str_find_char(rest, '/');
		struct str segment = str_head(rest, length);
		bool slash = length < rest.n;
		rest = str_skip(rest, length + 1);
		if (!segment.n || str_is(segment, "."))
			continue;
		if (str_is(segment, "..")) {
			if (n == 1)
				return -1;
			n = drop_segment(normal, n);
			continue;
		}
		memcpy(normal + n, segment.p, segment.n);
		n += segment.n;
		if (slash)
			normal[n++] = '/';
	}
	normal[n] = 0;
	*out = (struct str){normal, n};
	*changed = !str_eq(*out, path);
	return 0;
}

bool uri_pair_next(struct str *query, struct uri_pair *pair)
{
	while (query->n) {
		struct str value = str_cut(query, '&');
		if (!value.n)
			continue;
		pair->name = str_cut(&value, '=');
		pair->value = value;
		return true;
	}
	return false;
}

/* The bytes of "scheme" in "scheme:...", or 0 when there is none. */
static size_t scheme_length(struct str s)
{
	size_t n = 0;

	if (!s.n || !ascii_alpha(s.p[0]))
		return 0;
	while (n < s.n && (ascii_alnum(s.p[n]) || one_of(s.p[n], "+-.")))
		n++;
	return n < s.n && s.p[n] == ':' ? n : 0;
}

bool uri_has_scheme(struct str reference)
{
	return scheme_length(reference) > 0;
}

/* The five components of RFC 3986 §3; p is NULL in those that are undefined,
 * which differs from being empty ("http://a?" has an empty query). */
struct parts {
	struct str scheme, authority, path, query, fragment;
};

/* Cuts what follows the first `mark` off *s. */
static struct str cut_tail(struct str *s, char mark)
{
	size_t at = str_find_char(*s, mark);
	if (at == s->n)
		return (struct str){0};
	struct str tail = str_skip(*s, at + 1);
	s->n = at;
	return tail;
}

static void split(struct str s, struct parts *parts)
{
	size_t scheme = scheme_length(s);

	*parts = (struct parts){0};
	parts->fragment = cut_tail(&s, '#');
	parts->query = cut_tail(&s, '?');
	if (scheme) {
		parts->scheme = str_head(s, scheme);
		s = str_skip(s, scheme + 1);
	}
	if (str_starts(s, "//")) {
		s = str_skip(s, 2);
		parts->authority = str_head(s, str_find_char(s, '/'));
		s = str_skip(s, parts->authority.n);
	}
	parts->path = s;
}

/* Only unreserved characters, sub-delims, escapes and those of `also`. */
static bool only_uri_characters(struct str s, const char *also)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '%') {
			if (escape_value(str_skip(s, i)) < 0)
				return false;
			i += 2;
		} else if (!ascii_alnum(s.p[i]) && !one_of(s.p[i], "-._~!$&'()*+,;=") &&
			   !one_of(s.p[i], also)) {
			return false;
		}
	}
	return true;
}

static bool port_is_good(struct str port)
{
	unsigned number = 0;

	for (size_t i = 0; i < port.n; i++) {
		if (!ascii_digit(port.p[i]))
			return false;
		number = number * 10 + (unsigned)(port.p[i] - '0');
		if (number > 65535)
			return false;
	}
	return number > 0;
}

/* host [":" port], the host a name, an IPv4 address or an IP literal. */
static bool authority_is_good(struct str s)
{
	size_t host = str_find_char(s, ':');

	if (s.n && s.p[0] == '[') {
		size_t close = str_find_char(s, ']');
		if (close == s.n || close < 3)
			return false;
		for (size_t i = 1; i < close; i++)
			if (hex_value(s.p[i]) < 0 && !one_of(s.p[i], ":."))
				return false;
		host = close + 1;
	} else if (!host || !only_uri_characters(str_head(s, host), "")) {
		return false;
	}
	struct str port = str_skip(s, host);
	return !port.n || (port.p[0] == ':' && port_is_good(str_skip(port, 1)));
}

int uri_split_base(struct str url, struct str *origin, struct str *path)
{
	struct parts parts;

	split(url, &parts);
	if (!str_is_fold(parts.scheme, "http") && !str_is_fold(parts.scheme, "https"))
		return -1;
	if (!parts.authority.p || parts.query.p || parts.fragment.p)
		return -1;
	if (!authority_is_good(parts.authority) || !only_uri_characters(parts.path, ":@/"))
		return -1;
	*origin = str_head(url, url.n - parts.path.n);
	*path = parts.path;
	return 0;
}

/* The output of RFC 3986 §5.2.4, written over its input: it never grows. */
static struct str remove_dot_segments(char *path, size_t length)
{
	size_t n = 0;

	for (size_t i = 0; i < length;) {
		/* one segment, with the slash before it: "/b" of "/a/b" */
		size_t start = i + (path[i] == '/');
		struct str rest = {path + start, length - start};
		struct str segment = str_head(rest, str_find_char(rest, '/'));
		size_t end = start + segment.n;
		bool up = str_is(segment, "..");

		if (!up && !str_is(segment, ".")) {
			memmove(path + n, path + i, end - i);
			n += end - i;
		} else if (start > i) {
			while (up && n && path[--n] != '/')
				;
			if (end == length)
				path[n++] = '/';
		} else {
			end += end < length; /* a leading "./" goes whole */
		}
		i = end;
	}
	return (struct str){path, n};
}

/* RFC 3986 §5.2.3: the reference takes the place of the base's last segment. */
static struct str merge(struct arena *arena, const struct parts *base, struct str path)
{
	struct str folder = base->path;

	if (base->authority.p && !folder.n)
		folder = STR_LIT("/");
	while (folder.n && folder.p[folder.n - 1] != '/')
		folder.n--;
	char *merged = arena_alloc(arena, folder.n + path.n + 1);
	if (folder.n)
		memcpy(merged, folder.p, folder.n);
	if (path.n)
		memcpy(merged + folder.n, path.p, path.n);
	return remove_dot_segments(merged, folder.n + path.n);
}

static char *put(char *at, struct str s)
{
	return s.n ? (char *)mempcpy(at, s.p, s.n) : at;
}

/* RFC 3986 §5.3. */
static struct str join(struct arena *arena, const struct parts *p)
{
	char *text = arena_alloc(arena, p->scheme.n + p->authority.n + p->path.n + p->query.n +
						p->fragment.n + sizeof(":///.?#"));
	char *at = text;

	if (p->scheme.p)
		at = put(put(at, p->scheme), STR_LIT(":"));
	if (p->authority.p)
		at = put(put(at, STR_LIT("//")), p->authority);
	else if (str_starts(p->path, "//"))
		at = put(at, STR_LIT("/.")); /* else the path would read as an authority */
	at = put(at, p->path);
	if (p->query.p)
		at = put(put(at, STR_LIT("?")), p->query);
	if (p->fragment.p)
		at = put(put(at, STR_LIT("#")), p->fragment);
	*at = 0;
	return (struct str){text, (size_t)(at - text)};
}

struct str uri_resolve(struct arena *arena, struct str base, struct str reference)
{
	struct parts from, to;

	split(base, &from);
	split(reference, &to);
	if (to.scheme.p || to.authority.p || str_starts(to.path, "/")) {
		to.path = remove_dot_segments(arena_z(arena, to.path), to.path.n);
	} else if (!to.path.n) {
		to.path = from.path;
		if (!to.query.p)
			to.query = from.query;
	} else {
		to.path = merge(arena, &from, to.path);
	}
	if (!to.scheme.p) {
		if (!to.authority.p)
			to.authority = from.authority;
		to.scheme = from.scheme;
	}
	return join(arena, &to);
}
