/* article.c: the rendering pipeline, one step a line. */
#include "article.h"

#include "excerpt.h"
#include "text.h"
#include "typographer.h"
#include "value.h"

/* Markdown -> HTML as readers get it, dividers still in it. */
static int render(struct arena *arena, const struct article_source *source, struct str markdown,
		  struct str *html, struct buf *err)
{
	struct buf raw = BUF_EMPTY, typed = BUF_EMPTY;
	int result = markdown_render(markdown, &source->markdown, &raw, err);

	if (!result && source->typographer) {
		typographer_apply(buf_view(&raw), source->lang, &typed);
		*html = arena_str(arena, buf_view(&typed));
	} else if (!result) {
		*html = arena_str(arena, buf_view(&raw));
	}
	if (buf_failed(&raw) || buf_failed(&typed)) {
		buf_puts(err, "out of memory");
		result = -1;
	}
	buf_release(&raw);
	buf_release(&typed);
	return result;
}

static struct str plain_text(struct arena *arena, struct str html)
{
	struct buf out = BUF_EMPTY;

	text_from_html(html, &out);
	struct str text = arena_str(arena, buf_view(&out));
	buf_release(&out);
	return text;
}

int article_render(struct arena *arena, const struct article_source *source, struct post_head *head,
		   struct post_body *body, struct buf *err)
{
	struct str html;
	struct excerpt excerpt;

	if (render(arena, source, source->body, &html, err))
		return -1;
	excerpt_find(arena, html, &excerpt);
	*body = (struct post_body){
		.html = excerpt.html,
		.cut = (int64_t)excerpt.cut,
		.owed = excerpt.owed,
		.reopened = excerpt.reopened,
		.source = source->body,
		.summary = source->summary,
		.outline = STR_LIT("[]"),
	};
	head->excerpt_source = excerpt.source;
	head->truncated = excerpt.truncated;
	head->more_text = excerpt.more_text;
	if (source->summary.n && render(arena, source, source->summary, &body->summary_html, err))
		return -1;
	/* The author's divider outranks a summary, and a summary the automatic cut. */
	if (source->summary.n && excerpt.source != EXCERPT_DIVIDER) {
		head->excerpt_source = EXCERPT_SUMMARY;
		head->truncated = plain_text(arena, body->html).n > 0;
	}
	struct str short_text = plain_text(arena, article_view(arena, head, body, true, false));
	body->source_cut = (int64_t)excerpt_source_cut(source->body, (enum excerpt_source)head->excerpt_source,
						       short_text);
	struct text_measure measure = text_measure(plain_text(arena, body->html));
	head->words = (int64_t)text_weight(measure);
	head->minutes = text_minutes(measure);
	if (!head->description.n) {
		struct buf out = BUF_EMPTY;
		text_shorten(source->summary.n ? plain_text(arena, body->summary_html) : short_text,
			     ARTICLE_DESCRIPTION_LIMIT, &out);
		head->description = arena_str(arena, buf_view(&out));
		buf_release(&out);
	}
	return 0;
}

static struct str join(struct arena *arena, struct str a, struct str b)
{
	return arena_printf(arena, "%.*s%.*s", STR_ARG(a), STR_ARG(b));
}

struct str article_view(struct arena *arena, const struct post_head *head, const struct post_body *body,
			bool excerpt, bool rest)
{
	size_t cut = (size_t)body->cut;

	if (head->excerpt_source == EXCERPT_SUMMARY)
		return excerpt ? body->summary_html : body->html;
	if (excerpt)
		return join(arena, str_head(body->html, cut), body->owed);
	if (rest)
		return join(arena, body->reopened, str_skip(body->html, cut));
	return body->html;
}
