/* answer.c: what answers of every kind are made of: header fields,
 * validators, errors, redirects.
 */
#include "answer.h"

#include "caching.h"
#include "date.h"
#include "escape.h"
#include "links.h"
#include "log.h"
#include "uri.h"
#include "view_fragment.h"
#include "view_html.h"
#include "view_json.h"
#include "view_text.h"

/* nginx refuses a header of more than 4 kB unless told otherwise. */
enum { LINK_BYTES = 2200, CACHE_TAG_BYTES = 2000, BOTH_BYTES = 2800 };

void answer_trace(struct answer *a, const char *what, const char *format, ...)
{
	va_list args;

	if (!a->trace)
		return;
	buf_printf(a->trace, "%-10s", what);
	va_start(args, format);
	buf_vprintf(a->trace, format, args);
	va_end(args);
	buf_char(a->trace, '\n');
}

/* Only who is to be told needs to know. */
const char *answer_shown_path(struct answer *a, const struct post_head *head)
{
	return a->trace ? post_shown_path(a->arena, a->config, head->file) : "";
}

/* --- times ---------------------------------------------------------------------------- */

bool answer_is_public(const struct post_head *head, int64_t now)
{
	return !head->draft && post_start(head) <= now && now < post_stop(head);
}

void answer_note_times(struct answer *a, const struct post_head *head)
{
	int64_t start = post_start(head), stop = post_stop(head), now = a->request->now;

	if (head->mtime > a->last_modified)
		a->last_modified = head->mtime;
	if (head->draft)
		return;
	if (start > now && start < a->next_change)
		a->next_change = start;
	if (stop > now && stop < a->next_change)
		a->next_change = stop;
	/* To appear and to expire are modifications too.  TIME_ABSENT is before all. */
	if (start <= now && start > a->last_modified)
		a->last_modified = start;
	if (stop <= now && stop > a->last_modified)
		a->last_modified = stop;
}

void answer_note_page(struct answer *a, const struct index_page *page)
{
	if (page->modified > a->last_modified)
		a->last_modified = page->modified;
	if (page->next_change < a->next_change)
		a->next_change = page->next_change;
}

/* Behind those of its own language, so that the first of two still is. */
static void put_in_order(struct answer *a, struct index_heads *heads, struct post_head head)
{
	size_t language = view_language(&a->view, &head), at = heads->count++;

	for (; at && view_language(&a->view, &heads->at[at - 1]) > language; at--)
		heads->at[at] = heads->at[at - 1];
	heads->at[at] = head;
}

void answer_keep_public(struct answer *a, struct index_heads *heads)
{
	size_t count = heads->count;

	heads->count = 0;
	for (size_t i = 0; i < count; i++) {
		answer_note_times(a, &heads->at[i]);
		if (answer_is_public(&heads->at[i], a->request->now))
			put_in_order(a, heads, heads->at[i]);
	}
}

/* --- header fields ------------------------------------------------------------------ */

void answer_field(struct answer *a, const char *name, struct str value)
{
	response_field(a->response, name, value);
}

void answer_field_z(struct answer *a, const char *name, const char *value)
{
	answer_field(a, name, str_from(value));
}

/* Other sites' pages may read what is made for them, errors and redirects too;
 * of the fields they are shown those that the text does not say. */
static bool is_for_programs(enum request_format format)
{
	return format == FORMAT_JSON || format == FORMAT_FRAGMENT;
}

static void share(struct answer *a)
{
	answer_field_z(a, "Access-Control-Allow-Origin", "*");
	answer_field_z(a, "Access-Control-Expose-Headers", "Content-Language, Content-Location, ETag, Link");
}

static void add_sharing(struct answer *a)
{
	if (is_for_programs(a->request->format))
		share(a);
}

