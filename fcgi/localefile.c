/* localefile.c: the lines of a built-in locale file -> nodes.
 *
 * libyaml takes 0.1 ms for one such file, a twentieth of a CGI process, and a
 * page with ten languages needs the names of all.  What these files do not use
 * of YAML is refused here, and test_locale.c compares each of them with what
 * yamltree_read() makes of it.  Texts from elsewhere are not for this.
 */
#include "localefile.h"

static struct yaml_node *new_node(struct arena *arena, enum yaml_kind kind)
{
	struct yaml_node *node = ARENA_NEW(arena, struct yaml_node);

	node->kind = kind;
	return node;
}

/* 'It''s' -> It's */
static struct str unquoted(struct arena *arena, struct str s)
{
	char *copy = arena_alloc(arena, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		copy[n++] = s.p[i];
		i += s.p[i] == '\'';
	}
	copy[n] = 0;
	return (struct str){copy, n};
}

static bool is_plain(struct str s)
{
	if (!s.n || strchr("\"'[]{}#&*!|>%@`?-,:~", s.p[0]) || s.p[s.n - 1] == ':')
		return false;
	for (size_t i = 1; i < s.n; i++)
		if ((s.p[i] == ' ' && s.p[i - 1] == ':') || (s.p[i] == '#' && s.p[i - 1] == ' '))
			return false;
	return true;
}

static struct yaml_node *scalar(struct arena *arena, struct str s)
{
	struct yaml_node *node = new_node(arena, YAML_SCALAR);

	node->quoted = s.n >= 2 && s.p[0] == '\'' && s.p[s.n - 1] == '\'';
	if (!node->quoted && !is_plain(s))
		return NULL;
	node->text = node->quoted ? unquoted(arena, str_head(str_skip(s, 1), s.n - 2)) : arena_str(arena, s);
	return node;
}

static struct yaml_node *list(struct arena *arena, struct str s)
{
	struct yaml_node *node = new_node(arena, YAML_LIST), **end = &node->first;

	s = str_head(str_skip(s, 1), s.n - 2);
	while (s.n) {
		*end = scalar(arena, str_trim(str_cut(&s, ',')));
		if (!*end)
			return NULL;
		end = &(*end)->next;
	}
	return node;
}

/* The lines below it are added by fold(). */
static struct yaml_node *folded(struct arena *arena)
{
	struct yaml_node *node = new_node(arena, YAML_SCALAR);

	node->quoted = true;
	node->text = STR_LIT("");
	return node;
}

static void fold(struct arena *arena, struct yaml_node *node, struct str line)
{
	node->text = node->text.n ? arena_printf(arena, "%.*s %.*s", STR_ARG(node->text), STR_ARG(line))
				  : arena_str(arena, line);
}

/* The value of a member; what is below it, when there is none on its line. */
static struct yaml_node *member(struct arena *arena, struct str line)
{
	size_t colon = str_find_char(line, ':');
	struct str value = str_trim(str_skip(line, colon + 1));
	struct yaml_node *key = scalar(arena, str_head(line, colon)), *node;

	if (!key || colon == line.n)
		return NULL;
	if (!value.n)
		node = new_node(arena, YAML_MAP);
	else if (str_is(value, ">-"))
		node = folded(arena);
	else if (value.p[0] == '[' && value.p[value.n - 1] == ']')
		node = list(arena, value);
	else
		node = scalar(arena, value);
	if (node)
		node->key = key;
	return node;
}

struct yaml_node *localefile_read(struct arena *arena, struct str text)
{
	struct yaml_node *root = new_node(arena, YAML_MAP), *open = NULL; /* a folded text */
	struct yaml_node **end = &root->first, **end_below = NULL;

	while (text.n) {
		struct str line = str_cut(&text, '\n'), rest = str_trim(line);
		bool below = str_starts(line, "  ");
		if (open && rest.n && str_starts(line, "    ")) {
			fold(arena, open, rest);
			continue;
		}
		if (!rest.n || rest.p[0] == '#')
			continue;
		struct yaml_node *node = member(arena, rest);
		if (!node || (below && (!end_below || node->kind != YAML_SCALAR)) || (!below && line.p[0] == ' ') ||
		    str_starts(line, "   "))
			return NULL;
		struct yaml_node ***at = below ? &end_below : &end;
		**at = node;
		*at = &node->next;
		if (!below)
			end_below = node->kind == YAML_MAP ? &node->first : NULL;
		open = str_ends(rest, ": >-") ? node : NULL;
	}
	return root;
}
