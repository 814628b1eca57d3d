/* answer_site.c: what is about the site as a whole, or about several posts. */
#include "answer.h"

#include "view_json.h"
#include "view_metrics.h"
#include "view_oembed.h"
#include "view_sitemap.h"

/* --- for machines --------------------------------------------------------------------- */

static enum step answer_now(struct answer *a, const char *type, struct str body)
{
	answer_field_z(a, "Content-Type", type);
	answer_field_z(a, "Cache-Control", "no-store");
	a->response->status = 200;
	a->response->body = body;
	answer_field(a, "Content-Length", arena_printf(a->arena, "%zu", body.n));
	a->response->without_body = a->request->head;
	return STEP_ANSWERED;
}

/* It can read its index, or it would not have come here. */
enum step answer_health(struct answer *a)
{
	return answer_now(a, "text/plain; charset=utf-8", STR_LIT("ok\n"));
}

static int count_posts(struct answer *a, struct view_metrics_index *facts)
{
	size_t count = a->config->language_count;
	struct view_metrics_posts *posts = ARENA_ARRAY(a->arena, count, struct view_metrics_posts);
	struct index_page page;

	for (size_t i = 0; i < count; i++) {
		const struct index_list list = INDEX_LIST(.language = i, .own = true, .now = a->request->now,
							  .limit = 1);
		if (index_list(a->index, a->arena, &list, &page))
			return -1;
		posts[i] = (struct view_metrics_posts){a->config->languages[i].tag, page.total};
	}
	facts->posts = posts;
	facts->language_count = count;
	return 0;
}

static int count_problems(struct answer *a, struct view_metrics_index *facts)
{
	struct buf problems = BUF_IN(a->arena);
	size_t files;
	struct str line;

	int result = index_problems(a->index, &problems, &files);
	for (struct str rest = buf_view(&problems); str_line(&rest, &line);) {
		size_t error = str_find(line, ": error: "), warning = str_find(line, ": warning: ");
		facts->errors += error < warning;
		facts->warnings += warning < error;
	}
	return result;
}

/* To others it is not there. */
enum step answer_metrics(struct answer *a)
{
	struct view_metrics_index facts = {
		.generation = index_generation(a->index),
		.refreshed = site_refreshed(a->site),
		.now = a->request->now,
	};
	struct buf out = BUF_IN(a->arena);
	enum config_metrics who = a->config->metrics;

	if (who == METRICS_FOR_NOBODY || (who == METRICS_FOR_LOOPBACK && !a->request->local))
		return STEP_NOT_FOUND;
	if (count_posts(a, &facts) || count_problems(a, &facts))
		return STEP_DAMAGED;
	view_metrics(site_metrics(a->site), &facts, &out);
	return answer_now(a, VIEW_METRICS_TYPE, buf_view(&out));
}

/* --- the batch ----------------------------------------------------------------------- */

/* An id is what JSON calls so, the group's name; a path will do, too. */
static int find_group(struct answer *a, struct str id, struct str *group)
{
	*group = id;
	return str_starts(id, "/") ? index_find_path(a->index, a->arena, id, a->request->now, group) : 1;
}

static int load_wanted(struct answer *a, struct str id, struct view_wanted *wanted)
{
	size_t count = a->config->language_count;
	bool *available = ARENA_ARRAY(a->arena, count, bool);
	struct negotiation choice;
	struct index_heads heads = {0};
	struct str group;
	int found = find_group(a, id, &group);

	*wanted = (struct view_wanted){.id = id, .status = 404};
	if (found < 0 || (found && index_group(a->index, a->arena, group, &heads)))
		return -1;
	answer_keep_public(a, &heads);
	for (size_t i = 0; i < heads.count; i++)
		available[view_language(&a->view, &heads.at[i])] = heads.at[i].kind == POST_ARTICLE;
	negotiate(a->arena, a->config, a->request, available, available, &choice);
	const struct post_head *head = answer_head_in(a, &heads, choice.language);
	wanted->available = heads;
	a->choice.vary |= choice.vary;
	if (!head)
		return 0;
	wanted->status = 200;
	wanted->fallback = choice.fallback;
	return answer_load_item(a, head, answer_list_view(a, head), &wanted->item);
}

