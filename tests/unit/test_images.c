/* test_images.c: sizes out of file headers, and the attributes of <img>.
 * All files are made here, in memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/mman.h>

#include "../lib/hostile.h"
#include "images.h"

static int memory_file(struct str bytes)
{
	int fd = memfd_create("image", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes.p, bytes.n), bytes.n);
	return fd;
}

static bool measure(struct str bytes, struct images_size *size)
{
	int fd = memory_file(bytes);
	bool found = images_measure(fd, size);

	close(fd);
	return found;
}

/* ---- files ---- */

#define PNG_HEAD "\x89PNG\r\n\x1a\n\0\0\0\rIHDR"

static void be(struct buf *b, int bytes, uint32_t value)
{
	while (bytes--)
		buf_char(b, (char)(value >> 8 * bytes));
}

static void le(struct buf *b, int bytes, uint32_t value)
{
	for (; bytes--; value >>= 8)
		buf_char(b, (char)value);
}

static void jpeg_segment(struct buf *b, unsigned marker, size_t length)
{
	buf_char(b, (char)0xff);
	buf_char(b, (char)marker);
	be(b, 2, (uint32_t)length + 2);
}

/* An APP1 with an orientation, the TIFF inside in either byte order. */
static void jpeg_exif(struct buf *b, unsigned orientation, bool little)
{
	void (*number)(struct buf *, int, uint32_t) = little ? le : be;

	jpeg_segment(b, 0xe1, 6 + 8 + 2 + 2 * 12);
	buf_add(b, "Exif\0\0", 6);
	buf_add(b, little ? "II*\0" : "MM\0*", 4);
	number(b, 4, 8);
	number(b, 2, 2);
	number(b, 2, 0x010f);
	number(b, 2, 2);
	number(b, 4, 1);
	number(b, 4, 0);
	number(b, 2, 0x0112);
	number(b, 2, 3);
	number(b, 4, 1);
	number(b, 2, orientation);
	number(b, 2, 0);
}

static void jpeg_frame(struct buf *b, unsigned marker, unsigned width, unsigned height)
{
	jpeg_segment(b, marker, 15);
	buf_char(b, 8);
	be(b, 2, height);
	be(b, 2, width);
	buf_add(b, "\3\1\x22\0\2\x11\1\3\x11\1", 10);
}

static void jpeg_padding(struct buf *b, unsigned marker, size_t length)
{
	jpeg_segment(b, marker, length);
	for (size_t i = 0; i < length; i++)
		buf_char(b, (char)(i % 7));
}

static struct buf jpeg(unsigned orientation, bool little)
{
	struct buf b = BUF_EMPTY;

	buf_add(&b, "\xff\xd8", 2);
	jpeg_padding(&b, 0xe0, 14);
	if (orientation)
		jpeg_exif(&b, orientation, little);
	jpeg_frame(&b, 0xc0, 1300, 650);
	return b;
}

static struct buf avif(unsigned width, unsigned height, int turn)
{
	struct buf b = BUF_EMPTY;
	uint32_t rotation = turn ? 9 : 0;

	be(&b, 4, 20);
	buf_add(&b, "ftypavif\0\0\0\0mif1", 16);
	be(&b, 4, 12 + 20 + 8 + 8 + 40 + rotation);
	buf_add(&b, "meta\0\0\0\0", 8);
	be(&b, 4, 20);
	buf_add(&b, "pitm\0\0\0\0\0\1\0\0\0\0\0\0", 16);
	be(&b, 4, 8 + 8 + 40 + rotation);
	buf_add(&b, "iprp", 4);
	be(&b, 4, 8 + 40 + rotation);
	buf_add(&b, "ipco", 4);
	be(&b, 4, 20);
	buf_add(&b, "ispe\0\0\0\0", 8);
	be(&b, 4, 16);
	be(&b, 4, 16);
	be(&b, 4, 20);
	buf_add(&b, "ispe\0\0\0\0", 8);
	be(&b, 4, width);
	be(&b, 4, height);
	if (turn) {
		be(&b, 4, 9);
		buf_add(&b, "irot", 4);
		buf_char(&b, (char)turn);
	}
	return b;
}