static const char *content_type(enum request_format format)
{
	switch (format) {
	case FORMAT_JSON: return "application/json";
	case FORMAT_TEXT: return "text/plain; charset=utf-8";
	case FORMAT_MD: return "text/markdown; charset=utf-8";
	case FORMAT_XML:
	case FORMAT_HTML:
	case FORMAT_FRAGMENT: break;
	}
	return "text/html; charset=utf-8";
}

/* Inline styles are the theme's and the authors'; scripts and frames are for
 * the authors' raw HTML, from their own site or over https. */
static void add_page_safety(struct answer *a)
{
	answer_field_z(a, "Content-Security-Policy",
		"default-src 'self'; img-src 'self' https: data:; media-src 'self' https:; "
		"style-src 'self' 'unsafe-inline'; script-src 'self'; frame-src https:; "
		"object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'");
	answer_field_z(a, "X-Content-Type-Options", "nosniff");
	answer_field_z(a, "Referrer-Policy", "strict-origin-when-cross-origin");
}

static void add_alternates(struct answer *a, struct buf *out)
{
	const struct value *alternates = view_alternates(&a->view);
	size_t before = out->n;

	for (size_t i = 0; i < value_count(alternates); i++) {
		const struct value *item = value_at(alternates, i);
		buf_printf(out, ", <%.*s>; rel=\"alternate\"; hreflang=\"%.*s\"",
			   STR_ARG(value_text(value_get(item, STR_LIT("href")))),
			   STR_ARG(value_text(value_get(item, STR_LIT("hreflang")))));
	}
	if (out->n > LINK_BYTES) /* the page itself has them, too */
		buf_truncate(out, before);
}

static void add_link_field(struct answer *a)
{
	struct buf out = BUF_IN(a->arena);

	buf_printf(&out, "<%.*s>; rel=\"canonical\"", STR_ARG(view_page_url(&a->view)));
	add_alternates(a, &out);
	if (a->view.page > 1)
		buf_printf(&out, ", <%.*s>; rel=\"prev\"", STR_ARG(view_list_url(&a->view, a->view.page - 1)));
	if (a->view.page < a->view.pages)
		buf_printf(&out, ", <%.*s>; rel=\"next\"", STR_ARG(view_list_url(&a->view, a->view.page + 1)));
	answer_field(a, "Link", buf_view(&out));
}

static void add_cache_tag(struct answer *a, struct buf *out, struct str group)
{
	struct buf tag = BUF_IN(a->arena);
	struct str rest = buf_view(out);

	escape_path(&tag, group);
	while (rest.n)
		if (str_eq(str_cut(&rest, ','), buf_view(&tag)))
			return;
	size_t link = response_get(a->response, "Link").n;
	if (out->n && (out->n + tag.n >= CACHE_TAG_BYTES || out->n + tag.n + link >= BOTH_BYTES))
		return; /* in a list "list" stands for the rest */
	if (out->n)
		buf_char(out, ',');
	buf_str(out, buf_view(&tag));
}

static void add_cache_tags_of(struct answer *a, struct buf *out, const struct index_heads *heads)
{
	for (size_t i = 0; i < heads->count; i++)
		add_cache_tag(a, out, heads->at[i].group);
}

/* The groups of all posts that the answer is made of. */
static void add_cache_tags(struct answer *a)
{
	struct buf out = BUF_IN(a->arena);
	const struct view *v = &a->view;

	if (v->post.head) {
		add_cache_tag(a, &out, v->post.head->group);
		add_cache_tags_of(a, &out, &v->older);
		add_cache_tags_of(a, &out, &v->newer);
		add_cache_tags_of(a, &out, &v->related);
		add_cache_tags_of(a, &out, &v->series.heads);
	} else {
		buf_puts(&out, "list");
		for (size_t i = 0; i < v->item_count; i++)
			add_cache_tag(a, &out, v->items[i].head->group);
	}
	answer_field(a, "Cache-Tag", buf_view(&out));
}

