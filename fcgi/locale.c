/* locale.c: conf/locale/TAG.yaml -> strings and dates. */
#include "locale.h"

#include "date.h"
#include "localefile.h"
#include "resource.h"
#include "yamltree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { THEME, BUILT_IN, LAYERS };

struct locale_strings {
	struct arena *arena;
	struct str text;
	const struct yaml_node *read; /* NULL: not yet */
};

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

/* In these files the strings come last. */
static void load_built_in(struct arena *arena, const char *tag, struct locale *out)
{
	struct str text;

	if (!resource_find(arena_printf(arena, "locale/%s.yaml", tag).p, &text))
		return;
	size_t strings = str_find(text, "\nstrings:\n") + 1;
	out->layers[BUILT_IN] = localefile_read(arena, str_head(text, strings));
	out->built_in = ARENA_NEW(arena, struct locale_strings);
	*out->built_in = (struct locale_strings){.arena = arena, .text = str_skip(text, strings)};
}

static const struct yaml_node *built_in_strings(const struct locale *locale)
{
	struct locale_strings *strings = locale->built_in;

	if (!strings->read)
		strings->read = yamltree_get(localefile_read(strings->arena, strings->text), "strings");
	return strings->read;
}

static const struct yaml_node *strings_of(const struct locale *locale, int layer)
{
	return layer == BUILT_IN ? built_in_strings(locale) : yamltree_get(locale->layers[layer], "strings");
}

void locale_prepare(const struct locale *locale)
{
	built_in_strings(locale);
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

void locale_load(struct arena *arena, const char *tag, const char *theme, struct locale *out, struct buf *err)
{
	struct str shorter = str_from(tag);

	*out = (struct locale){0};
	while (!out->layers[BUILT_IN] && shorter.n) {
		const char *name = arena_z(arena, shorter);
		if (!out->layers[THEME])
			out->layers[THEME] = load_theme(arena, name, theme, err);
		load_built_in(arena, name, out);
		while (shorter.n && shorter.p[shorter.n - 1] != '-')
			shorter.n--;
		if (shorter.n)
			shorter.n--;
	}
	out->name = text_of(out, "name", tag);
	out->dir = text_of(out, "dir", is_right_to_left(tag) ? "rtl" : "ltr");
	if (!out->layers[BUILT_IN]) /* every file has all that the English one has */
		load_built_in(arena, "en", out);
}

struct str locale_string(const struct locale *locale, const char *key)
{
	for (int i = 0; i < LAYERS; i++) {
		const struct yaml_node *node = yamltree_get(strings_of(locale, i), key);
		if (node && node->kind == YAML_SCALAR)
			return node->text;
	}
	return STR_LIT("");
}

bool locale_each(const struct locale *locale, const void **at, struct str *key, struct str *text)
{
	const struct yaml_node *last = *at, *built_in = strings_of(locale, BUILT_IN);
	const struct yaml_node *theirs = strings_of(locale, THEME);
	const struct yaml_node *next = last ? last->next : built_in ? built_in->first : NULL;

	if (!next)
		return false;
	const struct yaml_node *node = theirs ? yamltree_get(theirs, next->key->text.p) : NULL;
	*at = next;
	*key = next->key->text;
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