/* ---- measuring ---- */

#define FIXED(literal) {(literal), sizeof(literal) - 1}

static const struct {
	const char *what;
	struct str bytes;
	unsigned width, height; /* 0: not found */
} FILES[] = {
	{"empty", FIXED(""), 0, 0},
	{"text", FIXED("hello, no image at all, but long enough for every header"), 0, 0},
	{"png", FIXED(PNG_HEAD "\0\0\5\x14\0\0\2\x8a\x08\2\0\0\0"), 1300, 650},
	{"png without width", FIXED(PNG_HEAD "\0\0\0\0\0\0\2\x8a"), 0, 0},
	{"png too wide", FIXED(PNG_HEAD "\x7f\xff\xff\xff\0\0\0\1"), 0, 0},
	{"png cut", FIXED(PNG_HEAD "\0\0\5\x14\0\0\2"), 0, 0},
	{"png with another chunk first", FIXED("\x89PNG\r\n\x1a\n\0\0\0\rCgBI\0\0\5\x14\0\0\2\x8a"),
	 0, 0},
	{"gif", FIXED("GIF89a\x14\5\x8a\2\xf7\0\0"), 1300, 650},
	{"old gif", FIXED("GIF87a\1\0\2\0"), 1, 2},
	{"gif cut", FIXED("GIF89a\x14\5\x8a"), 0, 0},
	{"webp lossy", FIXED("RIFF\0\0\0\0WEBPVP8 \0\0\0\0\x30\1\0\x9d\x01\x2a\x14\x45\x8a\xc2"),
	 1300, 650},
	{"webp lossy without start code",
	 FIXED("RIFF\0\0\0\0WEBPVP8 \0\0\0\0\x30\1\0\x9d\x01\x2b\x14\5\x8a\2"), 0, 0},
	{"webp lossless", FIXED("RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f\x13\x45\xa2\x10\0\0\0\0\0"), 1300,
	 650},
	{"webp extended", FIXED("RIFF\0\0\0\0WEBPVP8X\n\0\0\0\x10\0\0\0\x13\5\0\x89\2\0"), 1300,
	 650},
	{"webp cut", FIXED("RIFF\0\0\0\0WEBPVP8X\n\0\0\0\x10\0\0\0\x13\5\0\x89\2"), 0, 0},
	{"riff of another kind", FIXED("RIFF\0\0\0\0WAVEVP8X\n\0\0\0\x10\0\0\0\x13\5\0\x89\2\0"), 0,
	 0},
	{"jpeg cut", FIXED("\xff\xd8\xff\xe0\0\x10JFIF"), 0, 0},
	{"jpeg with a bad length", FIXED("\xff\xd8\xff\xe0\0\1\xff\xc0\0\x0b\x08\0\1\0\1\1\1\0\0"),
	 0, 0},
	{"jpeg with fill bytes", FIXED("\xff\xd8\xff\xff\xff\xc2\0\x0b\x08\0\3\0\4\1\1\0\0"), 4, 3},
	{"jpeg with a frame too short", FIXED("\xff\xd8\xff\xc0\0\4\x08\0\3\0\4\1\1\0\0"), 0, 0},
	{"jpeg scan before frame", FIXED("\xff\xd8\xff\xda\0\2\xff\xc0\0\x0b\x08\0\1\0\1\1\1\0\0"),
	 0, 0},
	{"jpeg tables are no frame",
	 FIXED("\xff\xd8\xff\xc4\0\7\x08\0\1\0\1\xff\xc1\0\x0b\x08\0\5\0\6\1\1\0\0"), 6, 5},
	{"svg", FIXED("<svg width=\"300\" height='150'/>"), 300, 150},
	{"svg with units", FIXED("<svg width=\"72pt\" height=\"25.4mm\" xmlns=''>"), 96, 96},
	{"svg in inches", FIXED("<svg width='1in' height='2.54cm'>"), 96, 96},
	{"svg rounded", FIXED("<svg width='10.5px' height='0.2'>"), 11, 1},
	{"svg by its box",
	 FIXED("<?xml version=\"1.0\"?>\n<!-- <b> -->\n<svg\n viewBox=\"0 0 24 12\">"), 24, 12},
	{"svg box with commas", FIXED("<svg viewBox='-1.5,+2,24.0,12.4'>"), 24, 12},
	{"svg in percent", FIXED("<svg width='100%' height='100%' viewBox='0 0 24 12'>"), 24, 12},
	{"svg with one side", FIXED("<svg width='48' viewBox='0 0 24 12'>"), 48, 24},
	{"svg with the other side", FIXED("<svg height='48' viewBox='0 0 24 12'>"), 96, 48},
	{"svg with a prefix",
	 FIXED("<!DOCTYPE svg:svg [ <!ENTITY a \"b\"> ]><svg:svg width='1' height='2'>"), 1, 2},
	{"svg in em", FIXED("<svg width='2em' height='3ex'>"), 0, 0},
	{"svg without size", FIXED("<svg xmlns='http://www.w3.org/2000/svg'>"), 0, 0},
	{"svg with half a box", FIXED("<svg viewBox='0 0 24'>"), 0, 0},
	{"svg with a negative box", FIXED("<svg viewBox='0 0 -24 12'>"), 0, 0},
	{"svg with an empty box", FIXED("<svg viewBox='0 0 0 0' width='5'>"), 0, 0},
	{"svg with a huge side", FIXED("<svg width='99999999999999999999999' height='1'>"), 0, 0},
	{"svg that is cut", FIXED("<svg width='300' height='150"), 0, 0},
	{"html", FIXED("<html><svg width='300' height='150'>"), 0, 0},
};
enum { FILE_COUNT = sizeof(FILES) / sizeof(FILES[0]) };

