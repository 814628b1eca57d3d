/* images.c: <img> in rendered HTML -> the same with size and loading hints.
 *
 * In:  tokens of html.h, and image files by a function of the caller's.
 * Out: html with attributes appended inside <img> tags, nothing else changed.
 * Files are hostile: each read names its offset and its fixed length and comes
 * out of a budget; a length found in a file only ever moves that offset on.
 * Formats: PNG (W3C 2003 §11.2.2), GIF89a §18, JPEG (ITU T.81 annex B) with
 * Exif 2.3 §4.6.4 orientation, WebP (RFC 9649), AVIF (ISO/IEC 14496-12 boxes),
 * SVG 2 §8.  Pixels are never decoded, and only headers are checked.
 */
#include "images.h"

#include "html.h"
#include "text.h"
#include "uri.h"

#include <sys/stat.h>
#include <unistd.h>

enum {
	READ_BUDGET = 64 * 1024, /* bytes of one file */
	HEAD = 16 * 1024,        /* bytes read at first: where an <svg> must begin */
	EXIF = 1024,             /* bytes of Exif: the orientation stands at their beginning */
	SEGMENTS = 500,          /* JPEG segments, AVIF boxes */
	LARGEST = 1000 * 1000,   /* pixels on a side */
	MOST_FILES = 1000,       /* opened for one document */
};

struct file {
	int fd;
	size_t budget;
	size_t n; /* bytes in head */
	unsigned char head[HEAD];
};

static unsigned be16(const unsigned char *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static uint32_t be32(const unsigned char *p)
{
	return (uint32_t)be16(p) << 16 | be16(p + 2);
}

static unsigned le16(const unsigned char *p)
{
	return (unsigned)p[1] << 8 | p[0];
}

static uint32_t le24(const unsigned char *p)
{
	return (uint32_t)p[2] << 16 | le16(p);
}

/* Up to n bytes at offset; less at the end of the file or of the budget. */
static size_t fetch(struct file *f, uint64_t offset, void *bytes, size_t n)
{
	size_t got = 0;

	if (n > f->budget)
		n = f->budget;
	if (offset > INT32_MAX)
		return 0;
	while (got < n) {
		ssize_t k = pread(f->fd, (char *)bytes + got, n - got, (off_t)(offset + got));
		if (k <= 0)
			break;
		got += (size_t)k;
	}
	f->budget -= got;
	return got;
}

static bool has(const struct file *f, size_t offset, const char *magic, size_t n)
{
	return f->n >= offset + n && memcmp(f->head + offset, magic, n) == 0;
}

static bool set(struct images_size *size, uint32_t width, uint32_t height)
{
	if (!width || !height || width > LARGEST || height > LARGEST)
		return false;
	*size = (struct images_size){width, height};
	return true;
}

static bool measure_png(const struct file *f, struct images_size *size)
{
	return f->n >= 24 && has(f, 12, "IHDR", 4) &&
	       set(size, be32(f->head + 16), be32(f->head + 20));
}

static bool measure_gif(const struct file *f, struct images_size *size)
{
	return f->n >= 10 && set(size, le16(f->head + 6), le16(f->head + 8));
}

/* ---- JPEG ---- */

/* The orientation 1 to 8 in the TIFF structure of an Exif segment; 1 where
 * there is none. */
static unsigned tiff_orientation(const unsigned char *p, size_t n)
{
	enum { ENTRY = 12, ORIENTATION = 0x0112 };

	if (n < 8 || (memcmp(p, "II*\0", 4) && memcmp(p, "MM\0*", 4)))
		return 1;
	bool little = p[0] == 'I';
	size_t at = little ? le24(p + 4) | (size_t)p[7] << 24 : be32(p + 4);
	if (at > n || n - at < 2)
		return 1;
	size_t entries = little ? le16(p + at) : be16(p + at);
	for (at += 2; entries && n - at >= ENTRY; entries--, at += ENTRY) {
		unsigned tag = little ? le16(p + at) : be16(p + at);
		unsigned value = little ? le16(p + at + 8) : be16(p + at + 8);
		if (tag == ORIENTATION)
			return value;
	}
	return 1;
}

static unsigned exif_orientation(struct file *f, uint64_t offset, size_t length)
{
	unsigned char bytes[EXIF];
	size_t n = fetch(f, offset, bytes, length < EXIF ? length : EXIF);

	if (n < 6 || memcmp(bytes, "Exif\0\0", 6))
		return 1;
	return tiff_orientation(bytes + 6, n - 6);
}

static bool measure_jpeg(struct file *f, struct images_size *size)
{
	uint64_t at = 2;
	unsigned orientation = 1;

	for (int i = 0; i < SEGMENTS; i++) {
		unsigned char p[9];
		if (fetch(f, at, p, sizeof(p)) < 4 || p[0] != 0xff)
			return false;
		unsigned marker = p[1], length = be16(p + 2);
		if (marker == 0xff || marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
			at += marker == 0xff ? 1 : 2; /* fill bytes, and markers without length */
			continue;
		}
		if (length < 2 || marker == 0xd9 || marker == 0xda)
			return false;
		if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 &&
		    marker != 0xcc) {
			bool turned = orientation >= 5 && orientation <= 8;
			unsigned height = be16(p + 5), width = be16(p + 7);
			return length >= 8 &&
			       (turned ? set(size, height, width) : set(size, width, height));
		}
		if (marker == 0xe1 && orientation == 1)
			orientation = exif_orientation(f, at + 4, length - 2);
		at += 2 + length;
	}
	return false;
}

