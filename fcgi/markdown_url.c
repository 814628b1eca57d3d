/* markdown_url.c: URLs that stand in a text without link syntax.
 *
 * Sources: CommonMark 0.31 §6.5, GFM 0.29 §6.9 (extended autolinks).
 */
#include "markdown_url.h"

enum { MAX_SCHEME = 32 };

static size_t scheme_length(struct str s)
{
	size_t n = 0;

	while (n < s.n && n <= MAX_SCHEME && (ascii_alnum(s.p[n]) || strchr("+.-", s.p[n])))
		n++;
	return n >= 2 && n <= MAX_SCHEME && ascii_alpha(s.p[0]) && n < s.n && s.p[n] == ':' ? n : 0;
}

static bool is_address(struct str s)
{
	size_t at = str_find_char(s, '@');
	char last = '.';

	if (at == 0 || at + 1 >= s.n)
		return false;
	for (size_t i = 0; i < at; i++)
		if (!ascii_alnum(s.p[i]) && !strchr(".!#$%&'*+/=?^_`{|}~-", s.p[i]))
			return false;
	for (size_t i = at + 1; i < s.n; last = s.p[i++]) {
		bool joint = s.p[i] == '-' ? last != '.' : s.p[i] == '.' && ascii_alnum(last);
		if (!ascii_alnum(s.p[i]) && !joint)
			return false;
	}
	return ascii_alnum(last);
}

size_t markdown_url_angle(struct str s, struct str *url)
{
	size_t n = 1;

	while (n < s.n && (unsigned char)s.p[n] > ' ' && s.p[n] != '<' && s.p[n] != '>')
		n++;
	if (n >= s.n || s.p[n] != '>')
		return 0;
	*url = str_head(str_skip(s, 1), n - 1);
	return scheme_length(*url) || is_address(*url) ? n + 1 : 0;
}

/* Bare URLs ----------------------------------------------------------------- */

/* Bytes of a host name with a dot (or none, where `short_ones` will do), or 0.
 * The last two labels hold no underscore. */
static size_t host_length(struct str s, bool short_ones)
{
	size_t n = 0, dots = 0, before = 0, last = 0; /* underscores */

	for (; n < s.n; n++) {
		bool outside_ascii = (unsigned char)s.p[n] & 0x80;
		if (s.p[n] == '_') {
			last++;
		} else if (s.p[n] == '.') {
			before = last;
			last = 0;
			dots++;
		} else if (!ascii_alnum(s.p[n]) && s.p[n] != '-' && !outside_ascii) {
			break;
		}
	}
	return last || before || (!dots && !short_ones) ? 0 : n;
}

/* Drops what ends a sentence, and ")" without "(". */
static size_t trimmed_length(struct str s)
{
	size_t n = 0, opened = 0, closed = 0;

	for (; n < s.n && !ascii_space(s.p[n]) && s.p[n] != '<'; n++) {
		opened += s.p[n] == '(';
		closed += s.p[n] == ')';
	}
	for (;; n--) {
		if (n > 0 && strchr("?!.,:*_~'\"", s.p[n - 1]))
			continue;
		if (n > 0 && s.p[n - 1] == ')' && closed > opened) {
			closed--;
			continue;
		}
		if (n == 0 || s.p[n - 1] != ';')
			return n;
		size_t name = n - 1;
		while (name > 0 && ascii_alnum(s.p[name - 1]))
			name--;
		if (name > 0 && name < n - 1 && s.p[name - 1] == '&')
			n = name;
	}
}

static bool url(struct str s, size_t from, size_t at, struct markdown_bare_url *found)
{
	static const char *const schemes[] = {"http", "https", "ftp"};
	size_t start = at;

	if (!str_starts(str_skip(s, at), "://"))
		return false;
	while (start > from && ascii_alpha(s.p[start - 1]) && at - start < 6)
		start--;
	struct str scheme = str_head(str_skip(s, start), at - start);
	struct str rest = str_skip(s, at + 3);
	if (!host_length(rest, true) || !ascii_alnum(rest.p[0]))
		return false;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		if (!str_is_fold(scheme, schemes[i]))
			continue;
		size_t n = trimmed_length(rest);
		struct str whole = str_head(str_skip(s, start), at - start + 3 + n);
		*found = (struct markdown_bare_url){whole, at - start, ""};
		return n > 0;
	}
	return false;
}

static bool www(struct str s, size_t at, struct markdown_bare_url *found)
{
	struct str rest = str_skip(s, at);

	if (!str_starts(rest, "www.") || !host_length(rest, false))
		return false;
	if (at > 0 && !ascii_space(s.p[at - 1]) && !strchr("*_~(", s.p[at - 1]))
		return false;
	size_t n = trimmed_length(rest);
	*found = (struct markdown_bare_url){str_head(rest, n), 0, "http://"};
	return n > 4;
}

static bool address(struct str s, size_t from, size_t at, struct markdown_bare_url *found)
{
	size_t start = at, end = at + 1, dots = 0;

	while (start > from && (ascii_alnum(s.p[start - 1]) || strchr(".+-_", s.p[start - 1])))
		start--;
	for (; end < s.n; end++) {
		if (s.p[end] == '.' && end + 1 < s.n && ascii_alnum(s.p[end + 1]))
			dots++;
		else if (!ascii_alnum(s.p[end]) && s.p[end] != '-' && s.p[end] != '_')
			break;
	}
	while (end > at && s.p[end - 1] == '_')
		end--;
	if (start == at || !dots || !ascii_alpha(s.p[end - 1]))
		return false;
	bool named = start - from >= 7 && str_starts(str_skip(s, start - 7), "mailto:");
	start -= named ? 7 : 0;
	*found = (struct markdown_bare_url){str_head(str_skip(s, start), end - start), at - start,
					    named ? "" : "mailto:"};
	return true;
}

bool markdown_url_bare(struct str source, size_t from, size_t at, struct markdown_bare_url *found)
{
	switch (source.p[at]) {
	case ':': return url(source, from, at, found);
	case 'w': return www(source, at, found);
	default: return address(source, from, at, found);
	}
}
