/* check.c: one post -> what its rules find, in the order of the modules.
 *
 * The HTML is made anew: the one in the post has its dividers taken out and its
 * references resolved, and a rule asks what the author's own words became.
 */
#include "check.h"

#include "check_dialect.h"
#include "check_front.h"
#include "check_link.h"
#include "check_shortcode.h"
#include "check_source.h"
#include "check_text.h"
#include "value.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* The whole file; "" where it is gone, or something else by now. */
static struct str read_file(struct arena *arena, const struct config *config, struct str file)
{
	struct buf text = {.ceiling = (size_t)config->max_post_size + 1};
	struct str result = STR_LIT("");
	struct stat st;
	int fd = open(arena_printf(arena, "%s/%.*s", config->content, STR_ARG(file)).p,
		      O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode) && !buf_read_fd(&text, fd))
		result = arena_str(arena, buf_view(&text));
	if (fd >= 0)
		close(fd);
	buf_release(&text);
	return result;
}

static void check_body(struct check_report *report, const struct config *config,
		       const struct post *post)
{
	struct shortcode_context context = {
		.place = check_link_place(report->arena, config, post),
		.default_lang = config->languages[0].tag,
		.title = post->head.title,
		.params = post->head.params,
		.markdown = {.engine = post->engine, .safe = config->markdown.safe},
	};
	struct buf html = BUF_EMPTY, err = BUF_EMPTY;
	struct check_source source;

	value_pool(report->arena);
	if (!check_shortcode(report, context, &html, &err) && !buf_failed(&html)) {
		check_source_read(report->arena, report->source, post->engine == MARKDOWN_DISCOUNT,
				  &source);
		check_link(report, config, post, &source, buf_view(&html));
		check_text(report, &source, buf_view(&html), !context.markdown.safe);
		/* A definition list is no CommonMark, and not meant to be. */
		if (post->engine == MARKDOWN_DISCOUNT && !source.definitions)
			check_dialect(report, context, buf_view(&html));
		check_source_release(&source);
	}
	buf_release(&html);
	buf_release(&err);
}

void check_post(struct arena *arena, const struct config *config, const struct post *post,
		struct buf *problems)
{
	struct check_report report;

	check_report_start(&report, arena, config, post, problems);
	check_front(&report, config, post, read_file(arena, config, post->head.file), time(NULL));
	check_body(&report, config, post);
}
