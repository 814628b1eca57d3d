/* view_oembed.c: the address of a post -> a small card (https://oembed.com, "rich").
 *
 * The card is a quotation with a link: plain HTML that works alone, without
 * scripts, frames or style sheets, every text in it escaped.  Its picture is in
 * the HTML, and in thumbnail_url only when its size is known and fits (§2.3.4).
 */
#include "view_oembed.h"

#include "escape.h"
#include "links.h"
#include "uri.h"

enum { CARD_WIDTH = 600, CARD_HEIGHT = 240, CARD_HEIGHT_WITH_IMAGE = 480 }; /* CSS pixels */

/* --- whom it is about ------------------------------------------------------------------ */

struct followed {
	const char *path, *query;
};

static const char *variable(void *context, const char *name)
{
	const struct followed *followed = context;

	if (!strcmp(name, "REQUEST_METHOD"))
		return "GET";
	if (!strcmp(name, "DOCUMENT_URI"))
		return followed->path;
	return strcmp(name, "QUERY_STRING") ? NULL : followed->query;
}

/* What of url stands behind base_url; false when that is not its beginning.
 * Scheme and host may be written in capitals (RFC 3986 §6.2.2.1). */
static bool below_base(const struct config *config, struct str url, struct str *rest)
{
	struct str base = str_from(config->base_url), origin, path;

	if (!links_are_absolute(config) || uri_split_base(base, &origin, &path) || url.n < base.n)
		return false;
	if (!str_eq_fold(str_head(url, origin.n), origin) ||
	    !str_eq(str_head(str_skip(url, origin.n), path.n), path))
		return false;
	*rest = str_skip(url, base.n);
	return !rest->n || strchr("/?#", rest->p[0]);
}

int view_oembed_target(struct arena *arena, const struct config *config, const struct request *asking,
		       struct str url, struct request *target)
{
	struct str rest, path, decoded;

	if (!below_base(config, str_head(url, str_find_char(url, '#')), &rest))
		return -1;
	path = str_cut(&rest, '?');
	if (uri_decode(arena, path.n ? path : STR_LIT("/"), false, &decoded))
		return -1;
	struct followed followed = {arena_printf(arena, "%s%.*s", config->mount, STR_ARG(decoded)).p,
				    arena_z(arena, rest)};
	request_read(arena, config, variable, &followed, asking->now, target);
	if (target->problem != REQUEST_FINE)
		return -1;
	target->view = VIEW_ABSENT;
	target->format = FORMAT_HTML;
	target->included = true;
	target->head = asking->head;
	target->accept_language = asking->accept_language;
	return 0;
}

/* --- the answer ------------------------------------------------------------------------ */

static long within(long most, long size)
{
	return most && most < size ? most : size;
}

static struct str author_names(const struct view *v)
{
	struct buf out = BUF_IN(v->arena), ignored = BUF_IN(v->arena);
	const struct value *names = value_read(v->post.head->authors, &ignored);

	for (size_t i = 0; i < value_count(names); i++) {
		struct str name = value_text(value_at(names, i));
		if (out.n && name.n)
			buf_puts(&out, ", ");
		buf_str(&out, name);
	}
	return buf_view(&out);
}

static bool is_web(struct str url)
{
	return str_is_fold(str_head(url, 7), "http://") || str_is_fold(str_head(url, 8), "https://");
}

/* <tag>text</tag>, with a link around the text if there is an address. */
static void add_line(struct buf *out, const char *open, struct str url, struct str text, const char *close)
{
	if (!text.n)
		return;
	buf_puts(out, open);
	if (url.n) {
		buf_puts(out, "<a href=\"");
		escape_html(out, url);
		buf_puts(out, "\">");
	}
	escape_html(out, text);
	buf_printf(out, "%s%s", url.n ? "</a>" : "", close);
}

/* It fits whatever box was asked for: what is more can be scrolled to. */
static struct str card(const struct view *v, struct str author, struct str image, long width, long height)
{
	const struct post_head *head = v->post.head;
	struct str url = view_canonical(v, head), none = STR_LIT("");
	struct buf out = BUF_IN(v->arena);

