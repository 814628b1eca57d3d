/* article.h: a post's Markdown -> the HTML that readers get, measured and cut.
 *
 * The pipeline in its order: markdown, outline, typographer, images, excerpt,
 * measure.  To be called in a rendering child (renderer.h).
 */
#ifndef CARTOLINA_ARTICLE_H
#define CARTOLINA_ARTICLE_H

#include "arena.h"
#include "buf.h"
#include "config.h"
#include "post.h"

/* Characters of a description (design: at most 200). */
enum { ARTICLE_DESCRIPTION_LIMIT = 200 };

struct article_source {
	struct str body;         /* Markdown */
	struct str summary;      /* Markdown of the author's summary, or "" */
	const char *lang;
	const char *default_lang; /* of the site; NULL: no reference says which language it is in */
	const char *content;     /* folder that local images are under, or NULL: none are read */
	const char *mount;       /* of base_url, in front of absolute paths */
	struct str folder;       /* of the post, below content */
	struct str path;         /* its address, below the mount */
	struct buf *asked;       /* as in reference.h */
	struct markdown_options markdown;
	bool typographer;
};

/* Fills `body`, `text` (what a reader reads of it), and of `head` what is measured: excerpt_source, truncated,
 * more_text, words, minutes, and description (from the summary or the excerpt,
 * if it is empty); its images become addresses from the root, and the
 * one that stands for it is measured.  -1 after appending
 * messages without a position to err. */
int article_render(struct arena *arena, const struct article_source *source, struct post_head *head,
		   struct post_body *body, struct str *text, struct buf *err) __attribute__((warn_unused_result));

/* The three views of a body, by the prefix law.  A summary is no prefix: the
 * rest after it is the whole article. */
struct str article_view(struct arena *arena, const struct post_head *head, const struct post_body *body,
			bool excerpt, bool rest);
/* The same where something follows it on the page, a list or a feed: what the
 * author left open ends there. */
struct str article_view_in_list(struct arena *arena, const struct post_head *head,
				const struct post_body *body, bool excerpt, bool rest);

#endif
