/* date.h: points in time as seconds since 1970-01-01T00:00:00Z, and their
 * written forms.  The proleptic Gregorian calendar; years 0001 to 9999; no
 * leap seconds; no use of the process's time zone or locale.
 */
#ifndef CARTOLINA_DATE_H
#define CARTOLINA_DATE_H

#include "str.h"

#include <stdint.h>

struct date {
	int year, month, day; /* month 1-12, day 1-31 */
	int hour, minute, second;
	int weekday; /* 0 = Sunday */
};

/* Reads what authors write: "2020-04-28", "2020-04-28T10:30Z",
 * "2020-04-28T10:30:00.5+02:00", "2020-04-28 10:30:00 +0200",
 * "2020-04-28 10:30:00 +0200 CEST", "2020/04/28", "2020-04-28 10:30:00 UTC", and
 * the same without zone (UTC).  RFC 3339 with lower-case t and z too; fractions
 * are dropped.  -1 when it is no date, when anything stands around it (white
 * space too), when a field is out of range (February 30th, 24:00, second 60),
 * or when the moment is not in the years 0001 to 9999 of UTC. */
int date_parse(struct str text, int64_t *seconds) __attribute__((warn_unused_result));

/* All three forms of RFC 9110 §5.6.7 (IMF-fixdate, RFC 850, asctime).  The
 * two-digit year of RFC 850 is read relative to `now`.  The name of the day
 * must be one, but need not be the right one. */
int date_parse_http(struct str text, int64_t now, int64_t *seconds)
	__attribute__((warn_unused_result));

/* A time outside the years 0001 to 9999 is taken as the nearest inside; so in
 * the two date_format functions. */
struct date date_split(int64_t seconds);
int64_t date_join(const struct date *date); /* the weekday is not looked at */

enum { DATE_ISO_SIZE = 21, DATE_HTTP_SIZE = 30 };
/* "2020-04-28T00:00:00Z" */
void date_format_iso(int64_t seconds, char out[DATE_ISO_SIZE]);
/* "Tue, 28 Apr 2020 00:00:00 GMT" */
void date_format_http(int64_t seconds, char out[DATE_HTTP_SIZE]);

#endif