static void expect(const char *what, struct str bytes, unsigned width, unsigned height)
{
	struct images_size size = {0, 0};
	bool found = measure(bytes, &size);

	if (found != (width > 0) || size.width != width || size.height != height)
		fail_msg("%s: %s %u x %u", what, found ? "found" : "not found", size.width,
			 size.height);
}

static void measures_files(void **state)
{
	(void)state;
	for (int i = 0; i < FILE_COUNT; i++)
		expect(FILES[i].what, FILES[i].bytes, FILES[i].width, FILES[i].height);
}

static void turns_photographs(void **state)
{
	(void)state;
	for (unsigned orientation = 0; orientation <= 9; orientation++) {
		bool turned = orientation >= 5 && orientation <= 8;
		for (int little = 0; little < 2; little++) {
			struct buf b = jpeg(orientation, little);
			expect("jpeg", buf_view(&b), turned ? 650 : 1300, turned ? 1300 : 650);
			buf_release(&b);
		}
	}
}

/* What cameras and editors put before the frame can be larger than what we
 * read of a file: it is passed over, not read. */
static void finds_a_frame_behind_megabytes(void **state)
{
	struct buf b = BUF_EMPTY;

	(void)state;
	buf_add(&b, "\xff\xd8", 2);
	jpeg_exif(&b, 6, true);
	for (int i = 0; i < 30; i++)
		jpeg_padding(&b, 0xe2, 65000);
	jpeg_frame(&b, 0xc2, 4000, 3000);
	expect("large jpeg", buf_view(&b), 3000, 4000);
	buf_release(&b);
}

