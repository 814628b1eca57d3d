/* markdown_slot.c: see markdown_slot.h. */
#include "markdown_slot.h"

#include "hash.h"
#include "markdown.h"

/* An upper-case letter and lower-case ones: the nonce cannot overlap itself. */
static void make_nonce(struct str body, char nonce[MARKDOWN_NONCE_SIZE])
{
	uint64_t hash = hash64(body);

	do {
		uint64_t rest = hash;
		nonce[0] = 'Z';
		for (size_t i = 1; i < MARKDOWN_NONCE_SIZE - 1; i++, rest /= 26)
			nonce[i] = (char)('a' + rest % 26);
		nonce[MARKDOWN_NONCE_SIZE - 1] = 0;
		hash = hash64_add(hash, (struct str){nonce, MARKDOWN_NONCE_SIZE - 1});
	} while (str_find(body, nonce) < body.n);
}

void markdown_slots_init(struct markdown_slots *slots, struct arena *arena, struct str body)
{
	static const struct markdown_slot fixed[N_FIXED_SLOTS] = {
		[FIXED_EM_OPEN] = {.html = {"<em>", 4}},
		[FIXED_EM_CLOSE] = {.html = {"</em>", 5}},
		[FIXED_STRONG_OPEN] = {.html = {"<strong>", 8}},
		[FIXED_STRONG_CLOSE] = {.html = {"</strong>", 9}},
		[FIXED_DEL_OPEN] = {.html = {"<del>", 5}},
		[FIXED_DEL_CLOSE] = {.html = {"</del>", 6}},
		[FIXED_BREAK] = {.html = {"<br />", 6}, .source = {" ", 1}},
		[FIXED_NOTHING] = {.kind = SLOT_BLOCK},
	};

	*slots = (struct markdown_slots){.arena = arena};
	make_nonce(body, slots->nonce);
	for (size_t i = 0; i < N_FIXED_SLOTS; i++)
		markdown_slot_add(slots, fixed[i]);
}

size_t markdown_slot_add(struct markdown_slots *slots, struct markdown_slot slot)
{
	ARENA_ROOM(slots->arena, slots->v, slots->n, slots->capacity);
	/* Slices of NULL are no slices. */
	if (!slot.html.p)
		slot.html = STR_LIT("");
	if (!slot.source.p)
		slot.source = STR_LIT("");
	slots->v[slots->n] = slot;
	return slots->n++;
}

void markdown_slot_put(const struct markdown_slots *slots, size_t number, struct buf *out)
{
	char digits[24];
	size_t n = sizeof(digits);

	digits[--n] = 'z';
	do {
		digits[--n] = (char)('0' + number % 10);
	} while (number /= 10);
	buf_add(out, slots->nonce, MARKDOWN_NONCE_SIZE - 1);
	buf_add(out, digits + n, sizeof(digits) - n);
}

void markdown_slot_span(struct markdown_slots *slots, struct str html, struct str source,
			struct buf *out)
{
	struct markdown_slot slot = {.kind = SLOT_SPAN,
				     .html = arena_str(slots->arena, html),
				     .source = arena_str(slots->arena, source)};

	markdown_slot_put(slots, markdown_slot_add(slots, slot), out);
}

size_t markdown_slot_read(const struct markdown_slots *slots, struct str s,
			  const struct markdown_slot **slot)
{
	size_t number = 0, n = MARKDOWN_NONCE_SIZE - 1;

	if (s.n < n || memcmp(s.p, slots->nonce, n) != 0)
		return 0;
	for (; n < s.n && ascii_digit(s.p[n]) && number < slots->n; n++)
		number = number * 10 + (size_t)(s.p[n] - '0');
	if (n == s.n || s.p[n] != 'z' || number >= slots->n)
		return 0;
	*slot = &slots->v[number];
	return n + 1;
}
