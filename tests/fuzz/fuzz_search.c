/* fuzz_search.c: a first line as a query, the rest as the only article.
 *
 * Not only crashes: no query is an error to SQLite, a query without its last
 * word's completion finds no more than with it, a snippet is a part of the
 * indexed text between ellipses, and its marks are in turns.
 */
#include "date.h"
#include "index.h"
#include "postpack.h"
#include "search.h"
#include "utf8.h"

#include <stdint.h>
#include <stdlib.h>

enum { NOON = 1600000000 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static struct index *make_index(struct str text)
{
	struct config_language language = {.tag = "en", .name = "", .dir = "", .title = ""};
	struct config config = {.languages = &language, .language_count = 1};
	struct post_head head = {.file = STR_LIT("a.md"), .group = STR_LIT("a"), .lang = STR_LIT("en"),
				 .path = STR_LIT("/a"), .tags = STR_LIT("[\"tag\"]"), .title = STR_LIT("title"),
				 .kind = POST_ARTICLE, .date = NOON, .publish = TIME_ABSENT, .expiry = TIME_ABSENT};
	struct post_body body = {.html = STR_LIT("")};
	struct buf packed_head = BUF_EMPTY, packed_body = BUF_EMPTY, err = BUF_EMPTY;
	struct index *index;

	head.aliases = head.categories = head.authors = head.images = STR_LIT("[]");
	postpack_head(&head, &packed_head);
	postpack_body(&body, &packed_body);
	must(index_open_writer(":memory:", 1, true, &index, &err) == INDEX_FINE);
	must(index_write_begin(index, &err) == 0);
	must(index_put_post(index, buf_view(&packed_head), buf_view(&packed_body), text, &err) == 0);
	must(index_settle(index, &config, &err) == 0);
	buf_release(&packed_head);
	buf_release(&packed_body);
	buf_release(&err);
	return index;
}

static size_t find(struct index *index, struct arena *arena, struct str match, struct str *snippet)
{
	struct index_list list = INDEX_LIST(.now = NOON, .limit = 10);
	struct index_results results;

	must(index_search(index, arena, &list, match, &results) == 0 && !index_damaged(index));
	must(results.count <= 1 && results.total == results.count);
	*snippet = results.count ? results.at[0].snippet : STR_LIT("");
	return results.count;
}

static struct str without_marks(struct arena *arena, struct str snippet)
{
	struct buf out = BUF_IN(arena);

	for (size_t i = 0; i < snippet.n; i++)
		if (snippet.p[i] != SEARCH_OPEN && snippet.p[i] != SEARCH_CLOSE)
			buf_char(&out, snippet.p[i]);
	return buf_view(&out);
}

static void check_snippet(struct arena *arena, struct str snippet, struct str indexed)
{
	struct str bare = without_marks(arena, snippet), html = search_snippet_html(arena, snippet);
	bool open = false;

	for (size_t i = 0; i < snippet.n; i++)
		if (snippet.p[i] == SEARCH_OPEN || snippet.p[i] == SEARCH_CLOSE) {
			must(open == (snippet.p[i] == SEARCH_CLOSE));
			open = !open;
		}
	must(!open && utf8_valid(snippet) && utf8_valid(html));
	if (bare.n >= 3 && str_starts(bare, "…") && !memmem(indexed.p, indexed.n, bare.p, bare.n))
		bare = str_skip(bare, 3);
	if (bare.n >= 3 && str_ends(bare, "…") && !memmem(indexed.p, indexed.n, bare.p, bare.n))
		bare.n -= 3;
	must(bare.n == 0 || memmem(indexed.p, indexed.n, bare.p, bare.n));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct str text = {(const char *)bytes, size}, snippet, of_whole;
	struct arena arena;

	if (size > 20000)
		return 0;
	arena_init(&arena, 0);
	struct str match = search_match(&arena, str_cut(&text, '\n'));
	struct str whole = search_match_whole(&arena, match);
	struct buf indexed = BUF_IN(&arena);
	search_text(text, &indexed);
	must(utf8_valid(match) && utf8_valid(buf_view(&indexed)));
	struct index *index = make_index(text);
	size_t found = find(index, &arena, match, &snippet);
	must(!whole.n || find(index, &arena, whole, &of_whole) <= found);
	check_snippet(&arena, snippet, buf_view(&indexed));
	index_close(index);
	arena_release(&arena);
	return 0;
}