static void gives_up_on_endless_headers(void **state)
{
	struct buf b = BUF_EMPTY;

	(void)state;
	buf_add(&b, "\xff\xd8", 2);
	for (int i = 0; i < 2000; i++)
		jpeg_segment(&b, 0xe2, 0);
	jpeg_frame(&b, 0xc0, 4000, 3000);
	expect("segments", buf_view(&b), 0, 0);
	buf_reset(&b);
	buf_add(&b, "\xff\xd8", 2);
	for (int i = 0; i < 200; i++)
		jpeg_padding(&b, 0xe1, 2000);
	jpeg_frame(&b, 0xc0, 4000, 3000);
	expect("read budget", buf_view(&b), 0, 0);
	buf_reset(&b);
	while (b.n < 20000)
		buf_puts(&b, "<!-- licence -->\n");
	buf_puts(&b, "<svg width='1' height='1'>");
	expect("svg far away", buf_view(&b), 0, 0);
	buf_release(&b);
}

static void measures_avif(void **state)
{
	(void)state;
	for (int turn = 0; turn < 4; turn++) {
		struct buf b = avif(1300, 650, turn);
		expect("avif", buf_view(&b), turn & 1 ? 650 : 1300, turn & 1 ? 1300 : 650);
		buf_release(&b);
	}
}

/* Every prefix, and every byte set to 0 and 255: no crash, and no size that is
 * out of bounds. */
static void survive(struct str file)
{
	struct images_size size = {1, 1};

	for (size_t n = 0; n < file.n; n++)
		measure(str_head(file, n), &size);
	char *copy = malloc(file.n + 1);
	assert_non_null(copy);
	for (size_t i = 0; i < 2 * file.n; i++) {
		memcpy(copy, file.p, file.n);
		copy[i / 2] = i % 2 ? (char)0xff : 0;
		measure((struct str){copy, file.n}, &size);
		assert_in_range(size.width, 1, 1000000);
		assert_in_range(size.height, 1, 1000000);
	}
	free(copy);
}

static void survives_damaged_files(void **state)
{
	struct buf photograph = jpeg(6, true), modern = avif(1300, 650, 1);

	(void)state;
	for (int i = 0; i < FILE_COUNT; i++)
		survive(FILES[i].bytes);
	survive(buf_view(&photograph));
	survive(buf_view(&modern));
	buf_release(&photograph);
	buf_release(&modern);
}

