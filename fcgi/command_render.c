/* command_render.c: render: one source -> its HTML, without a site.
 *
 * In a child with the limits that every post has: what would hang the site
 * hangs nothing here either.
 */
#include "command.h"

#include "article.h"
#include "log.h"
#include "post.h"
#include "postpack.h"
#include "renderer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum view { FULL, EXCERPT, REST };

struct options {
	const char *file;
	enum view view;
	struct markdown_options markdown;
	bool engine_given;
};

static int parse(struct options *options, int argc, char **argv)
{
	const char *value;

	for (int i = 1; i < argc; i++) {
		if ((value = command_option(argc, argv, &i, "--view"))) {
			if (strcmp(value, "full") && strcmp(value, "excerpt") && strcmp(value, "rest"))
				return command_usage(argv[0], "--view takes full, excerpt or rest");
			options->view = value[0] == 'f' ? FULL : value[0] == 'e' ? EXCERPT : REST;
		} else if ((value = command_option(argc, argv, &i, "--markdown"))) {
			if (strcmp(value, "discount") && strcmp(value, "commonmark"))
				return command_usage(argv[0], "--markdown takes discount or commonmark");
			options->markdown.engine = value[0] == 'c' ? MARKDOWN_COMMONMARK : MARKDOWN_DISCOUNT;
			options->engine_given = true;
		} else if (argv[i][0] == '-' && argv[i][1]) {
			return command_usage(argv[0], "unknown option %s", argv[i]);
		} else if (options->file) {
			return command_usage(argv[0], "one file at a time");
		} else {
			options->file = argv[i];
		}
	}
	return options->file ? 0 : command_usage(argv[0], "which file? (- is standard input)");
}

struct outcome {
	struct arena *arena;
	enum view view;
	int result;
	struct buf html;
};

static void take(void *context, const struct renderer_result *result)
{
	struct outcome *o = context;
	struct post_head head;
	struct post_body body;

	log_lines(result->problems);
	if (!result->rendered || postpack_read_head(result->head, &head) || postpack_read_body(result->body, &body))
		return;
	buf_str(&o->html, article_view(o->arena, &head, &body, o->view == EXCERPT, o->view == REST));
	o->result = 0;
}

static int read_input(const char *file, struct buf *text)
{
	bool standard = !strcmp(file, "-");
	int fd = standard ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
	int result = fd < 0 || buf_read_fd(text, fd);

	if (result)
		log_error("%s: %s", file, errno == EFBIG ? "larger than max_post_size" : strerror(errno));
	if (fd > STDIN_FILENO)
		close(fd);
	return result;
}

/* TOML front matter is not read; the text below it can be shown all the same. */
static struct str without_toml(struct str text)
{
	struct str rest = text, line;

	if (!str_line(&rest, &line) || !str_is(str_trim(line), "+++"))
		return text;
	while (str_line(&rest, &line)) {
		if (str_is(str_trim(line), "+++")) {
			log_warning("the TOML front matter is passed over");
			return rest;
		}
	}
	return text;
}

int command_render(const struct command_context *context, int argc, char **argv)
{
	struct options options = {0};
	struct arena arena;
	struct config config;
	struct buf text = BUF_EMPTY, err = BUF_EMPTY;

	arena_init(&arena, 0);
	int result = parse(&options, argc, argv);
	if (!result)
		result = command_config(context, &arena, &config);
	if (!result) {
		if (options.engine_given)
			config.markdown.engine = options.markdown.engine;
		/* Without a site the text is read by its standard, to the letter. */
		config.markdown.strict = !config.file[0];
		text.ceiling = (size_t)config.max_post_size + 1;
		result = read_input(options.file, &text);
	}
	if (!result) {
		const char *slash = strrchr(options.file, '/');
		const char *name = !strcmp(options.file, "-") ? "-" : slash ? slash + 1 : options.file;
		struct renderer_job job = {.file = name, .text = without_toml(buf_view(&text))};
		struct outcome outcome = {.arena = &arena, .view = options.view, .result = 1};
		config.content = config.content_shown = "";
		if (renderer_run(&config, &job, 1, 1, take, &outcome, &err))
			log_lines(buf_view(&err));
		result = outcome.result || command_print(buf_view(&outcome.html));
		buf_release(&outcome.html);
	}
	buf_release(&text);
	buf_release(&err);
	arena_release(&arena);
	return result;
}