/* ---- WebP ---- */

static bool measure_webp(const struct file *f, struct images_size *size)
{
	const unsigned char *p = f->head;

	if (f->n < 30)
		return false;
	if (has(f, 12, "VP8X", 4))
		return set(size, le24(p + 24) + 1, le24(p + 27) + 1);
	if (has(f, 12, "VP8L", 4) && p[20] == 0x2f) {
		uint32_t bits = le24(p + 21) | (uint32_t)p[24] << 24;
		return set(size, (bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1);
	}
	if (has(f, 12, "VP8 ", 4) && has(f, 23, "\x9d\x01\x2a", 3))
		return set(size, le16(p + 26) & 0x3fff, le16(p + 28) & 0x3fff);
	return false;
}

/* ---- AVIF ---- */

/* The boxes meta, iprp and ipco are opened, the others passed over.  The
 * largest image spatial extent is the picture's; smaller ones are of tiles
 * and thumbnails. */
static bool measure_avif(const struct file *f, struct images_size *size)
{
	uint64_t at = 0;
	uint32_t width = 0, height = 0;
	bool turned = false;

	for (int i = 0; i < SEGMENTS && at + 8 <= f->n; i++) {
		const unsigned char *p = f->head + at;
		uint32_t length = be32(p);
		size_t left = f->n - (size_t)at;
		bool meta = !memcmp(p + 4, "meta", 4);
		if (meta || !memcmp(p + 4, "iprp", 4) || !memcmp(p + 4, "ipco", 4)) {
			at += meta ? 12 : 8;
			continue;
		}
		if (!memcmp(p + 4, "ispe", 4) && left >= 20 && be32(p + 12) > width) {
			width = be32(p + 12);
			height = be32(p + 16);
		}
		if (!memcmp(p + 4, "irot", 4) && left >= 9)
			turned = p[8] & 1;
		if (length < 8 || !memcmp(p + 4, "mdat", 4))
			break;
		at += length;
	}
	return turned ? set(size, height, width) : set(size, width, height);
}

/* ---- SVG ---- */

/* A number as SVG writes it, without the locale.  -1 when there is none.
 * *rest moves past it, and past the comma or spaces before it. */
static double take_number(struct str *rest)
{
	struct str s = *rest;
	double value = 0, unit = 1;
	bool digits = false;
	size_t n = 0;

	while (n < s.n && (ascii_space(s.p[n]) || s.p[n] == ','))
		n++;
	bool negative = n < s.n && s.p[n] == '-';
	n += negative || (n < s.n && s.p[n] == '+');
	for (; n < s.n && ascii_digit(s.p[n]); n++, digits = true)
		value = value < LARGEST ? value * 10 + (s.p[n] - '0') : value;
	if (n < s.n && s.p[n] == '.')
		for (n++; n < s.n && ascii_digit(s.p[n]); n++, digits = true)
			value += (unit /= 10) * (s.p[n] - '0');
	*rest = str_skip(s, n);
	return digits && !negative ? value : -1;
}

/* A length in CSS pixels; 0 for percentages, fonts' units and nonsense. */
static double svg_length(struct str value)
{
	static const struct {
		const char *name;
		double pixels;
	} units[] = {{"", 1},         {"px", 1},         {"pt", 96.0 / 72}, {"pc", 16},
		     {"in", 96},      {"cm", 96 / 2.54}, {"mm", 96 / 25.4}};
	double number = take_number(&value);

	value = str_trim(value);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (str_is_fold(value, units[i].name) && number > 0)
			return number * units[i].pixels;
	return 0;
}

static bool set_rounded(struct images_size *size, double width, double height)
{
	if (!(width > 0 && height > 0 && width <= LARGEST && height <= LARGEST))
		return false;
	return set(size, width < 1 ? 1 : (uint32_t)(width + 0.5),
		   height < 1 ? 1 : (uint32_t)(height + 0.5));
}

static bool measure_svg_tag(const struct html_token *svg, struct images_size *size)
{
	struct str value;
	double width = html_attribute_find(svg, "width", &value) ? svg_length(value) : 0;
	double height = html_attribute_find(svg, "height", &value) ? svg_length(value) : 0;

	if (width > 0 && height > 0)
		return set_rounded(size, width, height);
	if (!html_attribute_find(svg, "viewBox", &value))
		return false;
	struct str rest = value;
	take_number(&rest);
	take_number(&rest);
	double box_width = take_number(&rest), box_height = take_number(&rest);
	if (box_width <= 0 || box_height <= 0)
		return false;
	if (width > 0)
		return set_rounded(size, width, width * box_height / box_width);
	if (height > 0)
		return set_rounded(size, height * box_width / box_height, height);
	return set_rounded(size, box_width, box_height);
}

/* XML is close enough to HTML for its first tag.  A document type with
 * brackets of its own reads as text here, which is passed over too. */
static bool measure_svg(const struct file *f, struct images_size *size)
{
	struct html_reader reader;
	struct html_token token;

	html_start(&reader, (struct str){(const char *)f->head, f->n});
	while (html_next(&reader, &token)) {
		if (token.kind != HTML_OPEN)
			continue;
		return !token.unfinished &&
		       (html_is(&token, "svg") || str_ends(token.name, ":svg")) &&
		       measure_svg_tag(&token, size);
	}
	return false;
}

bool images_measure(int fd, struct images_size *size)
{
	struct file f = {.fd = fd, .budget = READ_BUDGET};
	struct stat status;

	if (fstat(fd, &status) || !S_ISREG(status.st_mode))
		return false;
	f.n = fetch(&f, 0, f.head, HEAD);
	if (has(&f, 0, "\x89PNG\r\n\x1a\n", 8))
		return measure_png(&f, size);
	if (has(&f, 0, "GIF87a", 6) || has(&f, 0, "GIF89a", 6))
		return measure_gif(&f, size);
	if (has(&f, 0, "\xff\xd8\xff", 3))
		return measure_jpeg(&f, size);
	if (has(&f, 0, "RIFF", 4) && has(&f, 8, "WEBP", 4))
		return measure_webp(&f, size);
	if (has(&f, 4, "ftypavi", 7))
		return measure_avif(&f, size);
	return measure_svg(&f, size);
}

/* ---- tags ---- */

struct images {
	const struct images_files *files;
	size_t seen;   /* <img> with a src */
	size_t opened; /* files */
};

/* Whether it stands on this site; *path without query and fragment. */
static bool is_local(struct str url, struct str *path)
{
	size_t n = 0;

	while (n < url.n && url.p[n] != '?' && url.p[n] != '#')
		n++;
	*path = str_head(url, n);
	return path->n && !str_starts(url, "//") && !uri_has_scheme(url);
}

static bool find_size(struct images *images, struct str src, struct images_size *size)
{
	struct buf url = BUF_EMPTY;
	struct str path;
	bool found = false;

	if (!images->files || images->opened == MOST_FILES)
		return false;
	text_unescape(str_trim(src), &url);
	if (!buf_failed(&url) && is_local(buf_view(&url), &path)) {
		int fd = images->files->open(images->files->context, path);
		images->opened++;
		if (fd >= 0) {
			found = images_measure(fd, size);
			close(fd);
		}
	}
	buf_release(&url);
	return found;
}

/* A width or height as the HTML standard reads it ("650", "650px"); 0 for what
 * says nothing about pixels. */
static unsigned pixels(struct str value)
{
	unsigned n = 0;

	value = str_trim(value);
	while (value.n && ascii_digit(value.p[0]) && n <= LARGEST) {
		n = n * 10 + (unsigned)(value.p[0] - '0');
		value = str_skip(value, 1);
	}
	return n <= LARGEST && !(value.n && value.p[0] == '%') ? n : 0;
}

/* value * to / from, rounded. */
static unsigned scale(unsigned value, unsigned to, unsigned from)
{
	uint64_t scaled = ((uint64_t)value * to + from / 2) / from;

	return scaled < 1 ? 1 : scaled > LARGEST ? LARGEST : (unsigned)scaled;
}

static void add_size(struct images *images, const struct html_token *img, struct str src,
		     struct buf *out)
{
	struct images_size size;
	struct str width, height, style;
	bool has_width = html_attribute_find(img, "width", &width);
	bool has_height = html_attribute_find(img, "height", &height);

	if ((has_width && has_height) || (has_width && !pixels(width)) ||
	    (has_height && !pixels(height)))
		return;
	if (html_attribute_find(img, "style", &style) &&
	    (str_find(style, "width") < style.n || str_find(style, "height") < style.n))
		return;
	if (!find_size(images, src, &size))
		return;
	if (has_width)
		buf_printf(out, " height=\"%u\"", scale(pixels(width), size.height, size.width));
	else if (has_height)
		buf_printf(out, " width=\"%u\"", scale(pixels(height), size.width, size.height));
	else
		buf_printf(out, " width=\"%u\" height=\"%u\"", size.width, size.height);
}

/* The end of the author's attributes.  After a bare "alt=" the next attribute
 * would become its value: the caller closes it with "". */
static const char *attributes_end(const struct html_token *img, bool *dangling)
{
	struct str rest = img->attributes;
	struct html_attribute a;
	const char *end = img->attributes.p;

	*dangling = false;
	while (html_attribute_next(&rest, &a)) {
		end = a.bytes.p + a.bytes.n;
		*dangling = !a.value.n && str_ends(str_trim(a.bytes), "=");
	}
	while (end > img->attributes.p && ascii_space(end[-1]))
		end--;
	return end;
}

static void write_image(struct images *images, const struct html_token *img, struct buf *out)
{
	struct str src, ignored;
	bool dangling;
	const char *end = attributes_end(img, &dangling);

	if (!html_attribute_find(img, "src", &src) || !str_trim(src).n) {
		buf_str(out, img->bytes);
		return;
	}
	buf_add(out, img->bytes.p, (size_t)(end - img->bytes.p));
	if (dangling)
		buf_puts(out, "\"\"");
	add_size(images, img, src, out);
	if (images->seen++ && !html_attribute_find(img, "loading", &ignored))
		buf_puts(out, " loading=\"lazy\"");
	if (!html_attribute_find(img, "decoding", &ignored))
		buf_puts(out, " decoding=\"async\"");
	buf_add(out, end, (size_t)(img->bytes.p + img->bytes.n - end));
}

void images_apply(struct str html, const struct images_files *files, struct buf *out)
{
	struct images images = {.files = files};
	struct html_reader reader;
	struct html_token token;

	html_start(&reader, html);
	while (html_next(&reader, &token)) {
		if (token.kind == HTML_OPEN && !token.unfinished && html_is(&token, "img"))
			write_image(&images, &token, out);
		else
			buf_str(out, token.bytes);
	}
}