static void refuses_what_is_no_regular_file(void **state)
{
	struct images_size size;
	int ends[2], directory = open("/", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_false(images_measure(directory, &size));
	close(directory);
	assert_int_equal(pipe(ends), 0);
	assert_false(images_measure(ends[0], &size));
	close(ends[0]);
	close(ends[1]);
	assert_false(images_measure(-1, &size));
}

/* ---- tags ---- */

/* A site with one picture, /a.png, of 1300 x 650; counts what it is asked. */
struct site {
	int asked;
	char last[200];
};

static int open_local(void *context, struct str path)
{
	struct site *site = context;

	site->asked++;
	snprintf(site->last, sizeof(site->last), "%.*s", STR_ARG(path));
	if (!str_is(path, "/a.png") && !str_is(path, "a.png"))
		return -1;
	for (int i = 0; i < FILE_COUNT; i++)
		if (!strcmp(FILES[i].what, "png"))
			return memory_file(FILES[i].bytes);
	return -1;
}

#define LAZY " loading=\"lazy\" decoding=\"async\""
#define SIZED " width=\"1300\" height=\"650\""

/* Each stands second in its document, after "<img src=b>". */
static const struct {
	const char *tag, *out;
} TAGS[] = {
	{"<img src=\"/a.png\">", "<img src=\"/a.png\"" SIZED LAZY ">"},
	{"<img src=/a.png>", "<img src=/a.png" SIZED LAZY ">"},
	{"<img src='a.png' />", "<img src='a.png'" SIZED LAZY " />"},
	{"<img src=\"/a.png\"/>", "<img src=\"/a.png\"" SIZED LAZY "/>"},
	{"<IMG SRC=\"/a.png\" ALT=\"x > y\" >",
	 "<IMG SRC=\"/a.png\" ALT=\"x > y\"" SIZED LAZY " >"},
	{"<img src=\"/a.png?v=2#x\">", "<img src=\"/a.png?v=2#x\"" SIZED LAZY ">"},
	{"<img src=\" /a&#46;png \">", "<img src=\" /a&#46;png \"" SIZED LAZY ">"},
	{"<img src=\"/images/milano-card.jpg\" width=\"650\">",
	 "<img src=\"/images/milano-card.jpg\" width=\"650\"" LAZY ">"},
	{"<img src=\"/a.png\" width=\"650\">",
	 "<img src=\"/a.png\" width=\"650\" height=\"325\"" LAZY ">"},
	{"<img src=\"/a.png\" height=65>", "<img src=\"/a.png\" height=65 width=\"130\"" LAZY ">"},
	{"<img src=\"/a.png\" width=\"1\">",
	 "<img src=\"/a.png\" width=\"1\" height=\"1\"" LAZY ">"},
	{"<img src=\"/a.png\" width=\"650px\">",
	 "<img src=\"/a.png\" width=\"650px\" height=\"325\"" LAZY ">"},
	{"<img src=\"/a.png\" width=\"50%\">", "<img src=\"/a.png\" width=\"50%\"" LAZY ">"},
	{"<img src=\"/a.png\" width=\"\">", "<img src=\"/a.png\" width=\"\"" LAZY ">"},
	{"<img src=\"/a.png\" width=\"auto\">", "<img src=\"/a.png\" width=\"auto\"" LAZY ">"},
	{"<img src=\"/a.png\" width=99999999999>",
	 "<img src=\"/a.png\" width=99999999999" LAZY ">"},
	{"<img src=\"/a.png\" width=1 height=9>", "<img src=\"/a.png\" width=1 height=9" LAZY ">"},
	{"<img src=\"/a.png\" style=\"max-width:9em\">",
	 "<img src=\"/a.png\" style=\"max-width:9em\"" LAZY ">"},
	{"<img src=\"/a.png\" loading=eager>",
	 "<img src=\"/a.png\" loading=eager" SIZED " decoding=\"async\">"},
	{"<img src=\"/a.png\" decoding=\"sync\">",
	 "<img src=\"/a.png\" decoding=\"sync\"" SIZED " loading=\"lazy\">"},
	{"<img src=/a.png alt=>", "<img src=/a.png alt=\"\"" SIZED LAZY ">"},
	{"<img src=/a.png alt= >", "<img src=/a.png alt=\"\"" SIZED LAZY " >"},
	{"<img src=/a.png alt=\"\">", "<img src=/a.png alt=\"\"" SIZED LAZY ">"},
	{"<img alt src=/x/>", "<img alt src=/x/" LAZY ">"},
	{"<img src=https://x.org/a.png>", "<img src=https://x.org/a.png" LAZY ">"},
	{"<img src=//x.org/a.png>", "<img src=//x.org/a.png" LAZY ">"},
	{"<img src=data:image/png;base64,AA==>", "<img src=data:image/png;base64,AA==" LAZY ">"},
	{"<img src=?a.png>", "<img src=?a.png" LAZY ">"},
	{"<img>", "<img>"},
	{"<img src>", "<img src>"},
	{"<img src=\"\" alt=x>", "<img src=\"\" alt=x>"},
	{"<img data-src=/a.png>", "<img data-src=/a.png>"},
	{"<imgx src=/a.png>", "<imgx src=/a.png>"},
	{"<!-- <img src=/a.png> -->", "<!-- <img src=/a.png> -->"},
	{"<script><img src=/a.png></script>", "<script><img src=/a.png></script>"},
	{"<p>&lt;img src=/a.png></p>", "<p>&lt;img src=/a.png></p>"},
	{"<img src=/a.png", "<img src=/a.png"},
	{"<img src=\"/a.png>", "<img src=\"/a.png>"},
};

static void completes_tags(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(TAGS) / sizeof(TAGS[0]); i++) {
		struct site site = {0};
		struct images_files files = {open_local, &site};
		struct buf in = BUF_EMPTY, out = BUF_EMPTY, want = BUF_EMPTY;
		buf_printf(&in, "<img src=b>\n%s", TAGS[i].tag);
		buf_printf(&want, "<img src=b decoding=\"async\">\n%s", TAGS[i].out);
		images_apply(buf_view(&in), &files, &out);
		if (strcmp(buf_z(&out), buf_z(&want)))
			fail_msg("got  %s\n want %s", buf_z(&out), buf_z(&want));
		buf_release(&in);
		buf_release(&out);
		buf_release(&want);
	}
}

