/* excerpt.c: rendered HTML -> where to cut it.
 *
 * One walk over the tokens finds the divider and takes dividers out; a second
 * follows the open elements up to the cut.  Nothing is re-rendered: what is
 * before the cut is what the article shows.
 */
#include "excerpt.h"

#include "html.h"
#include "htmlstack.h"
#include "text.h"
#include "unicode.h"
#include "utf8.h"
#include "wordmap.h"

enum { DIVIDER_LIMIT = 1000 /* bytes of a divider in the source */ };

bool excerpt_is_divider(struct str comment, struct str *text)
{
	comment = str_trim(comment);
	if (!str_is_fold(str_head(comment, 4), "more"))
		return false;
	struct str after = str_skip(comment, 4);
	if (after.n && !ascii_space(after.p[0]))
		return false;
	*text = str_trim(after);
	return true;
}

static bool token_is_divider(const struct html_token *token, struct str *text)
{
	if (token->kind != HTML_COMMENT || token->unfinished || token->bytes.n < 7 ||
	    !str_starts(token->bytes, "<!--") || !str_ends(token->bytes, "-->"))
		return false;
	return excerpt_is_divider((struct str){token->bytes.p + 4, token->bytes.n - 7}, text);
}

/* True when the divider is all that its paragraph holds: an engine put a <p>
 * around a comment.  Then the paragraph goes too. */
static bool alone_in_paragraph(struct str before, struct str after)
{
	return str_is(before, "<p>") && str_starts(after, "</p>");
}

/* Copies `rendered` without its dividers; notes where the first one was. */
static bool take_dividers(struct arena *arena, struct str rendered, struct excerpt *out)
{
	struct html_reader reader;
	struct html_token token;
	struct buf html = BUF_EMPTY;
	struct str text, last = STR_LIT("");
	bool found = false;

	html_start(&reader, rendered);
	while (html_next(&reader, &token)) {
		if (!token_is_divider(&token, &text)) {
			buf_str(&html, token.bytes);
			last = token.bytes;
			continue;
		}
		if (alone_in_paragraph(last, reader.rest)) {
			buf_truncate(&html, html.n - 3);
			reader.rest = str_skip(reader.rest, 4);
			if (out->cut > html.n) /* the first of two, inside it */
				out->cut = html.n;
		}
		if (!found) {
			found = true;
			out->cut = html.n;
			out->more_text = arena_str(arena, text);
		}
		/* A divider on a line of its own takes the line with it. */
		if ((!html.n || html.p[html.n - 1] == '\n') && reader.rest.n && reader.rest.p[0] == '\n')
			reader.rest = str_skip(reader.rest, 1);
	}
	out->html = found ? arena_str(arena, buf_view(&html)) : rendered;
	buf_release(&html);
	return found;
}

static bool is_heading(const struct html_token *token)
{
	return token->name.n == 2 && ascii_lower(token->name.p[0]) == 'h' && token->name.p[1] >= '1' &&
	       token->name.p[1] <= '6';
}

/* The end of the first whole blocks that are long enough, or the whole. */
static size_t automatic_cut(struct arena *arena, struct str html)
{
	struct htmlstack stack;
	struct html_reader reader;
	struct html_token token;
	size_t weight = 0, block = 0;

	htmlstack_start(&stack, arena);
	html_start(&reader, html);
	while (html_next(&reader, &token)) {
		htmlstack_feed(&stack, &token);
		if (token.kind != HTML_CLOSE || stack.depth || !html_is_block(token.name))
			continue;
		size_t here = (size_t)(reader.rest.p - html.p);
		struct buf text = BUF_EMPTY;
		text_from_html((struct str){html.p + block, here - block}, &text);
		weight += text_weight(text_measure(buf_view(&text)));
		buf_release(&text);
		block = here;
		if (weight >= EXCERPT_WORDS && !is_heading(&token))
			return here;
	}
	return html.n;
}

static bool is_blank(struct str html)
{
	struct buf text = BUF_EMPTY;
	struct str rest;
	size_t n;

	text_unescape(html, &text);
	for (rest = buf_view(&text); rest.n; rest = str_skip(rest, n)) {
		uint32_t c = utf8_decode(rest, &n);
		/* no-break and zero-width spaces are left behind by editors */
		if (!unicode_is_space(c) && c != 0xa0 && c != 0x202f && c != 0x200b && c != 0xfeff)
			break;
	}
	buf_release(&text);
	return !rest.n;
}