/* Length, validators, and what the preconditions make of the response. */
static void finish(struct answer *a, struct str body)
{
	struct response *response = a->response;

	response->status = 200;
	response->body = body;
	response->has_validators = true;
	response->last_modified = a->last_modified;
	response->next_change = a->next_change;
	answer_field(a, "ETag", caching_etag(a->arena, body));
	caching_finish(a->arena, a->request, a->config->max_age, response);
}

/* --- errors and redirects -------------------------------------------------------------- */

static void forget_fields(struct answer *a)
{
	a->response->field_count = 0;
}

static bool is_for_programs_only(const struct answer *a)
{
	return a->route.kind == ROUTE_BATCH || a->route.kind == ROUTE_OEMBED;
}

/* What a template says of itself is a line of its own, with file and place. */
static void log_failure(const struct buf *err)
{
	if (err->n)
		log_lines(buf_view(err));
	else
		log_error("out of memory while a page was made");
}

void answer_error(struct answer *a, int status, struct str detail)
{
	struct buf err = BUF_IN(a->arena);
	bool json = a->request->format == FORMAT_JSON || is_for_programs_only(a);

	forget_fields(a);
	a->response->status = a->view.status = status;
	a->view.detail = detail;
	a->view.post.head = NULL;
	a->view.language = a->choice.language < 0 ? 0 : (size_t)a->choice.language;
	if (a->request->included && a->request->format == FORMAT_FRAGMENT)
		a->response->body = STR_LIT(""); /* the page around it has words of its own */
	else if (json)
		a->response->body = view_json_error(&a->view);
	else
		a->response->body = view_html_error(&a->view, &err);
	if (!a->response->body.p) {
		log_failure(&err);
		response_internal_error(a->response);
		return;
	}
	answer_field_z(a, "Content-Type",
		json ? "application/problem+json" : "text/html; charset=utf-8");
	answer_field_z(a, "Content-Language", a->config->languages[a->view.language].tag);
	if (a->choice.vary)
		answer_field_z(a, "Vary", "Accept-Language");
	if (status == 405)
		answer_field_z(a, "Allow", "GET, HEAD");
	if (json || is_for_programs(a->request->format))
		share(a);
	if (!json)
		add_page_safety(a);
	answer_field_z(a, "Cache-Control", "no-cache");
	answer_field(a, "Content-Length", arena_printf(a->arena, "%zu", a->response->body.n));
	a->response->without_body = a->request->head;
}

static void redirect(struct answer *a, struct str location)
{
	struct buf out = BUF_IN(a->arena);

	buf_puts(&out, "<!DOCTYPE html>\n<title>Moved</title>\n<p><a href=\"");
	escape_html(&out, location);
	buf_puts(&out, "\">");
	escape_html(&out, location);
	buf_puts(&out, "</a></p>\n");
	a->response->status = 301;
	a->response->body = buf_view(&out);
	answer_field(a, "Location", location);
	answer_field_z(a, "Content-Type", "text/html; charset=utf-8");
	add_sharing(a);
	answer_field(a, "Cache-Control",
	      caching_control(a->arena, a->config->max_age, a->request->now, a->next_change));
	answer_field(a, "Content-Length", arena_printf(a->arena, "%zu", a->response->body.n));
	a->response->without_body = a->request->head;
}

void answer_redirect_to_translation(struct answer *a, struct str path)
{
	struct str url = links_canonical(a->arena, a->config, path, a->view.language);
	struct str query = links_query(a->arena, a->request->query, "lang");
	bool has_query = str_find_char(url, '?') < url.n;

	redirect(a, arena_printf(a->arena, "%.*s%s%.*s", STR_ARG(url), query.n && has_query ? "&" : "",
					STR_ARG(query.n && has_query ? str_skip(query, 1) : query)));
}

void answer_redirect_to(struct answer *a, struct str path)
{
	size_t language = a->request->path_language > 0 ? (size_t)a->request->path_language : 0;
	struct str url = links_canonical(a->arena, a->config, path, language);
	struct str query = links_query(a->arena, a->request->query, NULL);

	redirect(a, arena_printf(a->arena, "%.*s%.*s", STR_ARG(url), STR_ARG(query)));
}

