/* respond.c: request -> response, the whole pipeline.
 *
 *     problem? -> method -> find (post, list, alias, other slash) -> language
 *     -> view -> header fields -> preconditions
 *
 * A step that finds the index damaged ends the attempt; the index is made anew
 * and the request answered once more from the start.
 */
#include "respond.h"

#include "caching.h"
#include "date.h"
#include "escape.h"
#include "index.h"
#include "links.h"
#include "log.h"
#include "negotiate.h"
#include "uri.h"
#include "view.h"
#include "view_fragment.h"
#include "view_html.h"
#include "view_json.h"
#include "view_text.h"

#include <assert.h>

enum {
	LIST_LENGTH = 10,      /* posts on a page of a list */
	CACHE_TAG_BYTES = 2000 /* nginx refuses a header of more than 4 kB unless told otherwise */
};

enum step { STEP_ANSWERED, STEP_NOT_FOUND, STEP_DAMAGED };

struct answer {
	struct site *site;
	const struct config *config;
	const struct request *request;
	struct arena *arena;
	struct response *response;
	struct index *index;
	struct negotiation choice;
	struct view view;
	struct buf *trace; /* for explain, or NULL */
	int64_t last_modified;
	int64_t next_change; /* when a post on the page appears or expires */
};

/* One line of an explanation: what was decided, and why. */
static void trace(struct answer *a, const char *what, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void trace(struct answer *a, const char *what, const char *format, ...)
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
static const char *shown_path(struct answer *a, const struct post_head *head)
{
	return a->trace ? post_shown_path(a->arena, a->config, head->file) : "";
}

/* --- facts about posts ------------------------------------------------------------ */

static int64_t publish_time(const struct post_head *head)
{
	return head->publish != TIME_ABSENT ? head->publish : head->date;
}

static bool is_public(const struct post_head *head, int64_t now)
{
	int64_t publish = publish_time(head);

	return !head->draft && (publish == TIME_ABSENT || publish <= now) &&
	       (head->expiry == TIME_ABSENT || now < head->expiry);
}

/* "/posts/" -> "posts" */
static struct str section_of(struct str path)
{
	struct str section = str_skip(path, 1);

	if (section.n)
		section.n--;
	return section;
}

/* The moments at which what is public changes by itself. */
static void note_times(struct answer *a, const struct post_head *head)
{
	int64_t publish = publish_time(head), expiry = head->expiry, now = a->request->now;

	if (head->mtime > a->last_modified)
		a->last_modified = head->mtime;
	if (head->draft)
		return;
	if (publish > now && publish < a->next_change)
		a->next_change = publish;
	if (expiry > now && expiry < a->next_change)
		a->next_change = expiry;
	/* To appear and to expire are modifications too.  TIME_ABSENT is before all. */
	if (publish <= now && publish > a->last_modified)
		a->last_modified = publish;
	if (expiry <= now && expiry > a->last_modified)
		a->last_modified = expiry;
}

/* What is on one page of a list depends on all that are in it, and on those
 * that will be. */
static int note_list(struct answer *a, const struct index_heads *heads)
{
	struct index_times times;

	if (index_list_times(a->index, section_of(a->view.path), a->request->now, &times))
		return -1;
	for (size_t i = 0; i < heads->count; i++)
		note_times(a, &heads->at[i]);
	if (times.last > a->last_modified)
		a->last_modified = times.last;
	if (times.next < a->next_change)
		a->next_change = times.next;
	return 0;
}

static void keep_public(struct answer *a, struct index_heads *heads)
{
	size_t kept = 0;

	for (size_t i = 0; i < heads->count; i++) {
		note_times(a, &heads->at[i]);
		if (is_public(&heads->at[i], a->request->now))
			heads->at[kept++] = heads->at[i];
	}
	heads->count = kept;
}

/* --- header fields ------------------------------------------------------------------ */

static void field(struct answer *a, const char *name, struct str value)
{
	response_field(a->response, name, value);
}

static void field_z(struct answer *a, const char *name, const char *value)
{
	field(a, name, str_from(value));
}

static const char *content_type(enum request_format format)
{
	switch (format) {
	case FORMAT_JSON: return "application/json";
	case FORMAT_TEXT: return "text/plain; charset=utf-8";
	case FORMAT_MD: return "text/markdown; charset=utf-8";
	case FORMAT_HTML:
	case FORMAT_FRAGMENT: break;
	}
	return "text/html; charset=utf-8";
}

/* Inline styles are the theme's and the authors'; scripts and frames are for
 * the authors' raw HTML, from their own site or over https. */
static void add_page_safety(struct answer *a)
{
	field_z(a, "Content-Security-Policy",
		"default-src 'self'; img-src 'self' https: data:; media-src 'self' https:; "
		"style-src 'self' 'unsafe-inline'; script-src 'self'; frame-src https:; "
		"object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'");
	field_z(a, "X-Content-Type-Options", "nosniff");
	field_z(a, "Referrer-Policy", "strict-origin-when-cross-origin");
}

static void add_link_field(struct answer *a)
{
	struct buf out = BUF_IN(a->arena);
	const struct value *alternates = view_alternates(&a->view);

	buf_printf(&out, "<%.*s>; rel=\"canonical\"", STR_ARG(view_page_url(&a->view)));
	for (size_t i = 0; i < value_count(alternates); i++) {
		const struct value *item = value_at(alternates, i);
		buf_printf(&out, ", <%.*s>; rel=\"alternate\"; hreflang=\"%.*s\"",
			   STR_ARG(value_text(value_get(item, STR_LIT("href")))),
			   STR_ARG(value_text(value_get(item, STR_LIT("hreflang")))));
	}
	field(a, "Link", buf_view(&out));
}

static void add_cache_tags(struct answer *a)
{
	struct buf out = BUF_IN(a->arena);

	if (a->view.post.head) {
		escape_path(&out, a->view.post.head->group);
	} else {
		buf_puts(&out, "list");
		for (size_t i = 0; i < a->view.item_count; i++) {
			size_t whole = out.n;
			buf_char(&out, ',');
			escape_path(&out, a->view.items[i].head->group);
			if (out.n > CACHE_TAG_BYTES) {
				buf_truncate(&out, whole); /* "list" stands for the rest */
				break;
			}
		}
	}
	field(a, "Cache-Tag", buf_view(&out));
}

/* RFC 9110 §15.4.5: a 304 says what the cache needs, and not what it has. */
static void keep_for_304(struct response *response)
{
	static const char *const kept[] = {"Content-Location", "Vary", "Cache-Tag", "ETag", "Last-Modified",
					   "Cache-Control", "Access-Control-Allow-Origin", NULL};
	size_t count = 0;

	for (size_t i = 0; i < response->field_count; i++)
		for (size_t k = 0; kept[k]; k++)
			if (!strcmp(response->fields[i].name, kept[k]))
				response->fields[count++] = response->fields[i];
	response->field_count = count;
}

/* Validators, then what the preconditions make of the response. */
static void finish(struct answer *a, struct str body)
{
	struct response *response = a->response;
	char date[DATE_HTTP_SIZE];
	struct str etag = caching_etag(a->arena, body);

	if (a->last_modified > a->request->now)
		a->last_modified = a->request->now;
	date_format_http(a->last_modified, date);
	response->body = body;
	response->status = caching_status(a->request, etag, a->last_modified);
	field(a, "ETag", etag);
	field(a, "Last-Modified", arena_str(a->arena, str_from(date)));
	field(a, "Cache-Control",
	      caching_control(a->arena, a->config->max_age, a->request->now, a->next_change));
	if (response->status == 412)
		response->body = STR_LIT("");
	if (response->status == 304)
		keep_for_304(response);
	if (response->status != 304)
		field(a, "Content-Length", arena_printf(a->arena, "%zu", response->body.n));
	response->without_body = a->request->head || response->status == 304;
}

/* --- errors and redirects -------------------------------------------------------------- */

static void forget_fields(struct answer *a)
{
	a->response->field_count = 0;
}

static void answer_error(struct answer *a, int status, struct str detail)
{
	struct buf err = BUF_IN(a->arena);
	bool json = a->request->format == FORMAT_JSON;

	forget_fields(a);
	a->response->status = a->view.status = status;
	a->view.detail = detail;
	a->view.post.head = NULL;
	a->view.language = a->choice.language < 0 ? 0 : (size_t)a->choice.language;
	if (json)
		a->response->body = view_json_error(&a->view);
	else
		a->response->body = view_html_error(&a->view, &err);
	if (!a->response->body.p) {
		log_error("%s", buf_z(&err));
		response_internal_error(a->response);
		return;
	}
	field_z(a, "Content-Type",
		json ? "application/problem+json" : "text/html; charset=utf-8");
	field_z(a, "Content-Language", a->config->languages[a->view.language].tag);
	if (a->choice.vary)
		field_z(a, "Vary", "Accept-Language");
	if (status == 405)
		field_z(a, "Allow", "GET, HEAD");
	if (json)
		field_z(a, "Access-Control-Allow-Origin", "*");
	else
		add_page_safety(a);
	field_z(a, "Cache-Control", "no-cache");
	field(a, "Content-Length", arena_printf(a->arena, "%zu", a->response->body.n));
	a->response->without_body = a->request->head;
}

static void answer_redirect(struct answer *a, struct str location)
{
	struct buf out = BUF_IN(a->arena);

	buf_puts(&out, "<!DOCTYPE html>\n<title>Moved</title>\n<p><a href=\"");
	escape_html(&out, location);
	buf_puts(&out, "\">");
	escape_html(&out, location);
	buf_puts(&out, "</a></p>\n");
	a->response->status = 301;
	a->response->body = buf_view(&out);
	field(a, "Location", location);
	field_z(a, "Content-Type", "text/html; charset=utf-8");
	field(a, "Cache-Control",
	      caching_control(a->arena, a->config->max_age, a->request->now, a->next_change));
	field(a, "Content-Length", arena_printf(a->arena, "%zu", a->response->body.n));
	a->response->without_body = a->request->head;
}

/* The languages that an error page can be in: all. */
static void choose_for_error(struct answer *a)
{
	size_t count = a->config->language_count;
	bool *all = ARENA_ARRAY(a->arena, count, bool);
	struct request request = *a->request;

	memset(all, true, count);
	request.no_fallback = false;
	negotiate(a->arena, a->config, &request, all, all, &a->choice);
}

static struct str problem_detail(struct answer *a, int *status)
{
	switch (a->request->problem) {
	case REQUEST_FINE:
		break;
	case REQUEST_QUERY_LONG:
		*status = 414;
		break;
	case REQUEST_INCOMPLETE:
	case REQUEST_BAD_PATH:
	case REQUEST_BAD_QUERY:
	case REQUEST_BAD_VALUE:
		*status = 400;
		break;
	}
	return a->request->problem_detail;
}

/* --- posts and lists --------------------------------------------------------------------- */

static int load_item(struct answer *a, const struct post_head *head, enum request_view view,
		     struct view_item *item)
{
	*item = (struct view_item){.head = head, .language = view_language(&a->view, head), .view = view};
	return index_body(a->index, a->arena, head->id, &item->body);
}

static struct str rendered(struct answer *a, bool list, struct buf *err)
{
	const struct view *v = &a->view;

	switch (a->request->format) {
	case FORMAT_FRAGMENT: return list ? view_fragment_list(v) : view_fragment_post(v);
	case FORMAT_JSON: return list ? view_json_list(v) : view_json_post(v);
	case FORMAT_TEXT: return list ? view_text_list(v) : view_text_post(v);
	case FORMAT_MD: return list ? view_text_source_list(v) : view_text_source(v);
	case FORMAT_HTML: break;
	}
	return list ? view_html_list(v, err) : view_html_post(v, err);
}

static void answer_view(struct answer *a, bool list)
{
	enum request_format format = a->request->format;
	struct buf err = BUF_IN(a->arena);
	struct str body = rendered(a, list, &err);

	if (!body.p) {
		log_error("%s", buf_z(&err));
		answer_error(a, 500, STR_LIT(""));
		return;
	}
	field_z(a, "Content-Type", content_type(format));
	field_z(a, "Content-Language", a->config->languages[a->view.language].tag);
	field(a, "Content-Location", view_page_url(&a->view));
	add_link_field(a);
	if (a->choice.vary)
		field_z(a, "Vary", "Accept-Language");
	if (format == FORMAT_HTML)
		add_page_safety(a);
	else
		field_z(a, "X-Robots-Tag", "noindex");
	if (format == FORMAT_JSON || format == FORMAT_FRAGMENT)
		field_z(a, "Access-Control-Allow-Origin", "*");
	add_cache_tags(a);
	finish(a, body);
}

static void mark(struct answer *a, const struct index_heads *heads, struct str path, bool *available, bool *here)
{
	for (size_t i = 0; i < heads->count; i++) {
		size_t at = view_language(&a->view, &heads->at[i]);
		available[at] = true;
		here[at] |= str_eq(heads->at[i].path, path);
	}
}

static const struct post_head *head_in(struct answer *a, const struct index_heads *heads, int language)
{
	for (size_t i = 0; i < heads->count; i++)
		if ((int)view_language(&a->view, &heads->at[i]) == language)
			return &heads->at[i];
	return NULL;
}

static bool nowhere(const bool *here, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (here[i])
			return false;
	return true;
}

static void trace_translations(struct answer *a, const struct index_heads *heads)
{
	for (size_t i = 0; i < heads->count; i++)
		trace(a, "has", "%.*s at %.*s, %s", STR_ARG(heads->at[i].lang), STR_ARG(heads->at[i].path),
		      shown_path(a, &heads->at[i]));
}

static void trace_language(struct answer *a)
{
	if (a->choice.language < 0)
		trace(a, "language", "none: lang asks for one that is not there, and fallback=no");
	else
		trace(a, "language", "%s, %s%s", a->config->languages[a->choice.language].tag,
		      negotiate_reason(a->choice.by),
		      a->choice.elsewhere ? "; it has another path" : a->choice.fallback ? " (a fallback)" : "");
}

static const char *view_name(enum request_view view)
{
	static const char *const names[] = {"absent", "full", "excerpt", "rest"};
	return names[view];
}

static enum step answer_list(struct answer *a, const struct post_head *section, struct str path);

/* To the canonical address of the language that lang asks for, with what else
 * the reader asked for. */
static void redirect_to_translation(struct answer *a, struct str path)
{
	struct str url = links_canonical(a->arena, a->config, path, a->view.language);
	struct str query = links_query(a->arena, a->request->query, "lang");
	bool has_query = str_find_char(url, '?') < url.n;

	answer_redirect(a, arena_printf(a->arena, "%.*s%s%.*s", STR_ARG(url), query.n && has_query ? "&" : "",
					STR_ARG(query.n && has_query ? str_skip(query, 1) : query)));
}

/* The same request at another path. */
static void redirect_to(struct answer *a, struct str path)
{
	size_t language = a->request->path_language > 0 ? (size_t)a->request->path_language : 0;
	struct str url = links_canonical(a->arena, a->config, path, language);
	struct str query = links_query(a->arena, a->request->query, NULL);

	answer_redirect(a, arena_printf(a->arena, "%.*s%.*s", STR_ARG(url), STR_ARG(query)));
}

/* `path` is where the translations were found; it is the request's own but for
 * a slash at the end, in an include. */
static enum step answer_group(struct answer *a, struct str group, struct str path)
{
	size_t count = a->config->language_count;
	bool *available = ARENA_ARRAY(a->arena, count, bool), *here = ARENA_ARRAY(a->arena, count, bool);
	struct index_heads *heads = &a->view.translations;

	if (index_group(a->index, a->arena, group, heads))
		return STEP_DAMAGED;
	keep_public(a, heads);
	mark(a, heads, path, available, here);
	if (nowhere(here, count)) {
		heads->count = 0;
		return STEP_NOT_FOUND;
	}
	trace(a, "post", "%.*s, by its path", STR_ARG(group));
	trace_translations(a, heads);
	negotiate(a->arena, a->config, a->request, available, here, &a->choice);
	trace_language(a);
	if (a->choice.language < 0) {
		choose_for_error(a);
		answer_error(a, 404, STR_LIT("There is no translation in the language that lang asks for."));
		return STEP_ANSWERED;
	}
	const struct post_head *head = head_in(a, heads, a->choice.language);
	a->view.language = (size_t)a->choice.language;
	if (a->choice.elsewhere && !a->request->included) {
		redirect_to_translation(a, head->path);
		return STEP_ANSWERED;
	}
	if (head->kind == POST_SECTION)
		return answer_list(a, head, path);
	enum request_view view = a->request->view == VIEW_ABSENT ? VIEW_FULL : a->request->view;
	trace(a, "view", "%s, %s", view_name(view),
	      a->request->view == VIEW_ABSENT ? "because a post's default is the whole" : "by the view parameter");
	trace(a, "file", "%s", shown_path(a, head));
	if (load_item(a, head, view, &a->view.post))
		return STEP_DAMAGED;
	answer_view(a, false);
	return STEP_ANSWERED;
}

/* How a post shows in a list when the request does not say. */
static enum request_view list_view(struct answer *a, const struct post_head *head)
{
	if (a->request->view != VIEW_ABSENT)
		return a->request->view;
	if (head->use_excerpt != TRISTATE_ABSENT)
		return head->use_excerpt == TRISTATE_TRUE ? VIEW_EXCERPT : VIEW_FULL;
	return a->config->list_view == LIST_FULL ? VIEW_FULL : VIEW_EXCERPT;
}

/* Of each group the translation that this list's language gets. */
static size_t pick_translations(struct answer *a, struct index_heads *heads)
{
	size_t count = a->config->language_count, kept = 0;
	struct request request = *a->request;

	request.lang = str_from(a->config->languages[a->view.language].tag);
	for (size_t i = 0, end; i < heads->count; i = end) {
		bool *available = ARENA_ARRAY(a->arena, count, bool);
		struct negotiation choice;
		for (end = i; end < heads->count && str_eq(heads->at[end].group, heads->at[i].group); end++)
			available[view_language(&a->view, &heads->at[end])] = true;
		negotiate(a->arena, a->config, &request, available, available, &choice);
		struct index_heads group = {&heads->at[i], end - i};
		const struct post_head *best = head_in(a, &group, choice.language);
		if (best)
			heads->at[kept++] = *best;
	}
	return kept;
}

static int load_page(struct answer *a, struct index_heads *heads)
{
	struct view *v = &a->view;
	size_t limit = a->request->limit ? (size_t)a->request->limit : LIST_LENGTH;
	size_t first = (size_t)(a->request->page - 1) * limit;

	v->total = heads->count;
	v->page = a->request->page;
	v->pages = v->total ? (long)((v->total + limit - 1) / limit) : 1;
	v->items = ARENA_ARRAY(a->arena, limit, struct view_item);
	for (size_t i = first; i < heads->count && v->item_count < limit; i++) {
		const struct post_head *head = &heads->at[i];
		trace(a, "item", "%s, %s", shown_path(a, head),
		      view_name(list_view(a, head)));
		if (load_item(a, head, list_view(a, head), &v->items[v->item_count++]))
			return -1;
	}
	return 0;
}

static enum step answer_list(struct answer *a, const struct post_head *section, struct str path)
{
	size_t count = a->config->language_count;
	bool *all = ARENA_ARRAY(a->arena, count, bool);
	struct index_heads heads;

	memset(all, true, count);
	negotiate(a->arena, a->config, a->request, all, all, &a->choice);
	if (a->choice.language < 0) {
		choose_for_error(a);
		answer_error(a, 404, STR_LIT("The site is not in the language that lang asks for."));
		return STEP_ANSWERED;
	}
	trace(a, "list", "of %s", str_is(path, "/") ? "all posts" : "a section");
	trace_language(a);
	a->view.language = (size_t)a->choice.language;
	if (a->choice.elsewhere && !a->request->included) {
		redirect_to_translation(a, path);
		return STEP_ANSWERED;
	}
	a->view.path = path;
	a->view.translations.count = 0;
	if (section) {
		struct view_item item;
		a->view.section = section;
		if (load_item(a, section, VIEW_FULL, &item))
			return STEP_DAMAGED;
		a->view.post.body = item.body;
	}
	if (index_list(a->index, a->arena, section_of(a->view.path), a->request->now, &heads) ||
	    note_list(a, &heads))
		return STEP_DAMAGED;
	heads.count = pick_translations(a, &heads);
	if (load_page(a, &heads))
		return STEP_DAMAGED;
	if (a->view.page > a->view.pages)
		return STEP_NOT_FOUND;
	answer_view(a, true);
	return STEP_ANSWERED;
}

/* --- finding --------------------------------------------------------------------------------- */

static bool is_list_path(struct answer *a, struct str path, bool *damaged)
{
	struct str section = section_of(path);

	if (str_is(path, "/"))
		return true;
	if (!str_ends(path, "/") || str_find_char(section, '/') < section.n)
		return false;
	int found = index_has_section(a->index, section);
	*damaged |= found < 0;
	return found > 0;
}

static struct str other_slash(struct answer *a, struct str path)
{
	if (str_is(path, "/"))
		return path;
	if (str_ends(path, "/"))
		return str_head(path, path.n - 1);
	return arena_printf(a->arena, "%.*s/", STR_ARG(path));
}

/* What is at `path`: answers it, or says that there is nothing. */
static enum step answer_at(struct answer *a, struct str path)
{
	struct str group;
	bool damaged = false;
	int found = index_find_path(a->index, a->arena, path, a->request->now, &group);

	if (found < 0)
		return STEP_DAMAGED;
	if (found) {
		enum step step = answer_group(a, group, path);
		if (step != STEP_NOT_FOUND)
			return step;
	}
	if (is_list_path(a, path, &damaged))
		return answer_list(a, NULL, path);
	return damaged ? STEP_DAMAGED : STEP_NOT_FOUND;
}

static enum step answer_alias(struct answer *a)
{
	struct post_head head;
	int found = index_find_alias(a->index, a->arena, a->request->path, a->request->now, &head);

	if (found < 0)
		return STEP_DAMAGED;
	if (!found || !is_public(&head, a->request->now))
		return STEP_NOT_FOUND;
	note_times(a, &head);
	trace(a, "post", "%.*s, by its alias", STR_ARG(head.group));
	if (a->request->included)
		return answer_at(a, head.path);
	/* In the reader's language, if the request says one; else in the alias's own. */
	if (!a->request->lang.n) {
		a->view.language = view_language(&a->view, &head);
		redirect_to_translation(a, head.path);
		return STEP_ANSWERED;
	}
	redirect_to(a, head.path);
	return STEP_ANSWERED;
}

/* /posts/x/ for /posts/x, and /posts for /posts/. */
static enum step answer_other_slash(struct answer *a)
{
	struct str other = other_slash(a, a->request->path), group;
	bool damaged = false;

	if (str_eq(other, a->request->path))
		return STEP_NOT_FOUND;
	if (a->request->included)
		return answer_at(a, other);
	int found = index_find_path(a->index, a->arena, other, a->request->now, &group);
	if (found < 0)
		return STEP_DAMAGED;
	if (found) {
		struct index_heads heads;
		if (index_group(a->index, a->arena, group, &heads))
			return STEP_DAMAGED;
		keep_public(a, &heads);
		found = heads.count > 0;
	}
	if (!found && !is_list_path(a, other, &damaged))
		return damaged ? STEP_DAMAGED : STEP_NOT_FOUND;
	trace(a, "slash", "it is at %.*s", STR_ARG(other));
	redirect_to(a, other);
	return STEP_ANSWERED;
}

static enum step find(struct answer *a)
{
	enum step step = answer_at(a, a->request->path);

	if (step == STEP_NOT_FOUND)
		step = answer_alias(a);
	if (step == STEP_NOT_FOUND)
		step = answer_other_slash(a);
	return step;
}

/* --- the function ------------------------------------------------------------------------------ */

static void begin(struct answer *a, struct site *site, const struct request *request, struct arena *arena,
		  struct response *response, struct buf *explanation)
{
	if (explanation)
		buf_reset(explanation);
	*a = (struct answer){
		.site = site,
		.trace = explanation,
		.config = site_config(site),
		.request = request,
		.arena = arena,
		.response = response,
		.index = site_index(site),
		.next_change = INT64_MAX,
	};
	a->last_modified = theme_mtime(site_theme(site));
	if (a->config->mtime > a->last_modified)
		a->last_modified = a->config->mtime;
	a->view = (struct view){
		.arena = arena,
		.config = a->config,
		.theme = site_theme(site),
		.request = request,
		.choice = &a->choice,
		.path = STR_LIT(""),
		.page = 1,
	};
	*response = (struct response){0};
	value_pool(arena);
	choose_for_error(a);
}

/* False when the index is damaged. */
static bool attempt(struct answer *a)
{
	int status = 0;
	struct str detail = problem_detail(a, &status);

	if (status) {
		answer_error(a, status, detail);
		return true;
	}
	if (!a->request->readable) {
		answer_error(a, 405, STR_LIT("Only GET and HEAD are answered here."));
		return true;
	}
	if (index_begin(a->index))
		return false;
	enum step step = find(a);
	if (step == STEP_NOT_FOUND) {
		choose_for_error(a);
		answer_error(a, 404, STR_LIT(""));
	}
	index_end(a->index);
	return step != STEP_DAMAGED;
}

static void respond_or_jump(struct site *site, const struct request *request, struct arena *arena,
			    struct response *response, struct buf *explanation)
{
	struct answer a;

	begin(&a, site, request, arena, response, explanation);
	if (attempt(&a))
		return;
	/* Out of memory, or locked for too long, is not damaged: to build the index
	 * anew would make either worse. */
	bool mended = index_damaged(a.index) && site_mend(site);
	begin(&a, site, request, arena, response, explanation);
	if (mended && attempt(&a))
		return;
	answer_error(&a, 500, STR_LIT(""));
}

void respond_explain(struct site *site, const struct request *request, struct arena *arena,
		     struct response *response, struct buf *explanation)
{
	jmp_buf oom, *outer = arena->oom;

	if (setjmp(oom)) {
		index_end(site_index(site));
		log_error("out of memory while answering a request");
		response_internal_error(response);
		response->without_body = request->head;
	} else {
		arena->oom = &oom;
		respond_or_jump(site, request, arena, response, explanation);
	}
	arena->oom = outer;
}

void respond(struct site *site, const struct request *request, struct arena *arena,
	     struct response *response)
{
	respond_explain(site, request, arena, response, NULL);
}
