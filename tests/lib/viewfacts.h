/* viewfacts.h: for tests of views: a view's facts made by hand, without an
 * index, a request or a theme.  Header only, for one test program each.
 */
#ifndef TESTS_VIEWFACTS_H
#define TESTS_VIEWFACTS_H

#include "view.h"

enum { VIEWFACTS_EN, VIEWFACTS_IT, VIEWFACTS_AR, VIEWFACTS_LANGUAGES };

struct viewfacts {
	struct arena arena;
	struct config config;
	struct config_language languages[VIEWFACTS_LANGUAGES];
	struct request request;
	struct negotiation choice;
	struct route route; /* of the home page */
	struct theme *theme;
	struct view_item items[8];
	struct view view;
};

static inline void viewfacts_make(struct viewfacts *f)
{
	*f = (struct viewfacts){
		.config = {.base_url = "https://example.org/blog", .mount = "/blog", .feed_id = "",
			   .theme = "", .language_count = VIEWFACTS_LANGUAGES, .max_age = 60, .mtime = 1000000000},
		.languages = {
			{.tag = "en", .name = "English", .dir = "ltr", .title = "All & Sundry"},
			{.tag = "it", .name = "Italiano", .dir = "ltr", .title = "Tutto"},
			{.tag = "ar", .name = "العربية", .dir = "rtl", .title = "كل"},
		},
		.route = {.kind = ROUTE_LIST, .path = {"/", 1}, .scope = SCOPE_ALL, .name = {"", 0}},
		.request = {.tag = {"", 0}, .search = {"", 0}, .page = 1, .path_language = -1, .now = 1600000000},
	};
	arena_init(&f->arena, 0);
	value_pool(&f->arena);
	f->config.languages = f->languages;
	struct buf problems = BUF_IN(&f->arena);
	f->theme = theme_load(&f->config, &problems);
	f->view = (struct view){.arena = &f->arena, .config = &f->config, .request = &f->request,
				.choice = &f->choice, .theme = f->theme, .route = &f->route,
				.path = STR_LIT("/"), .page = 1, .pages = 1, .items = f->items};
}

static inline void viewfacts_release(struct viewfacts *f)
{
	theme_free(f->theme);
	arena_release(&f->arena);
}

#define VIEWFACTS_EMPTY(name) .name = STR_LIT(""),

/* A post without anything but a name, a title and the file's time,
 * 2020-01-02T03:04:05Z. */
static inline struct post_head *viewfacts_head(struct viewfacts *f, size_t language, const char *group,
					       const char *title)
{
	struct post_head *head = ARENA_NEW(&f->arena, struct post_head);

	*head = (struct post_head){
		POST_HEAD_TEXTS(VIEWFACTS_EMPTY)
		.date = TIME_ABSENT, .lastmod = TIME_ABSENT, .publish = TIME_ABSENT, .expiry = TIME_ABSENT,
		.mtime = 1577934245,
	};
	head->lang = str_from(f->languages[language].tag);
	head->group = str_from(group);
	head->path = arena_printf(&f->arena, "/%s", group);
	head->title = str_from(title);
	head->tags = head->categories = head->authors = head->images = STR_LIT("[]");
	return head;
}

/* The next entry of the list. */
static inline struct view_item *viewfacts_item(struct viewfacts *f, struct post_head *head, const char *html)
{
	struct view_item *item = &f->items[f->view.item_count++];

	*item = (struct view_item){.head = head, .language = view_language(&f->view, head), .view = VIEW_FULL};
	item->body = (struct post_body){POST_BODY_TEXTS(VIEWFACTS_EMPTY)};
	item->body.html = str_from(html);
	item->body.cut = item->body.finished = (int64_t)item->body.html.n;
	f->view.total = f->view.item_count;
	return item;
}

/* The facts of the test that runs, as cmocka's set-up and tear-down. */
static struct viewfacts f;

static inline int viewfacts_set_up(void **state)
{
	(void)state;
	viewfacts_make(&f);
	return 0;
}

static inline int viewfacts_tear_down(void **state)
{
	(void)state;
	viewfacts_release(&f);
	return 0;
}

#endif
