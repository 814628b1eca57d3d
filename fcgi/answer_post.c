/* answer_post.c: a group of translations -> the page of one of them.
 *
 * What stands around an article (older, newer, its series, related ones) is
 * looked up for whole pages and JSON only: an excerpt for a landing page does
 * not pay for it.
 */
#include "answer.h"

#include "date.h"

static void mark(struct answer *a, const struct index_heads *heads, struct str path, bool *available, bool *here)
{
	for (size_t i = 0; i < heads->count; i++) {
		size_t at = view_language(&a->view, &heads->at[i]);
		available[at] = true;
		here[at] |= str_eq(heads->at[i].path, path);
	}
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
		answer_trace(a, "has", "%.*s at %.*s, %s", STR_ARG(heads->at[i].lang), STR_ARG(heads->at[i].path),
			     answer_shown_path(a, &heads->at[i]));
}

/* What an author asks explain for: why is it not there? */
static void trace_hidden(struct answer *a, const struct index_heads *heads)
{
	for (size_t i = 0; a->trace && i < heads->count; i++) {
		const struct post_head *head = &heads->at[i];
		bool early = post_start(head) > a->request->now;
		char when[DATE_ISO_SIZE] = "";
		if (answer_is_public(head, a->request->now))
			continue;
		if (!head->draft)
			date_format_iso(early ? post_start(head) : post_stop(head), when);
		answer_trace(a, "hidden", "%s: %s%s", answer_shown_path(a, head),
			     head->draft ? "a draft"
			     : early     ? "not public before "
					 : "not public since ",
			     when);
	}
}

/* A section's page is a list.  That of tags, or of one, may have an _index, too. */
static enum step answer_section(struct answer *a, const struct post_head *head, struct str path)
{
	struct route *route = &a->route;
	bool is_own = route->kind == ROUTE_LIST && (route->scope == SCOPE_ALL || route->scope == SCOPE_SECTION) &&
		      !route->year;

	if (is_own || route->kind == ROUTE_NONE)
		*route = (struct route){
			.kind = ROUTE_LIST,
			.path = path,
			.scope = head->section.n ? SCOPE_SECTION : SCOPE_ALL,
			.name = head->section,
		};
	return answer_list(a, head);
}

static void note_heads(struct answer *a, const struct index_heads *heads)
{
	for (size_t i = 0; i < heads->count; i++)
		answer_note_times(a, &heads->at[i]);
}

/* What a reader may go on with. */
static int look_around(struct answer *a, const struct post_head *head)
{
	enum { RELATED = 3, PARTS = 50 };
	struct view *v = &a->view;
	struct str section = head->section;
	struct index_list list = INDEX_LIST(.language = v->language, .now = a->request->now);
	int64_t next_change;

	list.scope = section.n ? SCOPE_SECTION : SCOPE_ALL;
	list.name = str_cut(&section, '/');
	if (index_neighbours(a->index, a->arena, &list, head, &v->older, &v->newer, &next_change) ||
	    index_related(a->index, a->arena, v->language, head, a->request->now, RELATED, &v->related))
		return -1;
	/* Whoever appears there may come to stand beside it. */
	if (next_change < a->next_change)
		a->next_change = next_change;
	list.scope = SCOPE_SERIES;
	list.name = view_series_key(v, head);
	list.oldest_first = true;
	list.limit = PARTS;
	if (list.name.n && index_list(a->index, a->arena, &list, &v->series))
		return -1;
	note_heads(a, &v->older);
	note_heads(a, &v->newer);
	note_heads(a, &v->related);
	note_heads(a, &v->series.heads);
	return 0;
}

/* The translation that the request gets, or NULL: it is answered otherwise. */
static enum step choose(struct answer *a, struct str group, struct str path, const struct post_head **head)
{
	size_t count = a->config->language_count;
	bool *available = ARENA_ARRAY(a->arena, count, bool), *here = ARENA_ARRAY(a->arena, count, bool);
	struct index_heads *heads = &a->view.translations;

	*head = NULL;
	if (index_group(a->index, a->arena, group, heads))
		return STEP_DAMAGED;
	trace_hidden(a, heads);
	answer_keep_public(a, heads);
	mark(a, heads, path, available, here);
	if (nowhere(here, count)) {
		heads->count = 0;
		return STEP_NOT_FOUND;
	}
	answer_trace(a, "post", "%.*s, by its path", STR_ARG(group));
	trace_translations(a, heads);
	negotiate(a->arena, a->config, a->request, available, here, &a->choice);
	answer_trace_language(a);
	if (a->choice.language < 0) {
		answer_choose_for_error(a);
		answer_error(a, 404, STR_LIT("There is no translation in the language that lang asks for."));
		return STEP_ANSWERED;
	}
	a->view.language = (size_t)a->choice.language;
	const struct post_head *chosen = answer_head_in(a, heads, a->choice.language);
	if (a->choice.elsewhere && !a->request->included)
		answer_redirect_to_translation(a, chosen->path);
	else
		*head = chosen;
	return STEP_ANSWERED;
}

enum step answer_group(struct answer *a, struct str group, struct str path)
{
	const struct post_head *head;
	enum step step = choose(a, group, path, &head);
	enum request_view view = a->request->view == VIEW_ABSENT ? VIEW_FULL : a->request->view;

	if (!head)
		return step;
	if (head->kind == POST_SECTION)
		return answer_section(a, head, path);
	answer_trace(a, "view", "%s, %s", view_word(view),
		     a->request->view == VIEW_ABSENT ? "because a post's default is the whole"
						     : "by the view parameter");
	answer_trace(a, "file", "%s", answer_shown_path(a, head));
	bool whole = view == VIEW_FULL && (a->request->format == FORMAT_HTML || a->request->format == FORMAT_JSON);
	if (answer_load_item(a, head, view, &a->view.post) || (whole && look_around(a, head)))
		return STEP_DAMAGED;
	answer_page(a, false);
	return STEP_ANSWERED;
}

enum step answer_article(struct answer *a, struct str group, struct str path)
{
	const struct post_head *head;
	enum step step = choose(a, group, path, &head);

	if (!head)
		return step == STEP_ANSWERED ? STEP_NOT_FOUND : step;
	if (head->kind == POST_SECTION)
		return STEP_NOT_FOUND;
	return answer_load_item(a, head, VIEW_EXCERPT, &a->view.post) ? STEP_DAMAGED : STEP_ANSWERED;
}
