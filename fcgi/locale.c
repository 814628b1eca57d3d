/* locale.c: conf/locale/TAG.yaml -> strings and dates.
 *
 * A built-in file begins with what every page wants to know of every language,
 * its name and direction.  The strings after it, most of the file, are read
 * when a page in that language is made: to parse them all would be a quarter of
 * a CGI process.  Every built-in file has all that the English one has, so that
 * stands in only for languages without a file.
 */
#include "locale.h"

#include "date.h"
#include "resource.h"
#include "yamltree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { THEME, BUILT_IN, LAYERS };

/* A file of the theme's; false when there is none. */
static bool theme_file(struct arena *arena, const char *path, struct str *text, struct buf *err)
{
	struct buf read = {.ceiling = YAMLTREE_BYTES + 1};
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 && errno == ENOENT)
		return false;
	bool good = fd >= 0 && !buf_read_fd(&read, fd);
	if (!good)
		buf_printf(err, "%s:1:1: error: it cannot be read: %s [locale/read]\n", path, strerror(errno));
	else
		*text = arena_str(arena, buf_view(&read));
	if (fd >= 0)
		close(fd);
	buf_release(&read);
	return good;
}

static const struct yaml_node *parse(struct arena *arena, struct str text, const char *path, struct buf *err)
{
	struct yaml_source source = {.path = path, .line = 1};
	const struct yaml_node *root = yamltree_read(arena, text, &source, err);

	if (!root || root->kind == YAML_MAP)
		return root;
	buf_printf(err, "%s:%u:%u: error: a locale file has keys, such as name and strings [locale/type]\n", path,
		   root->line, root->column);
	return NULL;
}

static const struct yaml_node *load_theme(struct arena *arena, const char *tag, const char *theme, struct buf *err)
{
	const char *path = arena_printf(arena, "%s/locale/%s.yaml", theme, tag).p;
	struct str text;

	return theme[0] && theme_file(arena, path, &text, err) ? parse(arena, text, path, err) : NULL;
}

/* The first layer that has the key. */
static const struct yaml_node *find(const struct locale *locale, const char *key, enum yaml_kind kind)
{
	for (int i = 0; i < LAYERS; i++) {
		const struct yaml_node *node = yamltree_get(locale->layers[i], key);
		if (node && node->kind == kind)
			return node;
	}
	return NULL;
}

static const char *text_of(const struct locale *locale, const char *key, const char *otherwise)
{
	const struct yaml_node *node = find(locale, key, YAML_SCALAR);
	return node ? node->text.p : otherwise;
}

/* By CLDR 41, layout/orientation, for languages that have no file here. */
static bool is_right_to_left(const char *tag)
{
	static const char *const languages[] = {"ar", "ckb", "dv", "fa",  "he", "ks", "lrc", "mzn", "nqo",
						"ps", "sd",  "syr", "ug", "ur", "yi", NULL};
	static const char *const scripts[] = {"Adlm", "Arab", "Hebr", "Nkoo", "Rohg", "Syrc", "Thaa", NULL};
	struct str rest = str_from(tag), primary = str_cut(&rest, '-'), script = str_cut(&rest, '-');
	const char *const *list = script.n == 4 ? scripts : languages;
	struct str subtag = script.n == 4 ? script : primary;

	while (*list && !str_is_fold(subtag, *list))
		list++;
	return *list;
}

static bool find_built_in(struct locale *locale, const char *tag)
{
	locale->path = arena_printf(locale->arena, "locale/%s.yaml", tag).p;
	return resource_find(locale->path, &locale->text);
}

/* What stands before the strings. */
static void read_beginning(struct locale *locale, struct buf *err)
{
	size_t end = str_find(locale->text, "\nstrings:");

	locale->layers[BUILT_IN] = parse(locale->arena, str_head(locale->text, end), locale->path, err);
}

void locale_load(struct arena *arena, const char *tag, const char *theme, struct locale *out, struct buf *err)
{
	struct str shorter = str_from(tag);
	bool found = false;

	*out = (struct locale){.arena = arena};
	while (!found && shorter.n) {
		const char *name = arena_z(arena, shorter);
		if (!out->layers[THEME])
			out->layers[THEME] = load_theme(arena, name, theme, err);
		found = find_built_in(out, name);
		while (shorter.n && shorter.p[shorter.n - 1] != '-')
			shorter.n--;
		if (shorter.n)
			shorter.n--;
	}
	if (found)
		read_beginning(out, err);
	else
		find_built_in(out, "en");
	out->name = text_of(out, "name", tag);
	out->dir = text_of(out, "dir", is_right_to_left(tag) ? "rtl" : "ltr");
}

void locale_complete(struct locale *locale)
{
	struct buf never = BUF_EMPTY; /* a built-in file is without errors */

	if (locale->strings)
		return;
	locale->layers[BUILT_IN] = parse(locale->arena, locale->text, locale->path, &never);
	locale->strings = yamltree_get(locale->layers[BUILT_IN], "strings");
	buf_release(&never);
	if (!locale->strings) /* libyaml got no memory */
		abort();
}

struct str locale_string(const struct locale *locale, const char *key)
{
	const struct yaml_node *node = yamltree_get(yamltree_get(locale->layers[THEME], "strings"), key);

	if (!node || node->kind != YAML_SCALAR)
		node = yamltree_get(locale->strings, key);
	return node ? node->text : STR_LIT("");
}

bool locale_each(const struct locale *locale, const void **at, struct str *key, struct str *text)
{
	const struct yaml_node *last = *at, *next = last ? last->next : locale->strings->first;
	const struct yaml_node *theirs = yamltree_get(locale->layers[THEME], "strings");

	if (!next)
		return false;
	*at = next;
	*key = next->key->text;
	const struct yaml_node *node = theirs ? yamltree_get(theirs, next->key->text.p) : NULL;
	*text = node && node->kind == YAML_SCALAR ? node->text : next->text;
	return true;
}

/* Replaces every {name} in text. */
static struct str fill(struct arena *arena, struct str text, const char *name, struct str value)
{
	struct buf out = BUF_IN(arena);
	const char *mark = arena_printf(arena, "{%s}", name).p;

	while (text.n) {
		size_t at = str_find(text, mark);
		buf_str(&out, str_head(text, at));
		if (at == text.n)
			break;
		buf_str(&out, value);
		text = str_skip(text, at + strlen(mark));
	}
	struct str filled = arena_str(arena, buf_view(&out));
	buf_release(&out);
	return filled;
}

struct str locale_format(struct arena *arena, const struct locale *locale, const char *key, ...)
{
	struct str text = locale_string(locale, key);
	const char *name;
	va_list args;

	va_start(args, key);
	while ((name = va_arg(args, const char *)))
		text = fill(arena, text, name, str_from(va_arg(args, const char *)));
	va_end(args);
	return text;
}

struct str locale_month(struct arena *arena, const struct locale *locale, int month)
{
	const struct yaml_node *months = find(locale, "months", YAML_LIST);
	const struct yaml_node *node = months ? months->first : NULL;

	for (int i = 1; i < month && node; i++)
		node = node->next;
	return node ? node->text : arena_printf(arena, "%02d", month);
}

struct str locale_date(struct arena *arena, const struct locale *locale, int64_t seconds)
{
	struct date d = date_split(seconds);
	struct str text = str_from(text_of(locale, "date_long", "{year}-{month}-{day}"));

	text = fill(arena, text, "month", locale_month(arena, locale, d.month));
	text = fill(arena, text, "day", arena_printf(arena, "%d", d.day));
	return fill(arena, text, "year", arena_printf(arena, "%d", d.year));
}
