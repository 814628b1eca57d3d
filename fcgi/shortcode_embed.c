/* shortcode_embed.c: what is shown from other sites -> frames and links.
 *
 * Frames are Hugo's with its settings privacyEnhanced and enableDNT on.  Where
 * Hugo asks the other site while it builds, or has the reader's browser run its
 * script, here is a link: gist, x, instagram.
 */
#include "shortcode_embed.h"

#include "escape.h"

/* --- videos -------------------------------------------------------------------- */

struct player {
	const char *address; /* less the video's id */
	const char *title;   /* for those who do not see it, if the author gave none */
	struct str query;    /* "?dnt=1" */
};

/* The frame keeps the shape of a film at any width; with a class its looks are
 * the author's style sheet's. */
static void put_player(const struct shortcode_call *call, const struct player *player,
		       struct shortcode_result *result)
{
	struct str id = shortcode_call_get(call, "id", 0);
	struct str class = shortcode_call_get(call, "class", 1);
	struct str title = shortcode_call_get(call, "title", -1);
	struct str full = shortcode_call_get(call, "allowFullScreen", -1);
	struct buf *out = &result->html;

	result->block = true;
	if (!id.n) {
		result->problem = SHORTCODE_NO_ARGUMENT;
		return;
	}
	buf_puts(out, "<div");
	if (class.n)
		shortcode_call_put(out, "class", class);
	else
		buf_puts(out, " style=\"position:relative;padding-bottom:56.25%;"
			      "height:0;overflow:hidden\"");
	buf_printf(out, "><iframe src=\"%s", player->address);
	escape_query(out, id);
	escape_html(out, player->query);
	buf_char(out, '"');
	if (!class.n)
		buf_puts(out, " style=\"position:absolute;top:0;left:0;"
			      "width:100%;height:100%;border:0\"");
	shortcode_call_put(out, "title", title.n ? title : str_from(player->title));
	shortcode_call_put(out, "loading", STR_LIT("lazy"));
	shortcode_call_put(out, "referrerpolicy", STR_LIT("strict-origin-when-cross-origin"));
	if (!shortcode_call_is_false(full))
		buf_puts(out, " allowfullscreen");
	buf_puts(out, "></iframe></div>");
}

static void put_query(struct buf *query, const char *name, struct str value)
{
	if (!value.n)
		return;
	buf_printf(query, "%c%s=", query->n ? '&' : '?', name);
	escape_query(query, value);
}

void shortcode_embed_youtube(const struct shortcode_call *call, struct shortcode_result *result)
{
	struct buf query = BUF_EMPTY;
	bool autoplay = shortcode_call_says(call, "autoplay");

	if (autoplay)
		put_query(&query, "autoplay", STR_LIT("1"));
	if (shortcode_call_is_false(shortcode_call_get(call, "controls", -1)))
		put_query(&query, "controls", STR_LIT("0"));
	put_query(&query, "end", shortcode_call_get(call, "end", -1));
	if (shortcode_call_says(call, "loop")) { /* the player repeats lists only */
		put_query(&query, "loop", STR_LIT("1"));
		put_query(&query, "playlist", shortcode_call_get(call, "id", 0));
	}
	if (autoplay || shortcode_call_says(call, "mute"))
		put_query(&query, "mute", STR_LIT("1"));
	put_query(&query, "start", shortcode_call_get(call, "start", -1));
	struct player player = {
		.address = "https://www.youtube-nocookie.com/embed/",
		.title = "YouTube video",
		.query = shortcode_call_keep(call->arena, &query),
	};
	put_player(call, &player, result);
}

void shortcode_embed_vimeo(const struct shortcode_call *call, struct shortcode_result *result)
{
	struct player player = {
		.address = "https://player.vimeo.com/video/",
		.title = "Vimeo video",
		.query = STR_LIT("?dnt=1"),
	};

	put_player(call, &player, result);
}

/* --- links ---------------------------------------------------------------------- */

/* path: below the site, its parts escaped. */
static void put_link(const struct shortcode_call *call, const char *site, struct buf *path,
		     struct shortcode_result *result)
{
	struct str way = shortcode_call_keep(call->arena, path);

	result->plain = arena_printf(call->arena, "https://%s/%.*s", site, STR_ARG(way));
	struct str shown = str_head(way, str_find_char(way, '#'));
	buf_puts(&result->html, "<a");
	shortcode_call_put(&result->html, "href", result->plain);
	buf_char(&result->html, '>');
	escape_html(&result->html, arena_printf(call->arena, "%s/%.*s", site, STR_ARG(shown)));
	buf_puts(&result->html, "</a>");
}

/* {{< gist user id file >}}; GitHub's anchor of a file is its name in dashes. */
void shortcode_embed_gist(const struct shortcode_call *call, struct shortcode_result *result)
{
	struct str first = shortcode_call_get(call, "user", 0);
	struct str id = shortcode_call_get(call, "id", 1);
	struct str file = shortcode_call_get(call, "file", 2);
	struct buf path = BUF_EMPTY;

	if (!first.n && !id.n) {
		result->problem = SHORTCODE_NO_ARGUMENT;
		return;
	}
	escape_query(&path, first);
	if (first.n && id.n)
		buf_char(&path, '/');
	escape_query(&path, id);
	if (file.n)
		buf_puts(&path, "#file-");
	for (size_t i = 0; i < file.n; i++) {
		bool kept = ascii_alnum(file.p[i]) || file.p[i] == '_';
		buf_char(&path, kept ? ascii_lower(file.p[i]) : '-');
	}
	put_link(call, "gist.github.com", &path, result);
}

/* {{< x user="…" id="…" >}}, and of old {{< tweet id >}}. */
void shortcode_embed_x(const struct shortcode_call *call, struct shortcode_result *result)
{
	struct str first = shortcode_call_get(call, NULL, 0);
	struct str second = shortcode_call_get(call, NULL, 1);
	struct str user = shortcode_call_get(call, "user", -1);
	struct str id = shortcode_call_get(call, "id", -1);
	struct buf path = BUF_EMPTY;

	if (!id.n) {
		user = second.n ? first : user;
		id = second.n ? second : first;
	}
	if (!id.n) {
		result->problem = SHORTCODE_NO_ARGUMENT;
		return;
	}
	escape_query(&path, user.n ? user : STR_LIT("i"));
	buf_puts(&path, "/status/");
	escape_query(&path, id);
	put_link(call, "x.com", &path, result);
}

void shortcode_embed_instagram(const struct shortcode_call *call, struct shortcode_result *result)
{
	struct str id = shortcode_call_get(call, "id", 0);
	struct buf path = BUF_EMPTY;

	if (!id.n) {
		result->problem = SHORTCODE_NO_ARGUMENT;
		return;
	}
	buf_puts(&path, "p/");
	escape_query(&path, id);
	buf_char(&path, '/');
	put_link(call, "www.instagram.com", &path, result);
}
