/* check_link.c: addresses in a post -> files below the content folder, or paths
 * that a post should be at.
 *
 * What a reference means is reference.h's to say; this only tells whether it is
 * ours, and what it would be if nothing is there.
 */
#include "check_link.h"

#include "reference.h"
#include "shortcode_scan.h"
#include "text.h"
#include "uri.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>

/* --- what a reader gets ------------------------------------------------------ */

/* The addresses in the HTML, in one form whoever encoded them. */
struct shown {
	struct arena *arena;
	CHECK_LIST(struct str) addresses;
};

static int hex_digit(char c)
{
	c = ascii_lower(c);
	return ascii_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static struct str decoded(struct arena *arena, struct str url)
{
	char *out = arena_z(arena, url);
	size_t n = 0;

	for (size_t i = 0; i < url.n; i++) {
		int high = i + 2 < url.n && url.p[i] == '%' ? hex_digit(url.p[i + 1]) : -1;
		int low = high >= 0 ? hex_digit(url.p[i + 2]) : -1;
		out[n++] = low >= 0 ? (char)(high * 16 + low) : url.p[i];
		i += low >= 0 ? 2 : 0;
	}
	return (struct str){out, n};
}

static int compare(const void *a, const void *b)
{
	return str_compare(*(const struct str *)a, *(const struct str *)b);
}

static void collect(struct shown *shown, struct str html)
{
	struct html_reader reader;
	struct html_token token;
	struct str value;

	html_start(&reader, html);
	while (html_next(&reader, &token)) {
		if (token.kind != HTML_OPEN || !(html_attribute_find(&token, "href", &value) ||
						 html_attribute_find(&token, "src", &value)))
			continue;
		struct buf plain = BUF_EMPTY;
		text_unescape(value, &plain);
		*CHECK_ADD(shown->arena, shown->addresses) =
			decoded(shown->arena, str_trim(buf_view(&plain)));
		buf_release(&plain);
	}
	if (shown->addresses.count)
		qsort(shown->addresses.at, shown->addresses.count, sizeof(struct str), compare);
}

static bool is_shown(const struct shown *shown, struct str url)
{
	struct str key = decoded(shown->arena, url);

	return shown->addresses.count &&
	       bsearch(&key, shown->addresses.at, shown->addresses.count, sizeof(key), compare);
}

/* --- ours -------------------------------------------------------------------- */

static bool below(struct str path, struct str mount)
{
	return path.n >= mount.n && str_eq(str_head(path, mount.n), mount) &&
	       (path.n == mount.n || strchr("/?#", path.p[mount.n]));
}

/* Leads to somewhere on this site, other than this page.  Braces: an address
 * that some other generator was to fill in. */
static bool is_ours(const struct config *config, struct str url)
{
	if (!url.n || strchr("#?", url.p[0]) || str_starts(url, "//") || uri_has_scheme(url))
		return false;
	for (size_t i = 0; i < url.n; i++)
		if ((unsigned char)url.p[i] < ' ' || strchr("{}\\", url.p[i]))
			return false;
	return url.p[0] != '/' || below(url, str_from(config->mount));
}

struct reference_place check_link_place(struct arena *arena, const struct config *config,
					const struct post *post)
{
	struct str file = post->head.file;
	size_t behind = file.n - str_last(file, '/').n;

	return (struct reference_place){
		.content = config->content,
		.mount = config->mount,
		.lang = arena_z(arena, post->head.lang),
		.folder = str_head(file, behind ? behind - 1 : 0),
		.path = post->head.path,
	};
}

/* Sources are not sent to readers. */
static bool is_served(struct str file)
{
	struct str name = str_last(file, '/');
	return name.n && name.p[0] != '.' && !post_is_source(name);
}

/* The path below the mount that an address means when no file lies beside the
 * post: relative ones go on from the post's own.  False for a malformed one. */
static bool path_of(struct arena *arena, const struct reference_place *place, struct str url,
		    struct str *path)
{
	struct str mount = str_from(place->mount), plain;
	size_t query = str_find_char(url, '?'), fragment = str_find_char(url, '#');
	bool changed;

	url = str_head(url, query < fragment ? query : fragment);
	if (uri_decode(arena, url, false, &plain))
		return false;
	if (plain.p[0] == '/')
		plain = str_skip(plain, mount.n);
	else
		plain = arena_printf(arena, "%.*s/%.*s", STR_ARG(place->path), STR_ARG(plain));
	if (!plain.n)
		plain = STR_LIT("/");
	if (!uri_normalise(arena, plain, path, &changed))
		return true;
	/* More ".." than folders: a browser stops at the root (RFC 3986 §5.2.4). */
	struct str whole = uri_resolve(arena, STR_LIT("http://x/"), plain);
	return !uri_normalise(arena, str_skip(whole, strlen("http://x")), path, &changed);
}

static bool is_file(struct arena *arena, const struct reference_place *place, struct str path)
{
	struct stat st;

	return is_served(path) &&
	       !stat(arena_printf(arena, "%s%.*s", place->content, STR_ARG(path)).p, &st) &&
	       S_ISREG(st.st_mode);
}

/* --- rules ------------------------------------------------------------------- */

struct judging {
	struct check_report *report;
	const struct config *config;
	struct reference_place place;
	bool *judged; /* by offset: one definition may serve many links */
};

static void judge_link(struct judging *j, const struct check_link *link)
{
	struct check_report *r = j->report;
	struct str file, path;

	if (!is_ours(j->config, link->url) || j->judged[link->target])
		return;
	j->judged[link->target] = true;
	if (reference_file(r->arena, link->url, &j->place, &file)) {
		if (is_served(file))
			return;
		path = file;
	} else if (!path_of(r->arena, &j->place, link->url, &path)) {
		check_report_at(r, link->target, "link/broken", "%s is not an address",
				check_report_shown(r->arena, link->url));
		return;
	} else if (is_file(r->arena, &j->place, path)) {
		return;
	}
	check_report_fact_at(
		r, CHECK_FACT_LINK, link->target,
		arena_printf(r->arena, "%.*s\t%.*s", STR_ARG(path), STR_ARG(link->url)));
}

static bool is_missing(struct judging *j, struct str url)
{
	struct arena *arena = j->report->arena;
	struct str file, path;

	if (!is_ours(j->config, url))
		return false;
	if (reference_file(arena, url, &j->place, &file))
		return !is_served(file);
	return !path_of(arena, &j->place, url, &path) || !is_file(arena, &j->place, path);
}

/* --- figures ----------------------------------------------------------------- */

/* Where a shortcode's argument stands; one with an escape in it is a copy. */
static size_t argument_at(const struct check_report *report, const struct shortcode_found *found,
			  struct str value)
{
	uintptr_t start = (uintptr_t)report->source.p, at = (uintptr_t)value.p;

	return value.n && at >= start && at < start + report->source.n ? at - start : found->start;
}

static void judge_figure(struct judging *j, const struct shortcode_found *found)
{
	struct check_report *r = j->report;
	struct str src, alt, caption, link;

	if (!shortcode_argument(r->arena, &found->tag, "src", 0, &src) || !src.n)
		return; /* shortcode/broken */
	if (!shortcode_argument(r->arena, &found->tag, "alt", -1, &alt) &&
	    (!shortcode_argument(r->arena, &found->tag, "caption", -1, &caption) || !caption.n))
		check_report_at(r, found->start, "image/no-alt",
				"this figure has no alt and no caption for readers who do not see it");
	if (is_missing(j, src))
		check_report_at(r, argument_at(r, found, src), "image/missing", "there is no image %s",
				check_report_shown(r->arena, src));
	if (shortcode_argument(r->arena, &found->tag, "link", -1, &link))
		judge_link(j, &(struct check_link){.target = argument_at(r, found, link), .url = link});
}

static void judge_figures(struct judging *j)
{
	struct shortcode_list list;

	shortcode_scan(j->report->arena, j->report->source, &list);
	for (size_t i = 0; i < list.n; i++) {
		const struct shortcode_found *found = &list.v[i];
		bool used = found->tag.kind == SHORTCODE_OPEN || found->tag.kind == SHORTCODE_SELF_CLOSED;
		if (used && !found->in_code && str_is(found->tag.name, "figure"))
			judge_figure(j, found);
	}
}

/* --- a post ------------------------------------------------------------------ */

void check_link(struct check_report *report, const struct config *config, const struct post *post,
		const struct check_source *source, struct str html)
{
	struct judging j = {report, config, check_link_place(report->arena, config, post),
			    ARENA_ARRAY(report->arena, source->n + 1, bool)};
	struct shown shown = {.arena = report->arena};

	collect(&shown, html);
	for (size_t i = 0; i < source->links.count; i++) {
		const struct check_link *link = &source->links.at[i];
		bool dropped = config->markdown.safe && source->text[link->at] == '<';
		if (dropped || !is_shown(&shown, link->url))
			continue;
		if (link->no_alt)
			check_report_at(report, link->at, "image/no-alt",
					"this image has no text for readers who do not see it");
		if (!link->image)
			judge_link(&j, link);
		else if (is_missing(&j, link->url))
			check_report_at(report, link->target, "image/missing",
					"there is no image %s",
					check_report_shown(report->arena, link->url));
	}
	judge_figures(&j);
}

void check_link_image(struct check_report *report, const struct config *config,
		      const struct post *post, struct str address, unsigned line, unsigned column)
{
	struct judging j = {report, config, check_link_place(report->arena, config, post), NULL};

	j.place.path = STR_LIT("/"); /* as article.c has it */
	if (is_missing(&j, address))
		check_report_warn(report, line, column, "image/missing", "there is no image %s",
				  check_report_shown(report->arena, address));
}