static void asks_for_paths_only(void **state)
{
	static const struct {
		const char *src, *asked; /* NULL: nothing */
	} cases[] = {
		{"/a%20b.png?x#y", "/a%20b.png"}, {"../../etc/passwd", "../../etc/passwd"},
		{"a&amp;b.png", "a&b.png"},       {"a:b.png", NULL},
		{"./a:b.png", "./a:b.png"},       {"/a:b.png", "/a:b.png"},
		{"HTTP://x/y", NULL},             {"//x/y", NULL},
		{"#x", NULL},                     {"javascript:x", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct site site = {0};
		struct images_files files = {open_local, &site};
		struct buf in = BUF_EMPTY, out = BUF_EMPTY;
		buf_printf(&in, "<img src=\"%s\">", cases[i].src);
		images_apply(buf_view(&in), &files, &out);
		assert_int_equal(site.asked, cases[i].asked != NULL);
		assert_string_equal(site.last, cases[i].asked ? cases[i].asked : "");
		buf_release(&in);
		buf_release(&out);
	}
}

static void opens_a_bounded_number_of_files(void **state)
{
	struct site site = {0};
	struct images_files files = {open_local, &site};
	struct buf in = BUF_EMPTY, out = BUF_EMPTY;

	(void)state;
	for (int i = 0; i < 3000; i++)
		buf_puts(&in, "<img src=/a.png>");
	images_apply(buf_view(&in), &files, &out);
	assert_int_equal(site.asked, 1000);
	buf_release(&in);
	buf_release(&out);
}

static void does_without_files(void **state)
{
	struct buf out = BUF_EMPTY;

	(void)state;
	images_apply(STR_LIT("<img src=/a.png><img src=/a.png>"), NULL, &out);
	assert_string_equal(buf_z(&out),
			    "<img src=/a.png decoding=\"async\"><img src=/a.png" LAZY ">");
	buf_release(&out);
}

static void apply(struct str html)
{
	struct site site = {0};
	struct images_files files = {open_local, &site};
	struct buf out = BUF_EMPTY;

	images_apply(html, &files, &out);
	assert_true(out.n >= html.n);
	buf_release(&out);
}

static void never_reads_past_the_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(TAGS) / sizeof(TAGS[0]); i++)
		guard_prefixes(str_from(TAGS[i].tag), apply);
}

static void takes_a_megabyte(void **state)
{
	(void)state;
	hostile_time("images", apply);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(measures_files),
		cmocka_unit_test(turns_photographs),
		cmocka_unit_test(finds_a_frame_behind_megabytes),
		cmocka_unit_test(gives_up_on_endless_headers),
		cmocka_unit_test(measures_avif),
		cmocka_unit_test(survives_damaged_files),
		cmocka_unit_test(refuses_what_is_no_regular_file),
		cmocka_unit_test(completes_tags),
		cmocka_unit_test(asks_for_paths_only),
		cmocka_unit_test(opens_a_bounded_number_of_files),
		cmocka_unit_test(does_without_files),
		cmocka_unit_test(never_reads_past_the_end),
		cmocka_unit_test(takes_a_megabyte),
	};

	return cmocka_run_group_tests_name("images", tests, NULL, NULL);
}
