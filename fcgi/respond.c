/* respond.c: request -> response, the whole pipeline.
 *
 *     problem? -> method -> find (post, list, alias, each with the other slash) -> language
 *     -> view -> header fields -> preconditions
 *
 * A step that finds the index damaged ends the attempt; the index is made anew
 * and the request answered once more from the start.
 */
#include "respond.h"

#include "answer.h"
#include "log.h"
#include "view_json.h"

/* --- finding --------------------------------------------------------------------------------- */

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
	int found = index_find_path(a->index, a->arena, path, a->request->now, &group);

	route_find(a->arena, path, &a->route);
	if (found < 0)
		return STEP_DAMAGED;
	if (found) {
		enum step step = answer_group(a, group, path);
		if (step != STEP_NOT_FOUND)
			return step;
		route_find(a->arena, path, &a->route);
	}
	found = answer_has_list(a, &a->route);
	if (found > 0)
		return answer_list(a, NULL);
	return found < 0 ? STEP_DAMAGED : STEP_NOT_FOUND;
}

static enum step answer_alias(struct answer *a, struct str path)
{
	struct post_head head;
	int found = index_find_alias(a->index, a->arena, path, a->request->now, &head);

	if (found < 0)
		return STEP_DAMAGED;
	if (!found || !answer_is_public(&head, a->request->now))
		return STEP_NOT_FOUND;
	answer_note_times(a, &head);
	answer_trace(a, "post", "%.*s, by its alias", STR_ARG(head.group));
	if (a->request->included)
		return answer_at(a, head.path);
	/* In the reader's language, if the request says one; else in the alias's own. */
	if (!a->request->lang.n) {
		a->view.language = view_language(&a->view, &head);
		answer_redirect_to_translation(a, head.path);
		return STEP_ANSWERED;
	}
	answer_redirect_to(a, head.path);
	return STEP_ANSWERED;
}

/* /posts/x/ for /posts/x, and /posts for /posts/. */
static enum step answer_other_slash(struct answer *a)
{
	struct str other = other_slash(a, a->request->path), group;

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
		answer_keep_public(a, &heads);
		found = heads.count > 0;
	}
	if (!found) {
		struct route route;
		route_find(a->arena, other, &route);
		found = answer_has_list(a, &route);
		if (found <= 0)
			return found < 0 ? STEP_DAMAGED : STEP_NOT_FOUND;
	}
	answer_trace(a, "slash", "it is at %.*s", STR_ARG(other));
	answer_redirect_to(a, other);
	return STEP_ANSWERED;
}

/* What the site has besides posts and lists. */
static enum step answer_own(struct answer *a)
{
	switch (a->route.kind) {
	case ROUTE_BATCH: return answer_batch(a);
	case ROUTE_OEMBED: return answer_oembed(a);
	case ROUTE_HEALTH: return answer_health(a);
	case ROUTE_METRICS: return answer_metrics(a);
	case ROUTE_SITEMAP: return answer_sitemap(a);
	case ROUTE_ROBOTS: return answer_robots(a);
	case ROUTE_NONE:
	case ROUTE_LIST:
	case ROUTE_TERMS:
	case ROUTE_ARCHIVE: break;
	}
	return STEP_NOT_FOUND;
}

static enum step find(struct answer *a)
{
	enum step step = answer_own(a);

	if (step == STEP_NOT_FOUND)
		step = answer_at(a, a->request->path);
	if (step == STEP_NOT_FOUND)
		step = answer_alias(a, a->request->path);
	if (step == STEP_NOT_FOUND)
		step = answer_other_slash(a);
	if (step == STEP_NOT_FOUND)
		step = answer_alias(a, other_slash(a, a->request->path));
	return step;
}

/* --- the function ------------------------------------------------------------------------------ */

static struct str problem_detail(struct answer *a, int *status)
{
	switch (a->request->problem) {
	case REQUEST_FINE:
		if (view_json_knows_fields(a->request->fields))
			break;
		*status = 400;
		return STR_LIT("fields names something that posts do not have.");
	case REQUEST_QUERY_LONG:
		*status = 414;
		break;
	case REQUEST_BAD_CARD:
		*status = 501; /* oEmbed §2.3.5 */
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
	route_find(arena, request->path, &a->route);
	answer_choose_for_error(a);
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
		answer_trace(a, "nothing", "no post, list or alias is at %.*s", STR_ARG(a->request->path));
		answer_choose_for_error(a);
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
