/* str.h: a counted slice of bytes that somebody else owns.
 *
 * A slice borrows: it is valid as long as the buffer, arena or literal it
 * points into.  It may hold any byte, NUL included, and is not terminated.
 * Comparisons that ignore case fold ASCII only: everything that is compared
 * so (tags, header names, HTML element names) is ASCII by its own standard.
 */
#ifndef CARTOLINA_STR_H
#define CARTOLINA_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct str {
	const char *p;
	size_t n;
};

/* For printf: printf("%.*s", STR_ARG(s)). */
#define STR_ARG(s) (int)(s).n, (s).p
#define STR_LIT(literal) ((struct str){(literal), sizeof(literal) - 1})

/* z may be NULL, which gives the empty slice. */
static inline struct str str_from(const char *z)
{
	return (struct str){z ? z : "", z ? strlen(z) : 0};
}

/* The bytes of s from offset to the end; an offset past the end gives "". */
static inline struct str str_skip(struct str s, size_t offset)
{
	size_t k = offset < s.n ? offset : s.n;
	return (struct str){s.p + k, s.n - k};
}

static inline struct str str_head(struct str s, size_t length)
{
	return (struct str){s.p, length < s.n ? length : s.n};
}

bool str_eq(struct str a, struct str b);
bool str_is(struct str a, const char *z);
bool str_is_fold(struct str a, const char *z);
/* str_is_fold() with one of the words; NULL ends them. */
bool str_among(struct str s, const char *const *words);
bool str_eq_fold(struct str a, struct str b);
bool str_starts(struct str s, const char *prefix);
bool str_ends(struct str s, const char *suffix);
/* memcmp order, the shorter first where one is a prefix of the other. */
int str_compare(struct str a, struct str b);

/* Without ASCII white space at both ends. */
struct str str_trim(struct str s);

/* Takes what stands before the first `separator` off *rest and returns it;
 * the separator is dropped.  Without one, takes all and leaves *rest empty. */
struct str str_cut(struct str *rest, char separator);

/* What stands behind the last `separator`; all of s without one. */
struct str str_last(struct str s, char separator);

/* Takes the next line off *rest, without its "\n" or "\r\n".  False at the
 * end of the text. */
bool str_line(struct str *rest, struct str *line);

/* The offset of the first occurrence, or s.n. */
size_t str_find(struct str s, const char *needle);
size_t str_find_char(struct str s, char c);

/* ASCII only, whatever the locale. */
static inline bool ascii_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}
static inline bool ascii_digit(char c)
{
	return c >= '0' && c <= '9';
}
static inline bool ascii_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
static inline bool ascii_alnum(char c)
{
	return ascii_alpha(c) || ascii_digit(c);
}
static inline char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}
/* The 32 punctuation characters of CommonMark §2.1. */
static inline bool ascii_punct(char c)
{
	return c > ' ' && c < 127 && !ascii_alnum(c);
}

#endif