enum step answer_batch(struct answer *a)
{
	struct view *v = &a->view;

	answer_choose_for_error(a);
	if (!a->request->id_count) {
		answer_error(a, 400, STR_LIT("id is missing: which posts?"));
		return STEP_ANSWERED;
	}
	v->language = a->choice.language < 0 ? 0 : (size_t)a->choice.language;
	v->wanted = ARENA_ARRAY(a->arena, a->request->id_count, struct view_wanted);
	v->items = ARENA_ARRAY(a->arena, a->request->id_count, struct view_item);
	for (size_t i = 0; i < a->request->id_count; i++) {
		struct view_wanted *wanted = &v->wanted[v->wanted_count++];
		if (load_wanted(a, a->request->ids[i], wanted))
			return STEP_DAMAGED;
		if (wanted->status == 200)
			v->items[v->item_count++] = wanted->item;
	}
	if (a->request->format == FORMAT_HTML || a->request->format == FORMAT_JSON)
		answer_document(a, &(struct answer_document){
			.body = view_json_batch(v),
			.type = "application/json",
			.has_language = true,
			.is_copy = true,
			.is_shared = true,
		});
	else
		answer_page(a, true);
	return STEP_ANSWERED;
}

/* --- the sitemap ----------------------------------------------------------------------- */

enum { GROUPS_AT_ONCE = 256 };

/* All articles, then all lists, a few at a time: in memory of their own, which
 * the next few take over. */
struct walk {
	struct view_sitemap_source source;
	struct answer *answer;
	struct arena arena;
	struct str *names, last;
	size_t count, at;
	struct index_terms sections;
	size_t section;
	bool done, failed; /* with the articles */
};

static bool next_names(struct walk *walk)
{
	struct answer *a = walk->answer;

	if (walk->done)
		return false;
	walk->last = walk->count ? arena_str(a->arena, walk->names[walk->count - 1]) : STR_LIT("");
	walk->at = walk->count = 0;
	arena_reset(&walk->arena);
	walk->failed |= index_groups(a->index, &walk->arena, walk->last, GROUPS_AT_ONCE, &walk->names,
				     &walk->count) != 0;
	walk->done = !walk->count || walk->failed;
	return !walk->done;
}

static bool next_article(struct walk *walk, struct view_sitemap_entry *entry)
{
	struct answer *a = walk->answer;

	while (walk->at < walk->count || next_names(walk)) {
		struct index_heads heads;
		if (index_group(a->index, &walk->arena, walk->names[walk->at++], &heads)) {
			walk->failed = true;
			return false;
		}
		answer_keep_public(a, &heads);
		*entry = (struct view_sitemap_entry){.translations = heads};
		if (heads.count && heads.at[0].kind == POST_ARTICLE)
			return true;
	}
	return false;
}

static int load_texts(struct walk *walk, struct view_sitemap_entry *entry)
{
	struct answer *a = walk->answer;
	struct str group;
	int found = index_find_path(a->index, &walk->arena, entry->path, a->request->now, &group);

	if (found != 1 || index_group(a->index, &walk->arena, group, &entry->texts))
		return found ? -1 : 0;
	answer_keep_public(a, &entry->texts);
	if (entry->texts.count && entry->texts.at[0].kind != POST_SECTION)
		entry->texts.count = 0;
	return 0;
}

static bool next_entry(struct view_sitemap_source *source, struct view_sitemap_entry *entry)
{
	struct walk *walk = (struct walk *)source;

	if (!walk->failed && next_article(walk, entry))
		return true;
	*entry = (struct view_sitemap_entry){.path = STR_LIT("/"), .updated = TIME_ABSENT};
	if (walk->failed || walk->section > walk->sections.count)
		return false;
	if (walk->section)
		entry->path = arena_printf(walk->answer->arena, "/%.*s/",
					   STR_ARG(walk->sections.at[walk->section - 1].name));
	walk->section++;
	walk->failed = load_texts(walk, entry) != 0;
	return !walk->failed;
}

