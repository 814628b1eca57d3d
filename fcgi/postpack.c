/* postpack.c: the packed form of a post: its numbers, then its texts, each with
 * its length, in the order of the lists in post.h, behind a checksum of it all.
 *
 * The form is for one machine and one version of the program; the index says
 * which version wrote it.
 */
#include "postpack.h"

#include "hash.h"

static void pack_number(struct buf *out, int64_t n)
{
	buf_add(out, &n, sizeof(n));
}

static void pack_text(struct buf *out, struct str text)
{
	pack_number(out, (int64_t)text.n);
	buf_str(out, text);
}

static size_t pack_begin(struct buf *out)
{
	size_t at = out->n;

	pack_number(out, 0);
	return at;
}

static void pack_end(struct buf *out, size_t at)
{
	if (buf_failed(out))
		return;
	uint64_t sum = hash64(str_skip(buf_view(out), at + sizeof(uint64_t)));
	memcpy(out->p + at, &sum, sizeof(sum));
}

struct unpacker {
	struct str rest;
	bool failed;
};

static struct unpacker unpack_begin(struct str packed)
{
	uint64_t sum = 0;

	if (packed.n >= sizeof(sum))
		memcpy(&sum, packed.p, sizeof(sum));
	struct str rest = str_skip(packed, sizeof(sum));
	return (struct unpacker){rest, packed.n < sizeof(sum) || sum != hash64(rest)};
}

static int64_t unpack_number(struct unpacker *u)
{
	int64_t n = 0;

	if (u->rest.n < sizeof(n))
		u->failed = true;
	else
		memcpy(&n, u->rest.p, sizeof(n));
	u->rest = str_skip(u->rest, sizeof(n));
	return n;
}

static struct str unpack_text(struct unpacker *u)
{
	int64_t n = unpack_number(u);

	if (n < 0 || (uint64_t)n > u->rest.n) {
		u->failed = true;
		n = 0;
	}
	struct str text = str_head(u->rest, (size_t)n);
	u->rest = str_skip(u->rest, (size_t)n);
	return text;
}

#define PACK_NUMBER(name) pack_number(out, from->name);
#define PACK_TEXT(name) pack_text(out, from->name);
#define UNPACK_NUMBER(name) to->name = unpack_number(&u);
#define UNPACK_TEXT(name) to->name = unpack_text(&u);

void postpack_head(const struct post_head *from, struct buf *out)
{
	size_t at = pack_begin(out);
	POST_HEAD_NUMBERS(PACK_NUMBER)
	POST_HEAD_TEXTS(PACK_TEXT)
	pack_end(out, at);
}

void postpack_body(const struct post_body *from, struct buf *out)
{
	size_t at = pack_begin(out);
	POST_BODY_NUMBERS(PACK_NUMBER)
	POST_BODY_TEXTS(PACK_TEXT)
	pack_end(out, at);
}

int postpack_read_head(struct str packed, struct post_head *to)
{
	struct unpacker u = unpack_begin(packed);

	to->id = 0;
	POST_HEAD_NUMBERS(UNPACK_NUMBER)
	POST_HEAD_TEXTS(UNPACK_TEXT)
	return u.failed || u.rest.n ? -1 : 0;
}

int postpack_read_body(struct str packed, struct post_body *to)
{
	struct unpacker u = unpack_begin(packed);

	POST_BODY_NUMBERS(UNPACK_NUMBER)
	POST_BODY_TEXTS(UNPACK_TEXT)
	return u.failed || u.rest.n ? -1 : 0;
}
