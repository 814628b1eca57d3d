/* str.c: comparing, trimming and splitting slices.  Nothing here allocates. */
#include "str.h"

bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool str_is(struct str a, const char *z)
{
	return str_eq(a, str_from(z));
}

bool str_among(struct str s, const char *const *words)
{
	/* Most differ in their first letter. */
	char first = s.n ? ascii_lower(s.p[0]) : 0;

	for (; *words; words++)
		if (ascii_lower(**words) == first && str_is_fold(s, *words))
			return true;
	return false;
}

bool str_eq_fold(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (ascii_lower(a.p[i]) != ascii_lower(b.p[i]))
			return false;
	return true;
}

bool str_is_fold(struct str a, const char *z)
{
	/* No strlen(): names are looked for in long lists of others. */
	for (size_t i = 0; i < a.n; i++)
		if (!z[i] || ascii_lower(a.p[i]) != ascii_lower(z[i]))
			return false;
	return !z[a.n];
}

bool str_starts(struct str s, const char *prefix)
{
	size_t n = strlen(prefix);
	return s.n >= n && (n == 0 || memcmp(s.p, prefix, n) == 0);
}

bool str_ends(struct str s, const char *suffix)
{
	size_t n = strlen(suffix);
	return s.n >= n && (n == 0 || memcmp(s.p + s.n - n, suffix, n) == 0);
}

int str_compare(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n ? memcmp(a.p, b.p, n) : 0;
	if (order)
		return order;
	return (a.n > b.n) - (a.n < b.n);
}

struct str str_trim(struct str s)
{
	while (s.n && ascii_space(s.p[0]))
		s = str_skip(s, 1);
	while (s.n && ascii_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

size_t str_find_char(struct str s, char c)
{
	const char *hit = s.n ? memchr(s.p, c, s.n) : NULL;
	return hit ? (size_t)(hit - s.p) : s.n;
}

struct str str_cut(struct str *rest, char separator)
{
	size_t at = str_find_char(*rest, separator);
	struct str head = str_head(*rest, at);
	*rest = str_skip(*rest, at + 1);
	return head;
}

struct str str_last(struct str s, char separator)
{
	size_t n = s.n;

	while (n && s.p[n - 1] != separator)
		n--;
	return str_skip(s, n);
}

bool str_line(struct str *rest, struct str *line)
{
	if (!rest->n)
		return false;
	*line = str_cut(rest, '\n');
	if (line->n && line->p[line->n - 1] == '\r')
		line->n--;
	return true;
}

size_t str_find(struct str s, const char *needle)
{
	size_t n = strlen(needle);
	const char *hit = s.n ? memmem(s.p, s.n, needle, n) : NULL;
	return hit ? (size_t)(hit - s.p) : s.n;
}