bool excerpt_visible(struct str html)
{
	static const char *const shown[] = {"img", "video", "audio", "iframe", "object", "embed", "svg",
					    "hr", "input", "canvas", "math", NULL};
	struct html_reader reader;
	struct html_token token;

	html_start(&reader, html);
	while (html_next(&reader, &token)) {
		if (token.kind == HTML_TEXT && !is_blank(token.bytes))
			return true;
		for (size_t i = 0; token.kind == HTML_OPEN && shown[i]; i++)
			if (html_is(&token, shown[i]))
				return true;
	}
	return false;
}

/* Without a tag or comment that the end of the text cuts off: put into another
 * page it would swallow what follows there. */
static size_t finished_length(struct str html)
{
	struct html_reader reader;
	struct html_token token;

	html_start(&reader, html);
	while (html_next(&reader, &token))
		if (token.unfinished)
			return html.n - token.bytes.n;
	/* "</" and an owed end tag behind it would be one comment. */
	return str_ends(html, "</") ? html.n - 2 : html.n;
}

struct str excerpt_close(struct arena *arena, struct str html, size_t *finished)
{
	struct htmlstack stack;

	*finished = finished_length(html);
	htmlstack_read(&stack, arena, str_head(html, *finished));
	return htmlstack_end_tags(&stack, arena);
}

void excerpt_find(struct arena *arena, struct str rendered, struct excerpt *out)
{
	struct htmlstack stack;

	*out = (struct excerpt){.more_text = STR_LIT("")};
	if (take_dividers(arena, rendered, out)) {
		out->source = EXCERPT_DIVIDER;
	} else {
		out->source = EXCERPT_AUTO;
		out->cut = automatic_cut(arena, out->html);
	}
	out->truncated = excerpt_visible(str_skip(out->html, out->cut));
	if (out->source == EXCERPT_AUTO && !out->truncated) {
		out->source = EXCERPT_FULL;
		out->cut = finished_length(out->html);
	}
	htmlstack_read(&stack, arena, str_head(out->html, out->cut));
	out->owed = htmlstack_end_tags(&stack, arena);
	out->reopened = htmlstack_start_tags(&stack, arena);
}

/* --- the same place in the source --------------------------------------- */

/* The characters that begin a fence ("```c", "~~~"), or none. */
static struct str fence_of(struct str line)
{
	struct str s = str_trim(line);
	size_t n = 0;

	while (n < s.n && s.p[n] == s.p[0])
		n++;
	struct str info = str_skip(s, n);
	bool fence = n >= 3 && (s.p[0] == '~' || (s.p[0] == '`' && str_find_char(info, '`') == info.n));
	return str_head(s, fence ? n : 0);
}

/* The end of the block that holds the offset, by its blank line; behind the
 * fence if the block is code. */
static size_t block_end(struct str source, size_t offset)
{
	struct str rest = source, line, open = STR_LIT("");
	size_t end = 0;

	while (str_line(&rest, &line)) {
		struct str trimmed = str_trim(line), fence = fence_of(line);
		if (!trimmed.n && !open.n && (size_t)(line.p - source.p) > offset)
			return end;
		end = (size_t)(line.p - source.p) + line.n;
		if (!open.n)
			open = fence;
		else if (fence.n >= open.n && fence.n == trimmed.n && fence.p[0] == open.p[0])
			open.n = 0;
	}
	return source.n;
}

/* The next thing at or after *at that reads like a divider. */
static bool next_divider(struct str s, size_t *at)
{
	struct str text;

	for (; (*at += str_find(str_skip(s, *at), "<!--")) < s.n; *at += 4) {
		struct str inside = str_head(str_skip(s, *at + 4), DIVIDER_LIMIT);
		size_t n = str_find(inside, "-->");
		if (n < inside.n && excerpt_is_divider(str_head(inside, n), &text))
			return true;
	}
	return false;
}

/* What reads like a divider but stands in code is text to the reader: as many
 * as the excerpt shows come before the divider itself. */
static size_t divider_in_source(struct str source, struct str text)
{
	size_t in_code = 0, at = 0;

	for (size_t i = 0; next_divider(text, &i); i++)
		in_code++;
	for (; next_divider(source, &at); at++)
		if (!in_code--)
			return at;
	return source.n;
}

size_t excerpt_source_cut(struct str source, enum excerpt_source from, struct str excerpt_text)
{
	if (from == EXCERPT_DIVIDER)
		return divider_in_source(source, excerpt_text);
	if (from == EXCERPT_AUTO)
		return block_end(source, wordmap_reach(source, excerpt_text));
	return source.n;
}
