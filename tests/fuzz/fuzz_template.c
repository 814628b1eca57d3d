/* fuzz_template.c: any bytes as a template that includes itself.
 *
 * Not only crashes: a refusal says why in one line, a stopped render leaves
 * the output as it was, the same input gives the same bytes again, and an
 * indented partial renders as its text does with every line indented by hand.
 */
#include "template.h"

#include <stdint.h>
#include <stdlib.h>

enum { MEMORY = 64 << 20, OUTPUT = 64 << 10 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const char DATA[] =
	"{\"a\": \"<&'\\\">\\nb\", \"b\": true, \"e\": \"\", \"i\": -1, \"r\": 1.5, \"n\": null,"
	" \"l\": [1, 2], \"o\": {\"a\": {\"b\": [\"x\", {\"a\": 0}]}}}";

static const struct template *find_itself(void *context, struct str name)
{
	return name.n && name.p[0] == 'x' ? NULL : context;
}

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void must_be_message(const struct buf *err)
{
	must(err->n > 0 && str_find_char(buf_view(err), '\n') == err->n - 1);
	must(str_starts(buf_view(err), "fuzz:") && str_ends(buf_view(err), "]\n"));
}

static int render(struct template *t, const struct value *data, struct buf *out)
{
	struct buf err = BUF_EMPTY;

	buf_puts(out, "before");
	int failed = template_render(t, data, find_itself, t, out, &err);
	must(str_starts(buf_view(out), "before"));
	if (failed) {
		must(failed == -1 && out->n == strlen("before"));
		must_be_message(&err);
	} else {
		must(err.n == 0 && !buf_failed(out));
	}
	buf_release(&err);
	return failed;
}

static struct str indented(struct arena *arena, struct str text)
{
	struct buf b = BUF_EMPTY;

	if (str_starts(text, "\xef\xbb\xbf"))
		text = str_skip(text, 3);
	for (size_t i = 0; i < text.n; i++) {
		if (i == 0 || text.p[i - 1] == '\n')
			buf_puts(&b, "\t ");
		buf_char(&b, text.p[i]);
	}
	struct str copy = arena_str(arena, buf_view(&b));
	buf_release(&b);
	return copy;
}

static void check_indent(struct arena *arena, const struct template *t, struct str source,
			 const struct value *data)
{
	struct buf err = BUF_EMPTY, out = {.ceiling = OUTPUT}, by_hand = {.ceiling = OUTPUT};
	const struct template *outer = template_compile(arena, STR_LIT("outer"),
							STR_LIT("\t {{>p}}\n"), &err);
	const struct template *lines = template_compile(arena, STR_LIT("lines"),
							indented(arena, source), &err);
	void *self = (void *)t;

	must(outer && lines);
	/* One level deeper than the other, so only one may reach the limit. */
	if (template_render(outer, data, find_itself, self, &out, &err) == 0 &&
	    template_render(lines, data, find_itself, self, &by_hand, &err) == 0)
		must(str_eq(buf_view(&out), buf_view(&by_hand)));
	buf_release(&err);
	buf_release(&out);
	buf_release(&by_hand);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena arena;
	struct buf err = BUF_EMPTY, first = {.ceiling = OUTPUT}, second = {.ceiling = OUTPUT};
	struct str source = {(const char *)bytes, size};

	arena_init(&arena, MEMORY);
	value_pool(&arena);
	const struct value *data = value_read(STR_LIT(DATA), &err);
	must(data && !err.n);
	struct template *t = template_compile(&arena, STR_LIT("fuzz"), source, &err);
	if (t) {
		must(err.n == 0);
		must(render(t, data, &first) == render(t, data, &second));
		must(str_eq(buf_view(&first), buf_view(&second)));
		check_indent(&arena, t, source, data);
	} else {
		must_be_message(&err);
	}
	buf_release(&err);
	buf_release(&first);
	buf_release(&second);
	arena_release(&arena);
	return 0;
}
