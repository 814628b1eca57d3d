/* check.c: rules over a post that was read without an error. */
#include "check.h"

#include "markdown.h"
#include "text.h"
#include "wordmap.h"

struct checking {
	struct arena *arena;
	const struct config *config;
	const struct post *post;
	struct buf *problems;
};

static void warn(struct checking *c, unsigned line, unsigned column, const char *rule, struct str message)
{
	buf_printf(c->problems, "%s:%u:%u: warning: %.*s [%s]\n",
		   post_shown_path(c->arena, c->config, c->post->head.file), line, column, STR_ARG(message), rule);
}

/* The position of an offset of the body, in its file. */
static void locate(const struct checking *c, size_t offset, unsigned *line, unsigned *column)
{
	struct str source = c->post->body.source;

	*line = c->post->body_line;
	*column = 1;
	for (size_t i = 0; i < offset && i < source.n; i++) {
		if (source.p[i] == '\n') {
			++*line;
			*column = 1;
		} else if (((unsigned char)source.p[i] & 0xc0) != 0x80) {
			++*column;
		}
	}
}

/* --- markdown/dialect -------------------------------------------------------------- */

/* The visible text, white space as single spaces, by one engine. */
static bool visible_text(struct checking *c, enum markdown_engine engine, struct str *text)
{
	struct markdown_options options = {.engine = engine, .safe = c->config->markdown.safe};
	struct buf html = BUF_EMPTY, out = BUF_EMPTY, err = BUF_EMPTY;

	int result = markdown_render(c->post->body.source, &options, &html, &err);
	if (!result) {
		text_from_html(buf_view(&html), &out);
		for (size_t i = 0; i < out.n; i++)
			if (ascii_space(out.p[i]))
				out.p[i] = ' ';
		*text = arena_str(c->arena, buf_view(&out));
	}
	buf_release(&html);
	buf_release(&out);
	buf_release(&err);
	return result == 0;
}

static struct str next_chunk(struct str *rest)
{
	while (rest->n && rest->p[0] == ' ')
		*rest = str_skip(*rest, 1);
	return str_cut(rest, ' ');
}

enum { SHOWN_CHUNKS = 4, SHOWN_BYTES = 60 };

/* A few words from where the texts part. */
static struct str beginning(struct str text)
{
	struct str rest = text;

	for (int i = 0; i < SHOWN_CHUNKS && rest.n; i++)
		next_chunk(&rest);
	struct str shown = str_trim((struct str){text.p, text.n - rest.n});
	while (shown.n > SHOWN_BYTES)
		shown.n--;
	while (shown.n && shown.n < text.n && ((unsigned char)text.p[shown.n] & 0xc0) == 0x80)
		shown.n--;
	return shown.n ? shown : STR_LIT("nothing");
}

static void check_dialect(struct checking *c)
{
	struct str ours, theirs;
	unsigned line, column;

	if (!visible_text(c, MARKDOWN_DISCOUNT, &ours) || !visible_text(c, MARKDOWN_COMMONMARK, &theirs))
		return;
	struct str a = ours, b = theirs, last_a = a, last_b = b;
	for (;;) {
		last_a = a;
		last_b = b;
		struct str x = next_chunk(&a), y = next_chunk(&b);
		if (!x.n && !y.n)
			return;
		if (!str_eq(x, y))
			break;
	}
	struct str before = {ours.p, (size_t)(last_a.p - ours.p)};
	struct str source = c->post->body.source;
	size_t reach = wordmap_reach(source, before);
	while (reach < source.n && ascii_space(source.p[reach]))
		reach++;
	locate(c, reach, &line, &column);
	warn(c, line, column, "markdown/dialect",
	     arena_printf(c->arena, "CommonMark shows \"%.*s\" where discount shows \"%.*s\"; `markdown: commonmark` "
			  "in the front matter chooses it", STR_ARG(beginning(str_trim(last_b))),
			  STR_ARG(beginning(str_trim(last_a)))));
}

void check_post(struct arena *arena, const struct config *config, const struct post *post,
		struct buf *problems)
{
	struct checking c = {arena, config, post, problems};

	if (post->engine == MARKDOWN_DISCOUNT)
		check_dialect(&c);
}
