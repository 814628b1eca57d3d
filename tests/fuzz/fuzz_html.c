/* fuzz_html.c: any bytes through everything that reads rendered HTML.
 *
 * Properties: tokens, joined, are the input; text has no white space at its
 * ends and keeps its limit; the typographer changes quotes, hyphens and dots in
 * text, and nothing else; after outline every heading has an id that no other
 * element has, unless an author wrote it twice; outline and images find
 * nothing to do in their own output; image files of any bytes do no harm.
 */
#include "html.h"
#include "images.h"
#include "outline.h"
#include "text.h"
#include "typographer.h"
#include "utf8.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { LONGEST = 16 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check_tokens(struct str html)
{
	struct html_reader reader;
	struct html_token token;
	struct html_attribute a;
	const char *at = html.p;

	html_start(&reader, html);
	while (html_next(&reader, &token)) {
		must(token.bytes.p == at && token.bytes.n);
		at += token.bytes.n;
		struct str rest = token.attributes;
		while (html_attribute_next(&rest, &a)) {
			must(a.bytes.p >= token.bytes.p && a.bytes.p + a.bytes.n <= at);
			must(a.name.n && a.name.n + a.value.n <= a.bytes.n);
		}
	}
	must(at == html.p + html.n);
}

static size_t count_characters(struct str s)
{
	size_t count = 0, n;

	for (; s.n; s = str_skip(s, n), count++)
		utf8_decode(s, &n);
	return count;
}

static void check_text(struct str html, size_t limit)
{
	struct buf text = BUF_EMPTY, shorter = BUF_EMPTY;

	text_from_html(html, &text);
	must(!utf8_valid(html) || utf8_valid(buf_view(&text)));
	must(!text.n || (!ascii_space(text.p[0]) && !ascii_space(text.p[text.n - 1])));
	must(!text.n || text_minutes((struct text_measure){1, 0}) == 1);
	struct text_measure m = text_measure(buf_view(&text));
	must(m.words + m.characters <= text.n);
	must((text_minutes(m) == 0) == (m.words + m.characters == 0));
	text_shorten(buf_view(&text), limit, &shorter);
	must(count_characters(buf_view(&shorter)) <= limit);
	must(utf8_valid(buf_view(&shorter)));
	buf_reset(&shorter);
	text_unescape(html, &shorter);
	must(shorter.n <= html.n);
	buf_release(&shorter);
	buf_release(&text);
}

/* The text with everything that the typographer may touch in one spelling. */
static void flatten(struct str text, bool plain, struct buf *out)
{
	static const char marks[] = "\"'“”„‘’‚«»‹›「」『』";

	while (text.n) {
		uint32_t c;
		size_t n = plain ? 0 : text_reference(text, &c);
		if (n && (c == '"' || c == '\'')) {
			buf_char(out, 'Q');
		} else if ((c = utf8_decode(text, &n)) == UTF8_INVALID) {
			buf_add(out, text.p, n);
		} else if (c && memmem(marks, sizeof(marks) - 1, text.p, n)) {
			buf_char(out, 'Q');
		} else if (c == 0x2013 || c == 0x2014) {
			buf_puts(out, c == 0x2013 ? "--" : "---");
		} else if (c == 0x2026) {
			buf_puts(out, "...");
		} else if (c != 0xa0) {
			buf_add(out, text.p, n);
		}
		text = str_skip(text, n);
	}
}

static void must_be_alike(struct str before, struct str after, bool plain)
{
	struct buf a = BUF_EMPTY, b = BUF_EMPTY;

	flatten(before, plain, &a);
	flatten(after, plain, &b);
	must(str_eq(buf_view(&a), buf_view(&b)));
	buf_release(&a);
	buf_release(&b);
}

static void check_typographer(struct str html, const char *lang)
{
	struct html_reader before, after;
	struct html_token a, b;
	struct buf out = BUF_EMPTY;

	typographer_text(html, lang, &out);
	must_be_alike(html, buf_view(&out), true);
	must(!utf8_valid(html) || utf8_valid(buf_view(&out)));
	buf_reset(&out);
	typographer_apply(html, lang, &out);
	html_start(&before, html);
	html_start(&after, buf_view(&out));
	while (html_next(&before, &a)) {
		must(html_next(&after, &b) && a.kind == b.kind);
		if (a.kind == HTML_TEXT)
			must_be_alike(a.bytes, b.bytes, false);
		else
			must(str_eq(a.bytes, b.bytes));
	}
	must(!html_next(&after, &b));
	buf_release(&out);
}

/* How many elements have that id, as written. */
static size_t count_id(struct str html, struct str id)
{
	struct html_reader reader;
	struct html_token token;
	struct str value;
	size_t count = 0;

	html_start(&reader, html);
	while (html_next(&reader, &token)) {
		struct buf plain = BUF_EMPTY;
		if (html_attribute_find(&token, "id", &value))
			text_unescape(value, &plain);
		count += str_eq(buf_view(&plain), id);
		buf_release(&plain);
	}
	return count;
}

static void check_outline(struct arena *arena, struct str html)
{
	struct outline outline, again;
	struct buf out = BUF_EMPTY, twice = BUF_EMPTY;

	outline_apply(arena, html, &out, &outline);
	for (size_t i = 0; i < outline.count && i < 50; i++) {
		struct outline_entry entry = outline.entries[i];
		must(entry.level >= 1 && entry.level <= 6 && entry.id.n);
		size_t count = count_id(buf_view(&out), entry.id);
		must(count == 1 || (count > 1 && count == count_id(html, entry.id)));
	}
	outline_apply(arena, buf_view(&out), &twice, &again);
	must(again.count == outline.count);
	must(str_eq(buf_view(&out), buf_view(&twice)));
	buf_release(&out);
	buf_release(&twice);
}

static int open_input(void *context, struct str path)
{
	struct str *input = context;
	int fd = memfd_create("image", MFD_CLOEXEC);

	must(path.n > 0);
	must(fd >= 0 && write(fd, input->p, input->n) == (ssize_t)input->n);
	return fd;
}

/* The picture is what follows the first NUL; few inputs have one, and only
 * they pay for a file. */
static void check_images(struct str html)
{
	struct str picture = str_skip(html, str_find_char(html, 0) + 1);
	struct images_files files = {open_input, &picture}, *known = picture.n ? &files : NULL;
	struct images_size size = {1, 1};
	struct buf out = BUF_EMPTY, twice = BUF_EMPTY;

	if (known) {
		int fd = open_input(&picture, STR_LIT("/"));
		images_measure(fd, &size);
		must(size.width && size.width <= 1000000 && size.height && size.height <= 1000000);
		close(fd);
	}
	images_apply(html, known, &out);
	must(out.n >= html.n);
	images_apply(buf_view(&out), known, &twice);
	must(str_eq(buf_view(&out), buf_view(&twice)));
	buf_release(&out);
	buf_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const char *const languages[] = {"en", "fr", "de-CH", "ja"};
	struct arena arena;

	if (size < 2 || size > LONGEST)
		return 0;
	struct str html = {(const char *)bytes + 1, size - 1};
	check_tokens(html);
	check_text(html, bytes[0]);
	check_typographer(html, languages[bytes[0] % 4]);
	arena_init(&arena, 0);
	check_outline(&arena, html);
	arena_release(&arena);
	check_images(html);
	return 0;
}
