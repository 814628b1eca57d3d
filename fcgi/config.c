/* config.c: cartolina.yaml -> struct config: where the file is, what holds
 * without it, and what of it the index depends on.
 *
 * Paths are made absolute so that a later chdir changes nothing.
 */
#include "config.h"

#include "config_keys.h"
#include "hash.h"
#include "yamltree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct loader {
	struct arena *arena;
	struct config *config;
	struct buf *err;
};

static const char *folder_of(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *full = NULL;
	const char *folder = slash ? arena_z(arena, (struct str){path, (size_t)(slash - path) + (slash == path)})
				   : ".";

	full = realpath(folder, NULL);
	const char *result = arena_z(arena, str_from(full ? full : folder));
	free(full);
	return result;
}

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

/* Sets config->file and config->root. */
static void locate(struct loader *l, const char *file, const char *script)
{
	struct config *c = l->config;
	const char *environment = getenv("CARTOLINA_CONFIG");
	bool is_named = file || (environment && environment[0]);
	const char *beside = script && !is_named ? folder_of(l->arena, script) : NULL;

	c->file = "";
	if (is_named) {
		c->file = file ? file : environment;
	} else if (exists("cartolina.yaml")) {
		c->file = "cartolina.yaml";
	} else if (beside && exists(arena_printf(l->arena, "%s/cartolina.yaml", beside).p)) {
		c->file = arena_printf(l->arena, "%s/cartolina.yaml", beside).p;
		c->root = beside;
		return;
	}
	if (c->file[0])
		c->root = folder_of(l->arena, c->file);
	else if (beside && !exists("content") && exists(arena_printf(l->arena, "%s/content", beside).p))
		c->root = beside;
	else
		c->root = folder_of(l->arena, "./");
}

static void set_defaults(struct loader *l)
{
	struct config *c = l->config;

	c->base_url = c->feed_id = c->mount = c->theme = "";
	c->content = config_keys_path(l->arena, c, "content");
	c->index = config_keys_path(l->arena, c, ".cartolina/index.db");
	c->languages = ARENA_NEW(l->arena, struct config_language);
	c->languages[0] = (struct config_language){.tag = "en", .name = "", .dir = "", .title = ""};
	c->language_count = 1;
	c->typographer = true;
	c->refresh = 2;
	c->max_age = 60;
	c->max_post_size = 1024 * 1024;
	c->render_timeout = 1;
	c->max_requests = 100000;
	c->worker_cache = 4 * 1024 * 1024;
	c->request_timeout = 30;
	c->shutdown_timeout = 10;
}

static int read_file(struct loader *l, struct buf *text)
{
	struct stat st;
	int fd = open(l->config->file, O_RDONLY | O_CLOEXEC);
	int result = -1;

	text->ceiling = YAMLTREE_BYTES + 1;
	if (fd < 0 || fstat(fd, &st) || buf_read_fd(text, fd)) {
		buf_printf(l->err, "%s:1:1: error: %s [config/read]\n", l->config->file,
			   errno == EFBIG ? "longer than 64 kB" : strerror(errno));
	} else {
		l->config->mtime = st.st_mtime;
		result = 0;
	}
	if (fd >= 0)
		close(fd);
	return result;
}

/* Everything that changes what the index holds.  What only views use is not
 * here: changing it must not cost a rebuild. */
static uint64_t fingerprint(const struct config *c)
{
	uint64_t h = hash64_add(hash64_add(0, str_from(c->content)), str_from(c->mount));
	unsigned numbers[] = {c->markdown.engine, c->markdown.safe, c->typographer, c->max_post_size,
			      c->render_timeout};

	h = hash64_add(h, STR_LIT(CARTOLINA_VERSION)); /* it may render otherwise */
	for (size_t i = 0; i < c->language_count; i++)
		h = hash64_add(h, str_from(c->languages[i].tag));
	for (size_t i = 0; i < c->permalink_count; i++) {
		h = hash64_add(h, str_from(c->permalinks[i].section));
		h = hash64_add(h, str_from(c->permalinks[i].pattern));
	}
	return hash64_add(h, (struct str){(const char *)numbers, sizeof(numbers)});
}

static const char *below_working_folder(struct arena *arena, const char *path)
{
	char *here = getcwd(NULL, 0);
	size_t n = here ? strlen(here) : 0;
	const char *shown = path;

	if (n && !strncmp(path, here, n) && path[n] == '/')
		shown = path + n + 1;
	else if (n && !strcmp(path, here))
		shown = "";
	shown = arena_z(arena, str_from(shown));
	free(here);
	return shown;
}

int config_load(struct arena *arena, const char *file, const char *script, struct config *out, struct buf *err)
{
	struct loader l = {.arena = arena, .config = out, .err = err};
	struct yaml_node *root = NULL;
	struct buf text = BUF_EMPTY;
	size_t before = err->n;

	*out = (struct config){0};
	locate(&l, file, script);
	set_defaults(&l);
	if (out->file[0]) {
		struct yaml_source source = {.path = out->file, .line = 1};
		if (read_file(&l, &text)) {
			buf_release(&text);
			return -1;
		}
		root = yamltree_read(arena, buf_view(&text), &source, err);
		buf_release(&text);
	}
	bool wrong = config_keys_read(arena, root, out->file, out, err) || err->n != before;
	out->content_shown = below_working_folder(arena, out->content);
	out->fingerprint = fingerprint(out);
	return wrong ? -1 : 0;
}

int config_language_at(const struct config *config, struct str tag)
{
	for (size_t i = 0; i < config->language_count; i++)
		if (str_is_fold(tag, config->languages[i].tag))
			return (int)i;
	return -1;
}
