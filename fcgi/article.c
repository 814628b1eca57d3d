/* article.c: the rendering pipeline, one step a line. */
#include "article.h"

#include "assist.h"
#include "excerpt.h"
#include "images.h"
#include "outline.h"
#include "reference.h"
#include "shortcode.h"
#include "text.h"
#include "typographer.h"
#include "value.h"

#include <fcntl.h>
#include <unistd.h>

static struct reference_place place_of(const struct article_source *source)
{
	return (struct reference_place){source->content, source->mount, source->lang, source->folder, source->path,
					source->asked};
}

static int open_image(void *context, struct str path)
{
	const struct article_source *source = context;
	struct reference_place place = place_of(source);
	struct arena arena;
	struct str file;
	int fd = -1;

	arena_init(&arena, 0);
	if (reference_file(&arena, path, &place, &file))
		fd = open(arena_printf(&arena, "%s%.*s", source->content, STR_ARG(file)).p,
			  O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	arena_release(&arena);
	return fd;
}

struct stages {
	struct buf raw, outlined, typed, sized, complete;
};

static void run_stages(struct arena *arena, const struct article_source *source, struct stages *b,
		       struct outline *outline)
{
	struct images_files files = {open_image, (void *)source};
	struct buf *last = &b->outlined;

	outline_apply(arena, buf_view(&b->raw), &b->outlined, outline);
	if (source->typographer) {
		typographer_apply(buf_view(last), source->lang, &b->typed);
		last = &b->typed;
	}
	images_apply(buf_view(last), source->content ? &files : NULL, &b->sized);
	/* Without a site the text is the standard's, to the letter. */
	if (source->content)
		assist_apply(arena, buf_view(&b->sized), &b->complete);
	else
		buf_str(&b->complete, buf_view(&b->sized));
}

/* Markdown -> HTML as readers get it, dividers still in it. */
static int render(struct arena *arena, const struct article_source *source, const struct post_head *head,
		  struct str markdown, struct str *html, struct outline *outline, struct buf *err)
{
	struct shortcode_context shortcodes = {
		.place = place_of(source),
		.default_lang = source->default_lang,
		.title = head->title,
		.params = head->params,
		.markdown = source->markdown,
	};
	struct stages b = {0};
	int result = shortcode_render(arena, markdown, &shortcodes, &b.raw, err);

	if (!result) {
		run_stages(arena, source, &b, outline);
		struct reference_place place = place_of(source);
		*html = arena_str(arena, buf_view(&b.complete));
		if (source->content)
			*html = reference_resolve(arena, *html, &place);
	}
	if (buf_failed(&b.raw) || buf_failed(&b.outlined) || buf_failed(&b.typed) || buf_failed(&b.sized) ||
	    buf_failed(&b.complete)) {
		buf_puts(err, "out of memory");
		result = -1;
	}
	buf_release(&b.raw);
	buf_release(&b.outlined);
	buf_release(&b.typed);
	buf_release(&b.sized);
	buf_release(&b.complete);
	return result;
}

static struct str outline_json(struct arena *arena, const struct outline *outline)
{
	struct value *list = value_array();
	struct buf out = BUF_EMPTY;

	for (size_t i = 0; i < outline->count; i++) {
		struct value *entry = value_append(list, value_object());
		value_set(entry, "level", value_integer(outline->entries[i].level));
		value_set_str(entry, "id", outline->entries[i].id);
		value_set_str(entry, "text", outline->entries[i].text);
	}
	value_write(list, false, &out);
	struct str json = arena_str(arena, buf_view(&out));
	buf_release(&out);
	return json;
}

static struct str plain_text(struct arena *arena, struct str html)
{
	struct buf out = BUF_EMPTY;

	text_from_html(html, &out);
	struct str text = arena_str(arena, buf_view(&out));
	buf_release(&out);
	return text;
}

static struct str join(struct arena *arena, struct str a, struct str b)
{
	return arena_printf(arena, "%.*s%.*s", STR_ARG(a), STR_ARG(b));
}

/* An author's summary is always an excerpt: it ends what it opens. */
static int render_summary(struct arena *arena, const struct article_source *source, const struct post_head *head,
			  struct post_body *body, struct buf *err)
{
	struct outline ignored;
	struct str html;
	size_t finished;

	if (render(arena, source, head, source->summary, &html, &ignored, err))
		return -1;
	struct str owed = excerpt_close(arena, html, &finished);
	body->summary_html = owed.n || finished < html.n ? join(arena, str_head(html, finished), owed) : html;
	return 0;
}

static void measure_image(const struct article_source *source, struct str image, struct post_head *head)
{
	struct images_size size;
	int fd = open_image((void *)source, image);

	if (fd < 0)
		return;
	if (images_measure(fd, &size)) {
		head->image_width = size.width;
		head->image_height = size.height;
	}
	close(fd);
}

/* In the front matter: a file beside the post, as in the text; else from the
 * site's home page, as Hugo's absURL has it. */
static void resolve_images(struct arena *arena, const struct article_source *source, struct post_head *head)
{
	struct reference_place place = place_of(source);
	struct buf out = BUF_EMPTY;
	const struct value *written = value_read(head->images, &out);
	struct value *images = value_array();
	struct str to;

	place.path = STR_LIT("/");
	for (size_t i = 0; i < value_count(written); i++) {
		struct str image = value_text(value_at(written, i));
		value_append(images, value_string(reference_address(arena, image, &place, &to) ? to : image));
	}
	if (reference_address(arena, head->twitter_image, &place, &to))
		head->twitter_image = to;
	measure_image(source, head->twitter_image.n ? head->twitter_image : value_text(value_at(images, 0)), head);
	buf_reset(&out);
	value_write(images, false, &out);
	head->images = arena_str(arena, buf_view(&out));
	buf_release(&out);
}

int article_render(struct arena *arena, const struct article_source *source, struct post_head *head,
		   struct post_body *body, struct str *text, struct buf *err)
{
	struct str html;
	struct excerpt excerpt;
	struct outline outline;
	size_t finished;

	if (render(arena, source, head, source->body, &html, &outline, err))
		return -1;
	excerpt_find(arena, html, &excerpt);
	*body = (struct post_body){
		.html = excerpt.html,
		.cut = (int64_t)excerpt.cut,
		.owed = excerpt.owed,
		.reopened = excerpt.reopened,
		.source = source->body,
		.summary = source->summary,
		.outline = outline_json(arena, &outline),
	};
	head->excerpt_source = excerpt.source;
	head->truncated = excerpt.truncated;
	head->more_text = excerpt.more_text;
	body->unclosed = excerpt_close(arena, body->html, &finished);
	body->finished = (int64_t)finished;
	if (source->summary.n && render_summary(arena, source, head, body, err))
		return -1;
	/* The author's divider outranks a summary, and a summary the automatic cut. */
	if (source->summary.n && excerpt.source != EXCERPT_DIVIDER) {
		head->excerpt_source = EXCERPT_SUMMARY;
		head->truncated = excerpt_visible(body->html);
	}
	struct str short_text = plain_text(arena, article_view(arena, head, body, true, false));
	body->source_cut = (int64_t)excerpt_source_cut(source->body, (enum excerpt_source)head->excerpt_source,
						       short_text);
	if (source->content)
		resolve_images(arena, source, head);
	*text = plain_text(arena, body->html);
	struct text_measure measure = text_measure(*text);
	head->words = (int64_t)text_weight(measure);
	head->minutes = text_minutes(measure);
	if (!head->description.n) {
		struct buf out = BUF_EMPTY;
		struct str summary_text = plain_text(arena, body->summary_html);
		text_shorten(summary_text.n ? summary_text : short_text, ARTICLE_DESCRIPTION_LIMIT, &out);
		head->description = arena_str(arena, buf_view(&out));
		buf_release(&out);
	}
	return 0;
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

struct str article_view_in_list(struct arena *arena, const struct post_head *head, const struct post_body *body,
				bool excerpt, bool rest)
{
	struct str html = article_view(arena, head, body, excerpt, rest);
	size_t cut_off = body->html.n - (size_t)body->finished;

	if (excerpt || (!cut_off && !body->unclosed.n) || cut_off > html.n)
		return html;
	return join(arena, str_head(html, html.n - cut_off), body->unclosed);
}
