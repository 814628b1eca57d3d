/* answer_list.c: a list, or a feed of it: which posts, in which language.
 *
 * Home, sections, tags, years, search results and the pages that name them are
 * all lists; what differs is in struct route.
 */
#include "answer.h"

#include "date.h"
#include "search.h"
#include "taxonomy.h"
#include "view_feed.h"

enum { LIST_LENGTH = 10 /* posts on a page */, FEED_LENGTH = 20 };

static int64_t month_start(int year, int month)
{
	struct date date = {.year = year, .month = month, .day = 1};

	if (month > 12) {
		date.year++;
		date.month = 1;
	}
	return date_join(&date);
}

static struct index_list list_of(const struct answer *a, const struct route *route)
{
	struct index_list list = INDEX_LIST(.language = a->view.language, .scope = route->scope,
					    .now = a->request->now, .own = a->request->no_fallback);

	list.name = route->name;
	list.tag = taxonomy_key(a->arena, a->request->tag);
	if (route->year) {
		list.from = month_start(route->year, route->month ? route->month : 1);
		list.until = month_start(route->year, route->month ? route->month + 1 : 13);
	}
	return list;
}

int answer_has_list(struct answer *a, const struct route *route)
{
	struct index_list list = list_of(a, route);

	list.language = 0; /* an article is in the lists of all languages */
	list.own = false;
	list.tag = STR_LIT("");
	if (route->kind == ROUTE_ARCHIVE || (route->kind == ROUTE_LIST && route->scope == SCOPE_ALL && !route->year))
		return 1;
	if (route->kind != ROUTE_LIST && route->kind != ROUTE_TERMS)
		return 0;
	if (route->scope == SCOPE_SECTION || route->year)
		return index_has(a->index, &list);
	if (route->kind == ROUTE_TERMS)
		return 1;
	bool *available = ARENA_ARRAY(a->arena, a->config->language_count, bool);
	if (index_languages(a->index, route->scope, route->name, a->request->now, available, a->config->language_count))
		return -1;
	for (size_t i = 0; i < a->config->language_count; i++)
		if (available[i])
			return 1;
	return 0;
}

/* The language of the list; false when it is answered already. */
static bool choose_language(struct answer *a, bool *damaged)
{
	size_t count = a->config->language_count;
	const struct route *route = &a->route;
	bool *available = ARENA_ARRAY(a->arena, count, bool);

	memset(available, true, count);
	if (route->kind == ROUTE_LIST && route->scope != SCOPE_ALL && route->scope != SCOPE_SECTION)
		*damaged = index_languages(a->index, route->scope, route->name, a->request->now, available, count) != 0;
	a->view.listed = available;
	negotiate(a->arena, a->config, a->request, available, available, &a->choice);
	answer_trace_language(a);
	if (a->choice.language < 0) {
		answer_choose_for_error(a);
		answer_error(a, 404, STR_LIT("There is no such list in the language that lang asks for."));
		return false;
	}
	a->view.language = (size_t)a->choice.language;
	if (a->request->included)
		return true;
	if (a->choice.elsewhere) {
		answer_redirect_to_translation(a, route->feed ? a->request->path : route->path);
		return false;
	}
	if (!route->feed && !str_eq(route->path, a->request->path)) {
		answer_redirect_to(a, route->path);
		return false;
	}
	return true;
}

static size_t length_of(const struct answer *a)
{
	return a->request->limit ? (size_t)a->request->limit : a->route.feed ? FEED_LENGTH : LIST_LENGTH;
}

static void set_total(struct answer *a, size_t total)
{
	size_t length = length_of(a);

	a->view.total = total;
	a->view.page = a->request->page;
	a->view.pages = total ? (long)((total + length - 1) / length) : 1;
}

static int add_item(struct answer *a, const struct post_head *head, struct str snippet)
{
	struct view_item *item = &a->view.items[a->view.item_count++];
	enum request_view view = answer_list_view(a, head);

	answer_trace(a, "item", "%s, %s", answer_shown_path(a, head), view_word(view));
	answer_note_times(a, head);
	if (answer_load_item(a, head, view, item))
		return -1;
	item->snippet = snippet;
	return 0;
}

static int load_search(struct answer *a, const struct index_list *list)
{
	struct index_results results;
	struct index_page whole;
	struct index_list none = *list;

	none.limit = 0; /* what time does to the list, it does to what is found in it */
	if (index_list(a->index, a->arena, &none, &whole) ||
	    index_search(a->index, a->arena, list, search_match(a->arena, a->request->search), &results))
		return -1;
	answer_note_page(a, &whole);
	a->view.label = whole.label;
	set_total(a, results.total);
	for (size_t i = 0; i < results.count; i++)
		if (add_item(a, &results.at[i].head, results.at[i].snippet))
			return -1;
	return 0;
}

static int load_posts(struct answer *a)
{
	struct index_list list = list_of(a, &a->route);
	struct index_page page;

	list.limit = length_of(a);
	list.offset = (size_t)(a->request->page - 1) * list.limit;
	a->view.items = ARENA_ARRAY(a->arena, list.limit, struct view_item);
	if (a->request->search.n)
		return load_search(a, &list);
	if (index_list(a->index, a->arena, &list, &page))
		return -1;
	answer_note_page(a, &page);
	a->view.label = page.label;
	set_total(a, page.total);
	for (size_t i = 0; i < page.heads.count; i++)
		if (add_item(a, &page.heads.at[i], STR_LIT("")))
			return -1;
	return 0;
}