/* The sections below `parent`, and those below them. */
static int list_sections(struct answer *a, struct str parent, struct index_terms *out)
{
	struct index_terms children;

	if (index_terms(a->index, a->arena, 0, SCOPE_SECTION, parent, a->request->now, &children))
		return -1;
	size_t size = sizeof(*out->at);
	out->at = arena_grow(a->arena, out->at, out->count * size, (out->count + children.count) * size);
	for (size_t i = 0; i < children.count; i++)
		out->at[out->count++] = children.at[i];
	for (size_t i = 0; i < children.count; i++)
		if (list_sections(a, children.at[i].name, out))
			return -1;
	return 0;
}

/* With the walk's memory given back, whatever way it ends. */
static struct str written_sitemap(struct answer *a, struct walk *walk)
{
	jmp_buf oom, *outer = a->arena->oom;

	if (setjmp(oom)) {
		arena_release(&walk->arena);
		a->arena->oom = outer;
		longjmp(*outer, 1);
	}
	arena_init(&walk->arena, 0);
	a->arena->oom = walk->arena.oom = &oom;
	struct str body = view_sitemap(&a->view, &walk->source, a->route.part);
	arena_release(&walk->arena);
	a->arena->oom = outer;
	return body;
}

enum step answer_sitemap(struct answer *a)
{
	struct walk *walk = ARENA_NEW(a->arena, struct walk);

	walk->source.next = next_entry;
	walk->answer = a;
	a->view.path = a->request->path;
	if (list_sections(a, STR_LIT(""), &walk->sections))
		return STEP_DAMAGED;
	struct str body = written_sitemap(a, walk);
	if (walk->failed)
		return STEP_DAMAGED;
	if (!body.p)
		return STEP_NOT_FOUND;
	answer_document(a, &(struct answer_document){.body = body, .type = "application/xml; charset=utf-8"});
	return STEP_ANSWERED;
}

enum step answer_robots(struct answer *a)
{
	answer_document(a, &(struct answer_document){
		.body = view_sitemap_robots(&a->view),
		.type = "text/plain; charset=utf-8",
	});
	return STEP_ANSWERED;
}

/* --- oEmbed ------------------------------------------------------------------------------ */

/* The group behind an address that people pass on: with a slash too many, or
 * an old one. 1 or 0. */
static int find_shared(struct answer *a, struct str *path, struct str *group)
{
	struct post_head head;
	struct str bare = *path;
	int found = index_find_path(a->index, a->arena, *path, a->request->now, group);

	if (!found && str_ends(bare, "/") && bare.n > 1) {
		bare.n--;
		found = index_find_path(a->index, a->arena, bare, a->request->now, group);
		if (found > 0)
			*path = bare;
	}
	if (found)
		return found;
	found = index_find_alias(a->index, a->arena, *path, a->request->now, &head);
	if (!found && bare.n != path->n)
		found = index_find_alias(a->index, a->arena, bare, a->request->now, &head);
	if (found > 0) {
		*path = head.path;
		*group = head.group;
	}
	return found;
}

enum step answer_oembed(struct answer *a)
{
	const struct request *asking = a->request;
	struct request *target = ARENA_NEW(a->arena, struct request);
	struct view_oembed embed = {asking->format == FORMAT_XML, asking->max_width, asking->max_height};
	struct str group;

	if (!asking->url.n) {
		answer_error(a, 400, STR_LIT("url is missing: which post?"));
		return STEP_ANSWERED;
	}
	if (view_oembed_target(a->arena, a->config, asking, asking->url, target))
		return STEP_NOT_FOUND;
	int found = find_shared(a, &target->path, &group);
	if (found != 1)
		return found < 0 ? STEP_DAMAGED : STEP_NOT_FOUND;
	a->request = a->view.request = target;
	enum step step = answer_article(a, group, target->path);
	a->request = a->view.request = asking; /* whose preconditions count */
	if (step == STEP_ANSWERED)
		answer_document(a, &(struct answer_document){
			.body = view_oembed(&a->view, &embed),
			.type = view_oembed_type(&embed),
			.has_language = true,
			.is_copy = true,
			.is_shared = true,
		});
	return step;
}