/* --- languages ------------------------------------------------------------------------- */

void answer_choose_for_error(struct answer *a)
{
	size_t count = a->config->language_count;
	bool *all = ARENA_ARRAY(a->arena, count, bool);
	struct request request = *a->request;

	memset(all, true, count);
	request.no_fallback = false;
	negotiate(a->arena, a->config, &request, all, all, &a->choice);
}

const struct post_head *answer_head_in(struct answer *a, const struct index_heads *heads, int language)
{
	for (size_t i = 0; i < heads->count; i++)
		if ((int)view_language(&a->view, &heads->at[i]) == language)
			return &heads->at[i];
	return NULL;
}

void answer_trace_language(struct answer *a)
{
	if (a->choice.language < 0)
		answer_trace(a, "language", "none: lang asks for one that is not there, and fallback=no");
	else
		answer_trace(a, "language", "%s, %s%s", a->config->languages[a->choice.language].tag,
		      negotiate_reason(a->choice.by),
		      a->choice.elsewhere ? "; it has another path" : a->choice.fallback ? " (a fallback)" : "");
}

/* --- a page ---------------------------------------------------------------------------- */

int answer_load_item(struct answer *a, const struct post_head *head, enum request_view view,
		     struct view_item *item)
{
	*item = (struct view_item){.head = head, .language = view_language(&a->view, head), .view = view};
	return index_body(a->index, a->arena, head->id, &item->body);
}

enum request_view answer_list_view(struct answer *a, const struct post_head *head)
{
	if (a->request->view != VIEW_ABSENT)
		return a->request->view;
	if (head->use_excerpt != TRISTATE_ABSENT)
		return head->use_excerpt == TRISTATE_TRUE ? VIEW_EXCERPT : VIEW_FULL;
	return a->config->list_view == LIST_FULL ? VIEW_FULL : VIEW_EXCERPT;
}

static struct str rendered(struct answer *a, bool list, struct buf *err)
{
	const struct view *v = &a->view;

	switch (a->request->format) {
	case FORMAT_FRAGMENT: return list ? view_fragment_list(v) : view_fragment_post(v);
	case FORMAT_JSON: return list ? view_json_list(v) : view_json_post(v);
	case FORMAT_TEXT: return list ? view_text_list(v) : view_text_post(v);
	case FORMAT_MD: return list ? view_text_source_list(v) : view_text_source(v);
	case FORMAT_XML:
	case FORMAT_HTML: break;
	}
	return list ? view_html_list(v, err) : view_html_post(v, err);
}

void answer_document(struct answer *a, const struct answer_document *document)
{
	answer_field_z(a, "Content-Type", document->type);
	if (document->has_language)
		answer_field_z(a, "Content-Language", a->config->languages[a->view.language].tag);
	if (document->is_linked) {
		answer_field(a, "Content-Location", view_page_url(&a->view));
		add_link_field(a);
	}
	if (a->choice.vary)
		answer_field_z(a, "Vary", "Accept-Language");
	if (document->is_page)
		add_page_safety(a);
	else
		answer_field_z(a, "X-Content-Type-Options", "nosniff");
	if (document->is_copy)
		answer_field_z(a, "X-Robots-Tag", "noindex");
	if (document->is_shared)
		share(a);
	add_cache_tags(a);
	finish(a, document->body);
}

void answer_page(struct answer *a, bool list)
{
	enum request_format format = a->request->format;
	struct buf err = BUF_IN(a->arena);
	struct answer_document document = {
		.body = rendered(a, list, &err),
		.type = content_type(format),
		.has_language = true,
		.is_linked = true,
		.is_page = format == FORMAT_HTML,
		.is_copy = format != FORMAT_HTML,
		.is_shared = is_for_programs(format),
	};

	if (document.body.p) {
		answer_document(a, &document);
		return;
	}
	log_failure(&err);
	answer_error(a, 500, STR_LIT(""));
}
