/* images.h: <img> that neither moves the page nor loads before it is needed. */
#ifndef CARTOLINA_IMAGES_H
#define CARTOLINA_IMAGES_H

#include "buf.h"

/* Where local images are. */
struct images_files {
	/* An open file for the path of a URL, or -1.  `path` is what the author
	 * wrote, character references resolved, without query and fragment:
	 * still percent-encoded, relative or absolute, and not to be trusted.
	 * URLs with a scheme or a host are never asked for.  images closes it. */
	int (*open)(void *context, struct str path);
	void *context;
};

/* Appends html to out with loading="lazy", decoding="async", width and height
 * on every <img> that has a src and lacks them, after the author's own
 * attributes, which stay byte for byte.
 *
 * The first <img> is not made lazy: it is usually visible at once.  Width and
 * height come from the file; of an author's single one the other is computed,
 * so that the space is reserved in the right shape.  Nothing is added to sizes
 * in percent, to an <img> whose style says width or height, or where the file
 * is not known.  files may be NULL: no sizes. */
void images_apply(struct str html, const struct images_files *files, struct buf *out);

struct images_size {
	unsigned width, height; /* CSS pixels, as a browser turns the image; 1 to 1,000,000 */
};
/* The size of the image in a file, of which at most 64 kB are read: PNG, JPEG
 * (with its Exif orientation), GIF, WebP, AVIF, SVG.  False when it is none of
 * these, damaged, or no regular file.  Does not move the file's offset. */
bool images_measure(int fd, struct images_size *size);

#endif
