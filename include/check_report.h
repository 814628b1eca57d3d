/* check_report.h: how a rule says what it found, and how that is read again.
 *
 * A finding is one line, "path:line:column: level: message [rule]"; columns
 * count characters.  A fact is a line that no author sees: what a child saw in
 * one post and check_site() needs in order to judge all of them together.
 */
#ifndef CARTOLINA_CHECK_REPORT_H
#define CARTOLINA_CHECK_REPORT_H

#include "post.h"

struct check_report {
	struct arena *arena; /* of messages, for a while */
	const char *path;    /* as messages show it */
	struct str source;   /* Markdown: what offsets mean */
	unsigned first_line; /* of the source, in the file */
	struct buf *out;

	/* The last position asked for: most rules go forward. */
	size_t offset;
	unsigned line, column;
};

/* Fills *report for one post; `post` and `out` are to outlive it. */
void check_report_start(struct check_report *report, struct arena *arena,
			const struct config *config, const struct post *post, struct buf *out);

/* A warning at a place of the file, or at an offset of the source. */
void check_report_warn(struct check_report *report, unsigned line, unsigned column,
		       const char *rule, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
void check_report_at(struct check_report *report, size_t offset, const char *rule,
		     const char *format, ...) __attribute__((format(printf, 4, 5)));

/* An author's words, fit for a message: one line, at most 200 bytes. */
const char *check_report_shown(struct arena *arena, struct str text);

enum check_fact_kind {
	CHECK_FACT_LINK,  /* text: path below the mount, a tab, the address as written */
	CHECK_FACT_ALIAS, /* text: the alias */
	CHECK_FACT_PLACE, /* of a key that decides on path, language or group; text: the key */
	CHECK_FACT_PROSE, /* text: the key, a tab, its text with single spaces */
};

struct check_fact {
	enum check_fact_kind kind;
	unsigned line, column;
	struct str text;
};

/* Appended to `out` as a line that check_report_read_fact() reads. */
void check_report_fact(struct check_report *report, const struct check_fact *fact);
/* The same, at an offset of the source. */
void check_report_fact_at(struct check_report *report, enum check_fact_kind kind, size_t offset,
			  struct str text);
/* True when a line is a fact. */
bool check_report_read_fact(struct str line, struct check_fact *fact);

struct check_finding {
	struct str path, level, message, rule;
	unsigned line, column;
};

/* False when a line is no finding.  The slices borrow from it. */
bool check_report_read(struct str line, struct check_finding *finding);

#endif
