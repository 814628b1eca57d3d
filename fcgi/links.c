/* links.c: path and language -> address. */
#include "links.h"

#include "escape.h"
#include "uri.h"

static void add_address(struct buf *out, const struct config *config, const char *base, struct str path,
			size_t language)
{
	bool prefix = language > 0 && config->urls == URLS_PREFIX;

	buf_puts(out, base);
	if (prefix)
		buf_printf(out, "/%s", config->languages[language].tag);
	escape_path(out, path);
	if (language > 0 && !prefix)
		buf_printf(out, "?lang=%s", config->languages[language].tag);
}

struct str links_local(struct arena *arena, const struct config *config, struct str path, size_t language)
{
	struct buf out = BUF_IN(arena);

	add_address(&out, config, config->mount, path, language);
	return buf_view(&out);
}

struct str links_canonical(struct arena *arena, const struct config *config, struct str path, size_t language)
{
	struct buf out = BUF_IN(arena);

	links_add(&out, config, path, language);
	return buf_view(&out);
}

void links_add(struct buf *out, const struct config *config, struct str path, size_t language)
{
	add_address(out, config, config->base_url, path, language);
}

bool links_are_absolute(const struct config *config)
{
	return config->base_url[0] && config->base_url[0] != '/';
}

struct str links_with(struct arena *arena, struct str url, const char *name, const char *value)
{
	bool query = str_find_char(url, '?') < url.n;
	return arena_printf(arena, "%.*s%c%s=%s", STR_ARG(url), query ? '&' : '?', name, value);
}

struct str links_absolute(struct arena *arena, const struct config *config, struct str page, struct str reference)
{
	if (!reference.n || uri_has_scheme(reference) || !links_are_absolute(config))
		return reference;
	return uri_resolve(arena, page, reference);
}

/* By the name that request.c understands, however it was sent. */
static bool has_name(struct arena *arena, const struct uri_pair *pair, const char *name)
{
	struct str decoded;
	return !uri_decode(arena, pair->name, true, &decoded) && str_is(decoded, name);
}

struct str links_query(struct arena *arena, struct str query, const char *drop)
{
	struct buf out = BUF_IN(arena);
	struct uri_pair pair;

	while (uri_pair_next(&query, &pair)) {
		if (drop && has_name(arena, &pair, drop))
			continue;
		struct str whole = {pair.name.p, (size_t)(pair.value.p + pair.value.n - pair.name.p)};
		buf_char(&out, out.n ? '&' : '?');
		for (size_t i = 0; i < whole.n; i++) {
			char c = whole.p[i];
			/* RFC 3986 §3.4, and "%" of what is encoded already. */
			if (ascii_alnum(c) || (c && strchr("-._~!$&'()*+,;=:@/?%", c)))
				buf_char(&out, c);
			else
				escape_query(&out, (struct str){&c, 1});
		}
	}
	return buf_view(&out);
}
