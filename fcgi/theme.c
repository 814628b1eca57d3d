/* theme.c: the theme's folder laid over the built-in files. */
#include "theme.h"

#include "hash.h"
#include "resource.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_LIMIT = 1024 * 1024 /* bytes of one template */ };

struct theme_file {
	struct theme_file *next;
	struct str name; /* without .mustache */
	struct template *template; /* NULL: built in, and not asked for yet */
	const char *path;          /* of what is built in, else NULL */
	struct str source;
	bool looping;
};

struct theme {
	struct arena arena;
	struct theme_file *files;
	struct locale *locales;
	size_t locale_count;
	int64_t mtime;
};

/* The built-in ones are without errors, so nobody misses a report of them. */
static const struct template *find(void *context, struct str name)
{
	struct theme *theme = context;
	struct theme_file *f = theme->files;
	struct buf never = BUF_EMPTY;

	while (f && !str_eq(f->name, name))
		f = f->next;
	if (!f)
		return NULL;
	if (!f->template)
		f->template = template_compile(&theme->arena, str_from(f->path), f->source, &never);
	buf_release(&never);
	return f->template;
}

static struct theme_file *add_file(struct theme *theme, struct str name)
{
	struct theme_file *file = ARENA_NEW(&theme->arena, struct theme_file);

	*file = (struct theme_file){.next = theme->files, .name = arena_str(&theme->arena, name)};
	return theme->files = file;
}

/* "post.mustache" -> "post"; false for other names. */
static bool template_name(struct str file, struct str *name)
{
	*name = file;
	if (!str_ends(file, ".mustache") || file.p[0] == '.')
		return false;
	name->n -= strlen(".mustache");
	return name->n > 0;
}

static void add_from_disk(struct theme *theme, const char *folder, const char *file, struct buf *problems)
{
	struct buf text = {.ceiling = FILE_LIMIT};
	struct str name;
	struct stat st;
	const char *path = arena_printf(&theme->arena, "%s/%s", folder, file).p;
	int fd = template_name(str_from(file), &name) ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;

	if (fd < 0)
		return;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || buf_read_fd(&text, fd)) {
		buf_printf(problems, "%s:1:1: error: cannot be read [template/read]\n", path);
	} else {
		struct template *template =
			template_compile(&theme->arena, str_from(path), arena_str(&theme->arena, buf_view(&text)),
					 problems);
		if (st.st_mtime > theme->mtime)
			theme->mtime = st.st_mtime;
		if (template)
			add_file(theme, name)->template = template;
	}
	close(fd);
	buf_release(&text);
}

static void add_folder(struct theme *theme, const char *folder, struct buf *problems)
{
	DIR *dir = opendir(folder);

	if (!dir) {
		buf_printf(problems, "%s:1:1: error: the theme's folder cannot be read [template/read]\n", folder);
		return;
	}
	for (struct dirent *entry; (entry = readdir(dir));)
		add_from_disk(theme, folder, entry->d_name, problems);
	closedir(dir);
}

/* Later files stand before earlier ones in the list, so the site's win. */
static void add_built_in(struct theme *theme)
{
	const char *path;

	for (size_t i = 0; (path = resource_name(i)); i++) {
		struct str name, source;
		if (strncmp(path, "theme/", 6) == 0 && template_name(str_from(path + 6), &name) &&
		    resource_find(path, &source)) {
			struct theme_file *file = add_file(theme, name);
			file->path = path;
			file->source = source;
		}
	}
}

/* Files of the site's that include themselves give way as broken ones do. */
static void drop_loops(struct theme *theme, struct buf *problems)
{
	for (struct theme_file *f = theme->files; f; f = f->next)
		f->looping = !f->path && template_loops(f->template, find, theme, problems);
	for (struct theme_file **at = &theme->files; *at;)
		if ((*at)->looping)
			*at = (*at)->next;
		else
			at = &(*at)->next;
}

struct theme *theme_load(const struct config *config, struct buf *problems)
{
	struct theme *theme = calloc(1, sizeof(*theme));

	if (!theme)
		abort();
	arena_init(&theme->arena, 0);
	add_built_in(theme);
	if (config->theme[0])
		add_folder(theme, config->theme, problems);
	drop_loops(theme, problems);
	theme->locales = ARENA_ARRAY(&theme->arena, config->language_count, struct locale);
	theme->locale_count = config->language_count;
	for (size_t i = 0; i < config->language_count; i++)
		locale_load(&theme->arena, config->languages[i].tag, config->theme, &theme->locales[i], problems);
	return theme;
}

void theme_prepare(struct theme *theme)
{
	for (const struct theme_file *f = theme->files; f; f = f->next)
		find(theme, f->name);
	for (size_t i = 0; i < theme->locale_count; i++)
		locale_prepare(&theme->locales[i]);
}

void theme_free(struct theme *theme)
{
	if (!theme)
		return;
	arena_release(&theme->arena);
	free(theme);
}

static uint64_t folder_signature(const char *folder, uint64_t sum, unsigned depth)
{
	DIR *dir = opendir(folder);
	struct stat st;

	if (!dir)
		return sum;
	for (struct dirent *entry; (entry = readdir(dir));) {
		if (entry->d_name[0] == '.' || fstatat(dirfd(dir), entry->d_name, &st, 0))
			continue;
		int64_t facts[] = {(int64_t)st.st_ino, st.st_size, st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
				   st.st_ctim.tv_sec, st.st_ctim.tv_nsec};
		/* A sum: the order of readdir is not the folder's. */
		sum += hash64_add(hash64(str_from(entry->d_name)),
				  (struct str){(const char *)facts, sizeof(facts)});
		if (S_ISDIR(st.st_mode) && depth < 1) {
			char path[4096];
			int n = snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
			if (n > 0 && (size_t)n < sizeof(path))
				sum = folder_signature(path, sum, depth + 1);
		}
	}
	closedir(dir);
	return sum;
}

uint64_t theme_signature(const struct config *config)
{
	return config->theme[0] ? folder_signature(config->theme, 0, 0) : 0;
}

int64_t theme_mtime(const struct theme *theme)
{
	return theme->mtime;
}

const struct locale *theme_locale(const struct theme *theme, size_t language)
{
	return &theme->locales[language];
}

/* Hugo's and Jekyll's posts say `layout: post` or `layout: list` and mean theirs:
 * a name that is built in, as a page or a part of one, is none of an author's. */
const char *theme_layout(const struct theme *theme, struct str layout, const char *otherwise)
{
	const char *own = NULL;

	for (const struct theme_file *f = theme->files; f && layout.n; f = f->next) {
		if (!str_eq(f->name, layout))
			continue;
		if (f->path)
			return otherwise;
		own = f->name.p;
	}
	return own ? own : otherwise;
}

int theme_render(const struct theme *theme, const char *name, const struct value *data, struct buf *out,
		 struct buf *err)
{
	const struct template *template = find((void *)theme, str_from(name));

	if (!template) {
		buf_printf(err, "the theme has no %s.mustache\n", name);
		return -1;
	}
	return template_render(template, data, find, (void *)theme, out, err);
}