/* The one that its own page would show to this reader. */
static const struct post_head *text_for_reader(struct answer *a, const struct index_heads *heads)
{
	bool *available = ARENA_ARRAY(a->arena, a->config->language_count, bool);
	struct negotiation choice;

	for (size_t i = 0; i < heads->count; i++)
		available[view_language(&a->view, &heads->at[i])] = true;
	negotiate(a->arena, a->config, a->request, available, available, &choice);
	return choice.language < 0 ? NULL : answer_head_in(a, heads, choice.language);
}

/* The _index at a path, in the list's language or the one instead: 1 or 0. */
static int find_section(struct answer *a, struct str path, const struct post_head **section)
{
	struct index_heads heads;
	struct str group;
	int found = index_find_path(a->index, a->arena, path, a->request->now, &group);

	*section = NULL;
	if (found != 1)
		return found;
	if (index_group(a->index, a->arena, group, &heads))
		return -1;
	answer_keep_public(a, &heads);
	*section = text_for_reader(a, &heads);
	if (!*section && heads.count)
		*section = &heads.at[0];
	if (*section && (*section)->kind != POST_SECTION)
		*section = NULL;
	return *section != NULL;
}

static int load_sections(struct answer *a)
{
	struct index_terms children;
	struct view *v = &a->view;

	if (index_terms(a->index, a->arena, v->language, SCOPE_SECTION, a->route.name, a->request->now, &children))
		return -1;
	v->sections = ARENA_ARRAY(a->arena, children.count + 1, struct view_section);
	for (size_t i = 0; i < children.count; i++) {
		const struct post_head *head;
		struct view_section *section = &v->sections[v->section_count++];
		section->path = arena_printf(a->arena, "/%.*s/", STR_ARG(children.at[i].name));
		if (find_section(a, section->path, &head) < 0)
			return -1;
		section->title = head ? head->title : view_section_title(v, children.at[i].name);
		section->count = children.at[i].count;
	}
	return 0;
}

/* Which tags or months there are, or in which languages a tag's list is, may
 * change with any post; what a section has does with its own. */
static int note_all_times(struct answer *a)
{
	const struct route *route = &a->route;
	struct index_page all;

	if (route->kind == ROUTE_LIST && (route->scope == SCOPE_ALL || route->scope == SCOPE_SECTION))
		return 0;
	for (size_t i = 0; i < a->config->language_count; i++) {
		if (index_times(a->index, i, a->request->now, &all))
			return -1;
		answer_note_page(a, &all);
	}
	return 0;
}

/* What a page of a list shows beside its posts. */
static int load_beside(struct answer *a)
{
	const struct route *route = &a->route;
	struct index_list list = list_of(a, route);
	bool plain = !a->request->search.n && !a->request->tag.n;

	if (route->kind == ROUTE_TERMS)
		return index_terms(a->index, a->arena, a->view.language, route->scope, STR_LIT(""), a->request->now,
				   &a->view.terms);
	if (route->year) {
		list.from = month_start(route->year, 1);
		list.until = month_start(route->year, 13);
	}
	if (route->kind == ROUTE_ARCHIVE || route->year)
		return index_months(a->index, a->arena, &list, &a->view.months);
	if (plain && (route->scope == SCOPE_ALL || route->scope == SCOPE_SECTION))
		return load_sections(a);
	return 0;
}

static int load_intro(struct answer *a, const struct post_head *section)
{
	struct view_item item;

	a->view.section = section;
	if (!section)
		return 0;
	answer_note_times(a, section);
	if (answer_load_item(a, section, VIEW_FULL, &item))
		return -1;
	a->view.post.body = item.body;
	return 0;
}

static void send_feed(struct answer *a)
{
	answer_document(a, &(struct answer_document){
		.body = view_feed(&a->view),
		.type = view_feed_type(a->route.feed),
		.has_language = true,
		.is_linked = true,
		.is_shared = true,
	});
}

enum step answer_list(struct answer *a, const struct post_head *section)
{
	bool damaged = false, posts = a->route.kind == ROUTE_LIST;
	struct view *v = &a->view;

	answer_trace(a, "list", "%s", view_list_kind(&a->route));
	if (!choose_language(a, &damaged))
		return STEP_ANSWERED;
	v->route = &a->route;
	v->path = a->route.path;
	v->translations.count = 0;
	if (!section && a->route.feed && find_section(a, v->path, &section) < 0)
		return STEP_DAMAGED;
	set_total(a, 0);
	if (damaged || load_intro(a, section) || (posts && load_posts(a)) ||
	    note_all_times(a) || (!a->route.feed && load_beside(a)))
		return STEP_DAMAGED;
	if (v->page > v->pages)
		return STEP_NOT_FOUND;
	if (a->route.feed)
		send_feed(a);
	else
		answer_page(a, true);
	return STEP_ANSWERED;
}