	buf_printf(&out,
		   "<blockquote lang=\"%s\" dir=\"%s\" style=\"box-sizing:border-box;max-width:%ldpx;"
		   "max-height:%ldpx;margin:0;overflow:auto\" cite=\"",
		   v->config->languages[v->post.language].tag, view_language_dir(v, v->post.language), width, height);
	escape_html(&out, url);
	buf_puts(&out, "\">");
	if (image.n) {
		buf_puts(&out, "<p><img src=\"");
		escape_html(&out, image);
		buf_puts(&out, "\" alt=\"\" loading=\"lazy\" "
			       "style=\"max-width:100%;height:auto;max-height:240px\"></p>");
	}
	add_line(&out, "<p><strong>", url, head->title.n ? head->title : url, "</strong></p>");
	add_line(&out, "<p>", none, head->description, "</p>");
	buf_puts(&out, "<footer>");
	if (author.n) {
		add_line(&out, "<cite>", none, author, "</cite>");
		buf_puts(&out, " · ");
	}
	escape_html(&out, str_from(view_site_title(v, v->post.language)));
	buf_puts(&out, "</footer></blockquote>");
	return buf_view(&out);
}

static void add_thumbnail(struct value *out, const struct view_oembed *asked, const struct post_head *head,
			  struct str image)
{
	int64_t width = head->image_width, height = head->image_height;

	if (!image.n || !width || !height || (asked->max_width && width > asked->max_width) ||
	    (asked->max_height && height > asked->max_height))
		return;
	value_set_str(out, "thumbnail_url", image);
	value_set(out, "thumbnail_width", value_integer(width));
	value_set(out, "thumbnail_height", value_integer(height));
}

static struct value *answer(const struct view *v, const struct view_oembed *asked)
{
	struct str author = author_names(v), image = view_image(v, v->post.head);
	struct value *out = value_object();

	if (!is_web(image))
		image = STR_LIT("");
	long width = within(asked->max_width, CARD_WIDTH);
	long height = within(asked->max_height, image.n ? CARD_HEIGHT_WITH_IMAGE : CARD_HEIGHT);
	value_set(out, "version", value_z("1.0"));
	value_set(out, "type", value_z("rich"));
	value_set_str(out, "title", v->post.head->title);
	if (author.n)
		value_set_str(out, "author_name", author);
	value_set(out, "provider_name", value_z(view_site_title(v, v->post.language)));
	value_set_str(out, "provider_url", links_canonical(v->arena, v->config, STR_LIT("/"), v->post.language));
	value_set(out, "cache_age", value_integer(v->config->max_age));
	add_thumbnail(out, asked, v->post.head, image);
	value_set(out, "width", value_integer(width));
	value_set(out, "height", value_integer(height));
	value_set_str(out, "html", card(v, author, image, width, height));
	return out;
}

static void write_xml(const struct value *all, struct buf *out)
{
	void *at = NULL;
	struct str key;
	const struct value *member;

	buf_puts(out, "<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>\n<oembed>\n");
	while (value_each(all, &at, &key, &member)) {
		buf_printf(out, "<%.*s>", STR_ARG(key));
		if (value_kind(member) == VALUE_INTEGER)
			buf_printf(out, "%lld", (long long)value_number(member));
		else
			escape_xml(out, value_text(member));
		buf_printf(out, "</%.*s>\n", STR_ARG(key));
	}
	buf_puts(out, "</oembed>\n");
}

struct str view_oembed(const struct view *v, const struct view_oembed *asked)
{
	struct value *all = answer(v, asked);
	struct buf out = BUF_IN(v->arena);

	if (asked->xml) {
		write_xml(all, &out);
	} else {
		value_write(all, false, &out);
		buf_char(&out, '\n');
	}
	return buf_view(&out);
}

const char *view_oembed_type(const struct view_oembed *asked)
{
	return asked->xml ? "text/xml; charset=utf-8" : "application/json";
}

struct str view_oembed_url(const struct view *v)
{
	struct buf out = BUF_IN(v->arena);

	if (!links_are_absolute(v->config))
		return STR_LIT("");
	links_add(&out, v->config, STR_LIT("/-/oembed"), 0);
	buf_puts(&out, "?url=");
	escape_query(&out, view_canonical(v, v->post.head));
	return buf_view(&out);
}
