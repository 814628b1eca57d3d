/* taxonomy.c: a term as an author wrote it -> its key. */
#include "taxonomy.h"

#include "buf.h"
#include "unicode.h"
#include "utf8.h"

enum { NO_BREAK_SPACE = 0xa0 };

static bool separates(uint32_t c)
{
	return unicode_is_space(c) || c == NO_BREAK_SPACE || c == '/' || c == '\\' || c == '-';
}

/* "." and ".." would be steps in a path. */
static bool is_dots(struct str key)
{
	for (size_t i = 0; i < key.n; i++)
		if (key.p[i] != '.')
			return false;
	return key.n > 0;
}

struct str taxonomy_key(struct arena *arena, struct str term)
{
	struct buf out = BUF_IN(arena);
	bool owed = false;

	for (size_t n; term.n; term = str_skip(term, n)) {
		uint32_t c = utf8_decode(term, &n);
		if (separates(c)) {
			owed = out.n > 0;
		} else if (!unicode_is_control(c)) {
			if (owed)
				buf_char(&out, '-');
			owed = false;
			buf_utf8(&out, unicode_lower(c));
		}
	}
	struct str key = buf_view(&out);
	return is_dots(key) ? arena_printf(arena, "-%.*s", STR_ARG(key)) : key;
}
