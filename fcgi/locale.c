/* locale.c: conf/locale/TAG.yaml -> strings and dates. */
#include "locale.h"

#include "date.h"
#include "resource.h"
#include "yamltree.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* A file of the theme's, or "" when there is none that can be read. */
static struct str theme_file(struct arena *arena, const char *path)
{
	struct buf text = {.ceiling = YAMLTREE_BYTES + 1};
	struct str result = STR_LIT("");
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return result;
	if (!buf_read_fd(&text, fd))
		result = arena_str(arena, buf_view(&text));
	close(fd);
	buf_release(&text);
	return result;
}

static const struct yaml_node *parse(struct arena *arena, struct str text, const char *path, struct buf *err)
{
	struct yaml_source source = {.path = path, .line = 1};
	const struct yaml_node *root = yamltree_read(arena, text, &source, err);

	return root && root->kind == YAML_MAP ? root : NULL;
}

static const struct yaml_node *load_file(struct arena *arena, const char *tag, const char *theme, struct buf *err)
{
	const char *name = arena_printf(arena, "locale/%s.yaml", tag).p;
	const struct yaml_node *root = NULL;
	struct str text;

	if (theme[0]) {
		const char *path = arena_printf(arena, "%s/%s", theme, name).p;
		text = theme_file(arena, path);
		if (text.n)
			root = parse(arena, text, path, err);
	}
	if (!root && resource_find(name, &text))
		root = parse(arena, text, name, err);
	return root;
}

static const char *text_of(const struct yaml_node *root, const char *key, const char *otherwise)
{
	const struct yaml_node *node = yamltree_get(root, key);
	return node && node->kind == YAML_SCALAR ? node->text.p : otherwise;
}

void locale_load(struct arena *arena, const char *tag, const char *theme, struct locale *out, struct buf *err)
{
	struct str shorter = str_from(tag);
	const struct yaml_node *english = load_file(arena, "en", "", err), *root = NULL;

	while (!root && shorter.n) {
		root = load_file(arena, arena_z(arena, shorter), theme, err);
		while (shorter.n && shorter.p[shorter.n - 1] != '-')
			shorter.n--;
		if (shorter.n)
			shorter.n--;
	}
	out->name = root ? text_of(root, "name", tag) : tag;
	out->root = root ? root : english;
	out->dir = text_of(out->root, "dir", "ltr");
	out->english = yamltree_get(english, "strings");
	out->strings = yamltree_get(out->root, "strings");
}

struct str locale_string(const struct locale *locale, const char *key)
{
	const struct yaml_node *node = yamltree_get(locale->strings, key);

	if (!node)
		node = yamltree_get(locale->english, key);
	return node && node->kind == YAML_SCALAR ? node->text : STR_LIT("");
}

bool locale_each(const struct locale *locale, const void **at, struct str *key, struct str *text)
{
	const struct yaml_node *last = *at;
	const struct yaml_node *next = last ? last->next : locale->english ? locale->english->first : NULL;

	if (!next)
		return false;
	*at = next;
	*key = next->key->text;
	*text = locale_string(locale, next->key->text.p);
	return true;
}

/* Replaces every {name} in text. */
static struct str fill(struct arena *arena, struct str text, const char *name, struct str value)
{
	struct buf out = BUF_EMPTY;
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

struct str locale_date(struct arena *arena, const struct locale *locale, int64_t seconds)
{
	struct date d = date_split(seconds);
	const struct yaml_node *months = yamltree_get(locale->root, "months");
	const struct yaml_node *month = months ? months->first : NULL;
	struct str text = str_from(text_of(locale->root, "date_long", "{year}-{month}-{day}"));

	for (int i = 1; i < d.month && month; i++)
		month = month->next;
	text = fill(arena, text, "month", month ? month->text : arena_printf(arena, "%02d", d.month));
	text = fill(arena, text, "day", arena_printf(arena, "%d", d.day));
	return fill(arena, text, "year", arena_printf(arena, "%d", d.year));
}
