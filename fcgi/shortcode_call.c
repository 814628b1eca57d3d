/* shortcode_call.c: see shortcode_call.h. */
#include "shortcode_call.h"

#include "escape.h"

struct str shortcode_call_get(const struct shortcode_call *call, const char *name, int position)
{
	struct str value;

	shortcode_argument(call->arena, call->tag, name, position, &value);
	return value;
}

bool shortcode_call_is_false(struct str value)
{
	return str_is_fold(value, "false") || str_is(value, "0");
}

bool shortcode_call_says(const struct shortcode_call *call, const char *name)
{
	struct str value = shortcode_call_get(call, name, -1);

	return value.n && !shortcode_call_is_false(value);
}

struct str shortcode_call_keep(struct arena *arena, struct buf *b)
{
	struct str text = arena_str(arena, buf_view(b));

	buf_release(b);
	return text;
}

void shortcode_call_put(struct buf *out, const char *name, struct str value)
{
	buf_printf(out, " %s=\"", name);
	escape_html(out, value);
	buf_char(out, '"');
}
